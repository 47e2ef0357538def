// What is in front of the load balancer, by the kind of the edge: CloudFront and the HTTP API, the HTTP API alone, or a name alone.
import { hasCloudFront } from '../generators/schema/edge-kinds.ts'
import { HttpApi, type HttpApiOutputs } from './api/http-api.ts'
import { type BuiltEdge, buildEdge } from './build-edge.ts'
import type { Foundation } from './build-foundation.ts'
import { PrivateName } from './load-balancer/private-name.ts'
import type { PlatformSettings } from './platform-settings.ts'
import { type AwsProviders, madeBy } from './providers.ts'
import { OriginSecretValue } from './security/origin-secret-value.ts'

export interface Front {
  /** undefined: clients reach the load balancer themselves. */
  api: HttpApiOutputs | undefined
  /** undefined: there is no CloudFront. */
  edge: BuiltEdge | undefined
}

export function buildFront(settings: PlatformSettings, foundation: Foundation, providers: AwsProviders): Front {
  const { cluster, tenants = [], originSecret } = settings
  const { certificates, secrets, zoneId, loadBalancer } = foundation
  const name = (part: string): string => `${cluster.name}-${part}`
  const regional = madeBy(providers.regional, cluster)
  const api =
    certificates.api === undefined
      ? undefined
      : new HttpApi(name('http-api'), { cluster, tenants, ...foundation, certificate: certificates.api }, regional)
          .outputs
  if (api === undefined && zoneId !== undefined)
    new PrivateName(name('name'), { domain: cluster.domain, zoneId, loadBalancer }, { ...regional, protect: true })
  const edge =
    api !== undefined && hasCloudFront(cluster)
      ? buildEdge({ ...settings, apiDomain: api.domainName }, foundation, providers)
      : undefined
  new OriginSecretValue(
    name('origin-secret'),
    { secretId: secrets.originVerifyId, originSecret },
    { ...regional, ...(edge && { dependsOn: [edge.sender] }) },
  )
  return { api, edge }
}

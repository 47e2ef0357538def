// What the internet reaches: CloudFront with its web ACL, and the way of streams to the ALB.
import type * as pulumi from '@pulumi/pulumi'
import type { Foundation } from './build-foundation.ts'
import { Edge, type EdgeOutputs } from './edge/edge.ts'
import { edgeWebAcl } from './edge/plan-web-acl.ts'
import { StreamOrigin } from './edge/stream-origin.ts'
import { WebAcl, type WebAclOutputs } from './edge/web-acl.ts'
import type { PlatformSettings } from './platform-settings.ts'
import { type AwsProviders, madeBy } from './providers.ts'

export interface BuiltEdge extends EdgeOutputs {
  /** In front of CloudFront. */
  webAcl: WebAclOutputs
  /** It sends the origin secret. */
  sender: pulumi.Resource
}

export interface EdgeSettings extends PlatformSettings {
  /** Custom domain of the HTTP API. */
  apiDomain: pulumi.Input<string>
}

export function buildEdge(
  { cluster, originSecret, apiDomain }: EdgeSettings,
  { edgeEncryption, certificates, zoneId, network, loadBalancer }: Foundation,
  providers: AwsProviders,
): BuiltEdge {
  const name = (part: string): string => `${cluster.name}-${part}`
  const edge = madeBy(providers.edge, cluster)
  const regional = madeBy(providers.regional, cluster)
  const firewall = { cluster, encryption: edgeEncryption, plan: edgeWebAcl(cluster) }
  const webAcl = new WebAcl(name('edge-firewall'), firewall, edge).outputs
  const stream = cluster.edge.streamLane
    ? new StreamOrigin(name('stream-origin'), { cluster, network, loadBalancer }, regional).outputs
    : undefined
  const made = new Edge(
    name('edge'),
    {
      cluster,
      encryption: edgeEncryption,
      certificate: certificates.edge,
      webAcl,
      apiDomain,
      stream,
      originSecret,
      zoneId,
    },
    edge,
  )
  return { ...made.outputs, webAcl, sender: made }
}

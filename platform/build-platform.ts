// The whole platform of one cluster. index.ts deploys it, tests and the walk record it; the cluster file is the only thing
// that differs between clusters.
import type * as pulumi from '@pulumi/pulumi'
import type { Infra } from '../generators/schema/infra.ts'
import { HttpApi } from './api/http-api.ts'
import { buildEdge } from './build-edge.ts'
import { buildFoundation } from './build-foundation.ts'
import { buildMonitoring } from './build-monitoring.ts'
import type { PlatformSettings } from './platform-settings.ts'
import { awsProviders, madeBy } from './providers.ts'

/** Stack outputs, which `npm run platform:outputs` writes to infra.json. */
export type PlatformOutputs = {
  [Field in keyof Omit<Infra, 'status'>]: pulumi.Input<NonNullable<Infra[Field]>>
}

export function buildPlatform(settings: PlatformSettings): PlatformOutputs {
  const { cluster, tenants = [] } = settings
  const providers = awsProviders(cluster)
  const foundation = buildFoundation(settings, providers)
  const { certificates, network, kubernetes, loadBalancer, karpenter, weights } = foundation
  const api = new HttpApi(
    `${cluster.name}-http-api`,
    { cluster, tenants, ...foundation, certificate: certificates.api },
    madeBy(providers.regional, cluster),
  ).outputs
  const edge = buildEdge({ ...settings, apiDomain: api.domainName }, foundation, providers)
  buildMonitoring(settings, { foundation, api, edge }, providers)
  return {
    accountId: cluster.account,
    region: cluster.region,
    vpcId: network.vpcId,
    vpcCidr: cluster.network.vpcCidr,
    clusterName: kubernetes.name,
    clusterEndpoint: kubernetes.endpoint,
    kubernetesVersion: kubernetes.version,
    loadBalancerArn: loadBalancer.arn,
    listenerArn: loadBalancer.listenerArn,
    apiId: api.apiId,
    apiDomain: api.regionalDomain,
    distributionId: edge.distributionId,
    distributionDomain: edge.domainName,
    certificateArn: certificates.edge.arn,
    nodeInstanceProfile: karpenter.instanceProfileName,
    interruptionQueue: karpenter.queueName,
    ...(weights === undefined ? {} : { weightsBucket: weights.bucketName, s3Cidrs: network.s3Cidrs }),
  }
}

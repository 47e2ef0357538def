// The whole platform of one cluster. index.ts deploys it, tests and the walk record it; the cluster file is the only thing
// that differs between clusters.
import type * as pulumi from '@pulumi/pulumi'
import type { Infra } from '../generators/schema/infra.ts'
import { buildFoundation } from './build-foundation.ts'
import { buildFront } from './build-front.ts'
import { buildMonitoring } from './build-monitoring.ts'
import type { PlatformSettings } from './platform-settings.ts'
import { awsProviders } from './providers.ts'

/** Stack outputs, which `npm run platform:outputs` writes to infra.json. */
export type PlatformOutputs = {
  [Field in keyof Omit<Infra, 'status'>]: pulumi.Input<NonNullable<Infra[Field]>>
}

export function buildPlatform(settings: PlatformSettings): PlatformOutputs {
  const { cluster } = settings
  const providers = awsProviders(cluster)
  const foundation = buildFoundation(settings, providers)
  const { certificates, network, kubernetes, loadBalancer, karpenter, weights } = foundation
  const front = buildFront(settings, foundation, providers)
  buildMonitoring(settings, { foundation, ...front }, providers)
  const { api, edge } = front
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
    ...(api === undefined
      ? { loadBalancerDomain: loadBalancer.dnsName }
      : { apiId: api.apiId, apiDomain: api.regionalDomain }),
    ...(edge && { distributionId: edge.distributionId, distributionDomain: edge.domainName }),
    certificateArn: certificates.edge.arn,
    nodeInstanceProfile: karpenter.instanceProfileName,
    interruptionQueue: karpenter.queueName,
    ...(weights === undefined ? {} : { weightsBucket: weights.bucketName, s3Cidrs: network.s3Cidrs }),
  }
}

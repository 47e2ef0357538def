// Everything behind the edge: network, keys, EKS with what its controllers may do in AWS, the internal ALB, Argo CD.
import type { Cluster } from '../generators/schema/cluster.ts'
import { Encryption, type EncryptionOutputs } from './components/encryption.ts'
import { KubernetesCluster, type KubernetesClusterOutputs } from './components/kubernetes-cluster.ts'
import { LoadBalancer, type LoadBalancerOutputs } from './components/load-balancer.ts'
import { Network, type NetworkOutputs } from './components/network.ts'
import { type AwsProviders, edgeRegion } from './providers.ts'

/** What the components in front of the ALB build on. */
export interface Foundation {
  /** Key for logs, topics and queues in the cluster’s region. */
  encryption: EncryptionOutputs
  /** The same in us-east-1. */
  edgeEncryption: EncryptionOutputs
  network: NetworkOutputs
  kubernetes: KubernetesClusterOutputs
  loadBalancer: LoadBalancerOutputs
}

export function buildFoundation(cluster: Cluster, providers: AwsProviders): Foundation {
  const regional = { provider: providers.regional }
  const name = (part: string): string => `${cluster.name}-${part}`
  const encryption = new Encryption(name('encryption'), { cluster, region: cluster.region }, regional).outputs
  const edgeEncryption = new Encryption(
    name('edge-encryption'),
    { cluster, region: edgeRegion },
    { provider: providers.edge },
  ).outputs
  const network = new Network(name('network'), { cluster, encryption }, regional).outputs
  const kubernetes = new KubernetesCluster(name('kubernetes'), { cluster, network, encryption }, regional).outputs
  const loadBalancer = new LoadBalancer(
    name('load-balancer'),
    { cluster, network, backendSecurityGroupId: kubernetes.securityGroupId },
    regional,
  ).outputs
  return { encryption, edgeEncryption, network, kubernetes, loadBalancer }
}

// Everything behind the edge: network, keys, EKS with what its controllers may do in AWS, the internal ALB, Argo CD.
import type { Provider } from '@pulumi/aws/provider.js'
import * as route53 from '@pulumi/aws/route53/index.js'
import type * as pulumi from '@pulumi/pulumi'
import type { Cluster } from '../generators/schema/cluster.ts'
import { apiDomain } from '../generators/schema/contract.ts'
import { Certificate, type CertificateOutputs } from './components/certificate.ts'
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
  /** Of the domain and of its HTTP API. */
  certificates: { edge: CertificateOutputs; api: CertificateOutputs }
  /** Where records of the domain belong; undefined: with certificates of their own the users write them. */
  zoneId: pulumi.Output<string> | undefined
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
  const zoneId = hostedZoneId(cluster, providers.regional)
  const certificates = {
    edge: new Certificate(
      name('edge-certificate'),
      { domain: cluster.domain, zoneId, existing: cluster.edge.certificates?.edge },
      { provider: providers.edge },
    ).outputs,
    api: new Certificate(
      name('api-certificate'),
      { domain: apiDomain(cluster.domain), zoneId, existing: cluster.edge.certificates?.api },
      regional,
    ).outputs,
  }
  const network = new Network(name('network'), { cluster, encryption }, regional).outputs
  const kubernetes = new KubernetesCluster(name('kubernetes'), { cluster, network, encryption }, regional).outputs
  const loadBalancer = new LoadBalancer(
    name('load-balancer'),
    { cluster, network, backendSecurityGroupId: kubernetes.securityGroupId },
    regional,
  ).outputs
  return { encryption, edgeEncryption, certificates, zoneId, network, kubernetes, loadBalancer }
}

/** The zone is not ours to make: its name servers are entered at the registrar. */
const hostedZoneId = ({ edge }: Cluster, provider: Provider): pulumi.Output<string> | undefined =>
  edge.certificates === undefined
    ? route53.getZoneOutput({ name: edge.hostedZone, privateZone: false }, { provider }).zoneId
    : undefined

// Everything behind the edge: network, keys, EKS with what its controllers may do in AWS, the internal ALB, Argo CD.
import type { Provider } from '@pulumi/aws/provider.js'
import * as route53 from '@pulumi/aws/route53/index.js'
import type * as pulumi from '@pulumi/pulumi'
import type { Cluster } from '../generators/schema/cluster.ts'
import { apiHost, hasCloudFront, hasHttpApi } from '../generators/schema/edge-kinds.ts'
import { regionalWebAcl } from './edge/plan-regional-web-acl.ts'
import { WebAcl, type WebAclOutputs } from './edge/web-acl.ts'
import { ArgoCd } from './kubernetes/argo-cd.ts'
import { ClusterAddons } from './kubernetes/cluster-addons.ts'
import { Controllers } from './kubernetes/controllers.ts'
import { ExistingCluster } from './kubernetes/existing-cluster.ts'
import { Karpenter, type KarpenterOutputs } from './kubernetes/karpenter.ts'
import { KubernetesCluster, type KubernetesClusterOutputs } from './kubernetes/kubernetes-cluster.ts'
import { SystemNodes } from './kubernetes/system-nodes.ts'
import { LoadBalancer, type LoadBalancerOutputs } from './load-balancer/load-balancer.ts'
import { LoadBalancerLogs } from './load-balancer/load-balancer-logs.ts'
import { ExistingVpc } from './network/existing-vpc.ts'
import { Network, type NetworkOutputs } from './network/network.ts'
import type { PlatformSettings } from './platform-settings.ts'
import { type AwsProviders, edgeRegion, madeBy } from './providers.ts'
import { Certificate, type CertificateOutputs } from './security/certificate.ts'
import { Encryption, type EncryptionOutputs } from './security/encryption.ts'
import { Secrets, type SecretsOutputs } from './security/secrets.ts'
import { Weights } from './weights/weights.ts'
import type { WeightsBucketOutputs } from './weights/weights-bucket.ts'

export interface Certificates {
  /** Of the domain, where what clients reach reads it. */
  edge: CertificateOutputs
  /** Of the HTTP API’s name; undefined: there is none. */
  api: CertificateOutputs | undefined
}

/** What the components in front of the ALB build on. */
export interface Foundation {
  /** Key for logs, topics and queues in the cluster’s region. */
  encryption: EncryptionOutputs
  /** The same in us-east-1. */
  edgeEncryption: EncryptionOutputs
  certificates: Certificates
  /** Where records of the domain belong; undefined: with certificates of their own the users write them. */
  zoneId: pulumi.Output<string> | undefined
  network: NetworkOutputs
  kubernetes: KubernetesClusterOutputs
  loadBalancer: LoadBalancerOutputs
  karpenter: KarpenterOutputs
  secrets: SecretsOutputs
  /** undefined: pods fetch from the Hub. */
  weights: WeightsBucketOutputs | undefined
  /** At the ALB. */
  regionalWebAcl: WebAclOutputs
}

export function buildFoundation({ cluster }: PlatformSettings, providers: AwsProviders): Foundation {
  const regional = madeBy(providers.regional, cluster)
  const name = (part: string): string => `${cluster.name}-${part}`
  const encryption = new Encryption(name('encryption'), { cluster, region: cluster.region }, regional).outputs
  const edgeEncryption = new Encryption(
    name('edge-encryption'),
    { cluster, region: edgeRegion },
    madeBy(providers.edge, cluster),
  ).outputs
  const publicZoneId = hostedZoneId(cluster, providers.regional)
  const certificates = buildCertificates(cluster, publicZoneId, providers)
  const network = networkOf(cluster, encryption, regional)
  const kubernetes = buildKubernetes(cluster, { network, encryption }, regional)
  // The anchor Ingress attaches it by name, so it is there before Argo CD is.
  const firewall = new WebAcl(
    name('regional-firewall'),
    { cluster, encryption, plan: regionalWebAcl(cluster) },
    regional,
  )
  // AWS deletes no web ACL that is attached, and a VPC origin holds the balancer for a quarter of an hour: so the balancer goes first.
  const loadBalancer = new LoadBalancer(
    name('load-balancer'),
    {
      cluster,
      network,
      backendSecurityGroupId: kubernetes.securityGroupId,
      certificate: hasHttpApi(cluster) ? undefined : certificates.edge,
    },
    { ...regional, protect: true, dependsOn: [firewall] },
  ).outputs
  new LoadBalancerLogs(name('load-balancer-logs'), { cluster, encryption, loadBalancerArn: loadBalancer.arn }, regional)
  const secrets = new Secrets(name('secrets'), { cluster, encryption }, regional).outputs
  const weights =
    cluster.weights.source === 's3'
      ? new Weights(name('weights'), { cluster, encryption, kubernetes }, regional).outputs
      : undefined
  const karpenter = new Karpenter(name('karpenter'), { cluster, kubernetes }, regional).outputs
  new Controllers(name('pods'), { cluster, encryption, kubernetes, loadBalancer, secrets }, regional)
  return {
    encryption,
    edgeEncryption,
    certificates,
    zoneId: cluster.edge.privateZone ? privateZoneId(cluster, providers.regional) : publicZoneId,
    network,
    kubernetes,
    loadBalancer,
    karpenter,
    secrets,
    weights,
    regionalWebAcl: firewall.outputs,
  }
}

function buildCertificates(
  cluster: Cluster,
  zoneId: pulumi.Output<string> | undefined,
  providers: AwsProviders,
): Certificates {
  const regional = madeBy(providers.regional, cluster)
  const { domain, edge } = cluster
  const ofApi = (part: string, existing: string | undefined) =>
    new Certificate(`${cluster.name}-${part}`, { domain: apiHost(cluster), zoneId, existing }, regional).outputs
  if (!hasCloudFront(cluster)) {
    const certificate = ofApi('certificate', edge.certificates?.edge)
    return { edge: certificate, api: hasHttpApi(cluster) ? certificate : undefined }
  }
  return {
    edge: new Certificate(
      `${cluster.name}-edge-certificate`,
      { domain, zoneId, existing: edge.certificates?.edge },
      madeBy(providers.edge, cluster),
    ).outputs,
    api: ofApi('api-certificate', edge.certificates?.api),
  }
}

function networkOf(
  cluster: Cluster,
  encryption: EncryptionOutputs,
  regional: pulumi.ComponentResourceOptions,
): NetworkOutputs {
  const name = `${cluster.name}-network`
  const { existing } = cluster.network
  return existing === undefined
    ? new Network(name, { cluster, encryption }, regional).outputs
    : new ExistingVpc(name, { cluster, existing }, regional).outputs
}

/** In the order in which things become healthy: control plane, what nodes need, nodes, what needs nodes, Argo CD. */
function buildKubernetes(
  cluster: Cluster,
  { network, encryption }: Pick<Foundation, 'network' | 'encryption'>,
  regional: pulumi.ComponentResourceOptions,
): KubernetesClusterOutputs {
  const name = (part: string): string => `${cluster.name}-${part}`
  const { existing } = cluster.kubernetes
  if (existing !== undefined) {
    const kubernetes = new ExistingCluster(name('kubernetes'), { cluster, existing }, regional).outputs
    new ArgoCd(name('argocd'), { cluster, kubernetes }, regional)
    return kubernetes
  }
  const kubernetes = new KubernetesCluster(name('kubernetes'), { cluster, network, encryption }, regional).outputs
  const kept = { ...regional, protect: true }
  const forNodes = new ClusterAddons(name('node-addons'), { cluster, kubernetes, when: 'beforeNodes' }, kept)
  const nodes = new SystemNodes(
    name('system-nodes'),
    { cluster, network, kubernetes },
    { ...kept, dependsOn: [forNodes] },
  )
  const onNodes = new ClusterAddons(
    name('addons'),
    { cluster, kubernetes, when: 'afterNodes' },
    { ...kept, dependsOn: [nodes] },
  )
  new ArgoCd(name('argocd'), { cluster, kubernetes }, { ...regional, dependsOn: [onNodes] })
  return kubernetes
}

/** The zone is not ours to make: its name servers are entered at the registrar. */
const hostedZoneId = ({ edge }: Cluster, provider: Provider): pulumi.Output<string> | undefined =>
  edge.certificates === undefined
    ? route53.getZoneOutput({ name: edge.hostedZone, privateZone: false }, { provider }).zoneId
    : undefined

/** The one that clients inside ask; which VPCs it is for is its owner’s to say. */
const privateZoneId = ({ edge }: Cluster, provider: Provider): pulumi.Output<string> =>
  route53.getZoneOutput({ name: edge.hostedZone, privateZone: true }, { provider }).zoneId

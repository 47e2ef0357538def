// Parts of network policies that several apps share.
import type { IIoK8sApiNetworkingV1NetworkPolicyEgressRule } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicyEgressRule'
import type { IIoK8sApiNetworkingV1NetworkPolicyPeer } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicyPeer'
import type { ClusterPlan } from '../plan/cluster-plan.ts'
import { podIdentityCidr } from '../schema/contract.ts'
import { apiServerAddress } from '../schema/network.ts'

/** Kubernetes sets this label on every namespace. */
const namespaceName = 'kubernetes.io/metadata.name'

export const fromNamespace = (
  namespace: string,
  podLabels?: Record<string, string>,
): IIoK8sApiNetworkingV1NetworkPolicyPeer => ({
  namespaceSelector: { matchLabels: { [namespaceName]: namespace } },
  ...(podLabels === undefined ? {} : { podSelector: { matchLabels: podLabels } }),
})

/**
 * Pods with a label that none has. A list of rules that is left out or empty is no field of Git for Argo CD, so a rule that somebody adds by
 * hand would stay, and all be Synced; a list with this one is healed.
 */
export const nobody: IIoK8sApiNetworkingV1NetworkPolicyPeer = {
  podSelector: { matchLabels: { 'slipway.dev/nobody': 'nobody' } },
}

/** Without it every other rule is useless: names cannot be resolved. */
export const dnsEgress = (): IIoK8sApiNetworkingV1NetworkPolicyEgressRule => ({
  to: [fromNamespace('kube-system', { 'k8s-app': 'kube-dns' })],
  ports: [
    { protocol: 'UDP', port: 53 },
    { protocol: 'TCP', port: 53 },
  ],
})

/**
 * S3 by its gateway endpoint: the addresses of the region that the endpoint routes, which are public ones; and the agent of Pod Identity, which
 * hands out credentials for it on the node.
 */
export const s3Egress = (cidrs: readonly string[]): IIoK8sApiNetworkingV1NetworkPolicyEgressRule[] => [
  { to: cidrs.map((cidr) => ({ ipBlock: { cidr } })), ports: [{ protocol: 'TCP', port: 443 }] },
  podIdentityEgress(),
]

export const podIdentityEgress = (): IIoK8sApiNetworkingV1NetworkPolicyEgressRule => ({
  to: [{ ipBlock: { cidr: podIdentityCidr } }],
  ports: [{ protocol: 'TCP', port: 80 }],
})

/** The API server by its Service address and, after translation, by the subnets of its network interfaces. */
export const apiServerEgress = ({
  cluster,
  subnets,
}: Pick<ClusterPlan, 'cluster' | 'subnets'>): IIoK8sApiNetworkingV1NetworkPolicyEgressRule => ({
  to: [`${apiServerAddress(cluster)}/32`, ...subnets.controlPlane].map((cidr) => ({ ipBlock: { cidr } })),
  ports: [{ protocol: 'TCP', port: 443 }],
})

/** HTTPS to the internet, and to nothing private but `besides`: RFC 1918, carrier-grade NAT (pods of some CNIs) and link-local (metadata). */
export const internetEgress = (besides: readonly string[] = []): IIoK8sApiNetworkingV1NetworkPolicyEgressRule => ({
  to: [
    {
      ipBlock: {
        cidr: '0.0.0.0/0',
        except: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '169.254.0.0/16'],
      },
    },
    ...besides.map((cidr) => ({ ipBlock: { cidr } })),
  ],
  ports: [{ protocol: 'TCP', port: 443 }],
})

/** A Service of the cluster by its namespace and port, or the internet by the port of the address. */
export function egressTo(endpoint: string): IIoK8sApiNetworkingV1NetworkPolicyEgressRule {
  const { protocol, hostname, port } = new URL(endpoint)
  const [, namespace = ''] = hostname.split('.')
  const ports = [{ protocol: 'TCP' as const, port: Number(port || 443) }]
  return protocol === 'http:' ? { to: [fromNamespace(namespace)], ports } : { ...internetEgress(), ports }
}

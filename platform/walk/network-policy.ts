// Whether NetworkPolicies let one end reach another, as networking.k8s.io/v1 says: a pod that no policy selects for a direction
// is open in it, one that is selected is open only where some rule says so.
import type { KubernetesObject } from './declared.ts'

export interface Pod {
  namespace: string
  labels: Readonly<Record<string, string>>
}

/** A pod, or an address outside the cluster. */
export type Peer = Pod | { address: string }

interface Selector {
  matchLabels?: Record<string, string>
}

interface PeerRule {
  podSelector?: Selector
  namespaceSelector?: Selector
  ipBlock?: { cidr: string; except?: string[] }
}

interface Rule {
  ports?: { port: number; protocol?: string }[]
  from?: PeerRule[]
  to?: PeerRule[]
}

interface PolicySpec {
  podSelector: Selector
  policyTypes: string[]
  ingress?: Rule[]
  egress?: Rule[]
}

export const selects = ({ matchLabels = {} }: Selector, labels: Readonly<Record<string, string>>): boolean =>
  Object.entries(matchLabels).every(([key, value]) => labels[key] === value)

const toNumber = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)

/** An address of a client in a range: AWS keeps the first four of a subnet. */
export const firstFree = (cidr: string): string =>
  String(cidr.split('/')[0]).replace(/\d+$/, (last) => String(Number(last) + 10))

/** IPv4. */
export function inRange(address: string, cidr: string): boolean {
  const [base = '', bits = '32'] = cidr.split('/')
  const size = 2 ** (32 - Number(bits))
  return Math.floor(toNumber(address) / size) === Math.floor(toNumber(base) / size)
}

function isPeer(rule: PeerRule, peer: Peer, own: string): boolean {
  if ('address' in peer)
    return (
      rule.ipBlock !== undefined &&
      inRange(peer.address, rule.ipBlock.cidr) &&
      !(rule.ipBlock.except ?? []).some((cidr) => inRange(peer.address, cidr))
    )
  if (rule.ipBlock !== undefined) return false
  const namespace =
    rule.namespaceSelector === undefined
      ? peer.namespace === own
      : selects(rule.namespaceSelector, { 'kubernetes.io/metadata.name': peer.namespace })
  return namespace && selects(rule.podSelector ?? {}, peer.labels)
}

/** Names of the policies that open the way; undefined: closed. Empty: no policy selects the pod. */
function opens(
  policies: readonly KubernetesObject[],
  direction: 'Ingress' | 'Egress',
  pod: Pod,
  peer: Peer,
  port: number,
): string[] | undefined {
  const selecting = policies.filter(({ metadata, spec }) => {
    const { podSelector, policyTypes } = spec as unknown as PolicySpec
    return metadata.namespace === pod.namespace && policyTypes.includes(direction) && selects(podSelector, pod.labels)
  })
  if (selecting.length === 0) return []
  const [rules, peers] = direction === 'Ingress' ? (['ingress', 'from'] as const) : (['egress', 'to'] as const)
  const opening = selecting.filter(({ metadata: { namespace = '' }, spec }) =>
    ((spec as unknown as PolicySpec)[rules] ?? []).some(
      (rule) =>
        (rule.ports ?? [{ port }]).some((one) => one.port === port && (one.protocol ?? 'TCP') === 'TCP') &&
        (rule[peers] === undefined || rule[peers].some((one) => isPeer(one, peer, namespace))),
    ),
  )
  return opening.length === 0 ? undefined : opening.map(({ metadata }) => metadata.name)
}

/** Both directions over TCP: what the sender may send, and what the receiver takes. `policies` are NetworkPolicy objects. */
export function isOpen(policies: readonly KubernetesObject[], from: Peer, to: Peer, port: number): boolean {
  const out = 'address' in from ? [] : opens(policies, 'Egress', from, to, port)
  const into = 'address' in to ? [] : opens(policies, 'Ingress', to, from, port)
  return out !== undefined && into !== undefined
}

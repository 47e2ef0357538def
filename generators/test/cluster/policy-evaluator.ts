// What Kubernetes says about NetworkPolicies, as a function: both sides must allow a connection; a pod that no policy selects for a
// direction is open in that direction (kubernetes.io, Network Policies).
import { BlockList } from 'node:net'

type Labels = Record<string, string>

interface Selector {
  matchLabels?: Labels
  matchExpressions?: { key: string; operator: string; values?: string[] }[]
}

interface Peer {
  podSelector?: Selector
  namespaceSelector?: Selector
  ipBlock?: { cidr: string; except?: string[] }
}

interface Rule {
  from?: Peer[]
  to?: Peer[]
  ports?: { port?: number | string; endPort?: number; protocol?: string }[]
}

export interface Policy {
  metadata: { name: string; namespace: string }
  spec: { podSelector: Selector; policyTypes?: string[]; ingress?: Rule[]; egress?: Rule[] }
}

/** A pod, or an address that is none. */
export type Endpoint = { namespace: string; namespaceLabels: Labels; labels: Labels } | { address: string }

const isPod = (endpoint: Endpoint): endpoint is Exclude<Endpoint, { address: string }> => 'namespace' in endpoint

/** TCP; a named port is none of ours. */
export function allows(policies: readonly Policy[], from: Endpoint, to: Endpoint, port: number): boolean {
  return direction(policies, from, to, port, 'Egress') && direction(policies, to, from, port, 'Ingress')
}

function direction(
  policies: readonly Policy[],
  self: Endpoint,
  other: Endpoint,
  port: number,
  type: 'Ingress' | 'Egress',
): boolean {
  if (!isPod(self)) return true
  const own = policies.filter(
    ({ metadata, spec }) =>
      metadata.namespace === self.namespace &&
      matches(spec.podSelector, self.labels) &&
      (spec.policyTypes ?? ['Ingress', ...(spec.egress === undefined ? [] : ['Egress'])]).includes(type),
  )
  if (own.length === 0) return true
  return own.some(({ metadata, spec }) =>
    ((type === 'Ingress' ? spec.ingress : spec.egress) ?? []).some((rule) => {
      const peers = type === 'Ingress' ? rule.from : rule.to
      const peer =
        peers === undefined || peers.length === 0 || peers.some((one) => matchesPeer(one, other, metadata.namespace))
      return peer && (rule.ports === undefined || rule.ports.some((one) => matchesPort(one, port)))
    }),
  )
}

function matchesPort({ port, endPort, protocol = 'TCP' }: NonNullable<Rule['ports']>[number], wanted: number): boolean {
  if (protocol !== 'TCP') return false
  return (
    port === undefined ||
    port === wanted ||
    (typeof port === 'number' && endPort !== undefined && wanted >= port && wanted <= endPort)
  )
}

function matchesPeer({ podSelector, namespaceSelector, ipBlock }: Peer, other: Endpoint, namespace: string): boolean {
  if (ipBlock !== undefined)
    return (
      !isPod(other) &&
      inRange(ipBlock.cidr, other.address) &&
      !(ipBlock.except ?? []).some((range) => inRange(range, other.address))
    )
  if (!isPod(other)) return false
  const place =
    namespaceSelector === undefined ? other.namespace === namespace : matches(namespaceSelector, other.namespaceLabels)
  return place && (podSelector === undefined || matches(podSelector, other.labels))
}

function inRange(cidr: string, address: string): boolean {
  const [base = '', bits = '32'] = cidr.split('/')
  const list = new BlockList()
  list.addSubnet(base, Number(bits), 'ipv4')
  return list.check(address, 'ipv4')
}

const matches = ({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Labels): boolean =>
  Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
  matchExpressions.every(({ key, operator, values = [] }) => {
    const value = labels[key]
    if (operator === 'In') return value !== undefined && values.includes(value)
    if (operator === 'NotIn') return value === undefined || !values.includes(value)
    return operator === 'Exists' ? value !== undefined : value === undefined
  })

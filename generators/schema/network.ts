// Plans the VPC's subnets from its CIDR: platform makes them, network policies name them. Pure arithmetic, no AWS ids.
import type { Cluster } from './cluster.ts'
import { defaultServiceCidr } from './cluster-kubernetes.ts'
import type { SubnetRole } from './cluster-network.ts'

export interface SubnetPlan {
  /** One of each per availability zone, in zone order; IPv4 CIDRs. */
  public: string[]
  private: string[]
  loadBalancer: string[]
  controlPlane: string[]
}

const toNumber = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0)

const toAddress = (value: number): string =>
  [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.')

/** First and one past the last address of a range, as numbers; undefined when it is not one (300.0.0.0/8, 10.0.0.0/40). */
export function addressRange(cidr: string): { start: number; end: number; aligned: string } | undefined {
  const [address = '', prefixText = ''] = cidr.split('/')
  const prefix = Number(prefixText)
  if (prefix > 32 || address.split('.').some((part) => Number(part) > 255)) return undefined
  const size = 2 ** (32 - prefix)
  const start = Math.floor(toNumber(address) / size) * size
  return { start, end: start + size, aligned: `${toAddress(start)}/${prefix}` }
}

/** Addresses of Services; the platform program fixes the range of a cluster that it makes. */
export const serviceRange = ({ kubernetes: { existing } }: Pick<Cluster, 'kubernetes'>): string =>
  existing?.serviceCidr ?? defaultServiceCidr

/** Kubernetes gives its API server the first address of the range. */
export const apiServerAddress = (cluster: Pick<Cluster, 'kubernetes'>): string =>
  toAddress((addressRange(serviceRange(cluster))?.start ?? 0) + 1)

/** False as well when one of them is no range. */
export function overlap(one: string, other: string): boolean {
  const [a, b] = [addressRange(one), addressRange(other)]
  return a !== undefined && b !== undefined && a.start < b.end && b.start < a.end
}

/** Ranges that the internet does not route, and people use inside. */
export const privateRanges = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'] as const

export function isPrivate(cidr: string): boolean {
  const inner = addressRange(cidr)
  return privateRanges
    .map(addressRange)
    .some((outer) => outer && inner && outer.start <= inner.start && inner.end <= outer.end)
}

/** Of a VPC that is there already the ranges that the cluster file names; it has no public ones of ours. */
export function subnetsOf({ network: { vpcCidr, zoneIds, existing } }: Pick<Cluster, 'network'>): SubnetPlan {
  if (existing === undefined) return planSubnets(vpcCidr, zoneIds.length)
  const ranges = (role: SubnetRole) => existing.subnets[role].map(({ cidr }) => cidr)
  return {
    public: [],
    private: ranges('private'),
    loadBalancer: ranges('loadBalancer'),
    controlPlane: ranges('controlPlane'),
  }
}

/**
 * Splits a VPC of prefix length /16 to /20 over 2 or 3 zones. The lower half holds the private subnets (nodes and pods),
 * the upper half the small ones; every block is a power of two, so no two overlap.
 *
 * For /16: private /18 (16,384 addresses) at the start, then public /22, load balancer /24 and control plane /28 per zone.
 * A load balancer subnet needs 8 free addresses and a control-plane subnet 6 (AWS), hence /24 and /28.
 */
export function planSubnets(vpcCidr: string, zones: number): SubnetPlan {
  const [base = '', prefixText = ''] = vpcCidr.split('/')
  const prefix = Number(prefixText)
  const size = 2 ** (32 - prefix)
  const start = Math.floor(toNumber(base) / size) * size
  const privateSize = size / 4
  const publicSize = size / 64
  const loadBalancerSize = Math.max(size / 256, 16)
  const controlPlaneSize = 16
  const upper = start + privateSize * 3
  const loadBalancerStart = upper + publicSize * 4
  const controlPlaneStart = loadBalancerStart + loadBalancerSize * 4
  const blocks = (from: number, step: number) =>
    Array.from({ length: zones }, (_, zone) => `${toAddress(from + zone * step)}/${32 - Math.log2(step)}`)
  return {
    private: blocks(start, privateSize),
    public: blocks(upper, publicSize),
    loadBalancer: blocks(loadBalancerStart, loadBalancerSize),
    controlPlane: blocks(controlPlaneStart, controlPlaneSize),
  }
}

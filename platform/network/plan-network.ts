// Plans the VPC's subnets: zone, range, tags and route of each. Pure; the ranges are those that network policies name.
import type { Cluster } from '../../generators/schema/cluster.ts'
import { karpenterDiscoveryTag } from '../../generators/schema/contract.ts'
import { environments } from '../../generators/schema/environments.ts'
import { planSubnets } from '../../generators/schema/network.ts'

export type SubnetKind = 'public' | 'private' | 'loadBalancer' | 'controlPlane'

export interface PlannedSubnet {
  kind: SubnetKind
  /** Part of the resource's name: `private-use1-az1`. */
  name: string
  zoneId: string
  cidr: string
  tags: Record<string, string>
}

export interface NetworkPlan {
  subnets: PlannedSubnet[]
  /** For each zone the zone whose NAT gateway its nodes use. */
  natZoneOf: Record<string, string>
}

/** Pods and nodes reach the internet through NAT; the ALB and the control plane’s interfaces have no way out at all. */
export const routeOf: Record<SubnetKind, 'internet' | 'nat' | 'none'> = {
  public: 'internet',
  private: 'nat',
  loadBalancer: 'none',
  controlPlane: 'none',
}

const kindNames: Record<SubnetKind, string> = {
  public: 'public',
  private: 'private',
  loadBalancer: 'load-balancer',
  controlPlane: 'control-plane',
}

/** Tags by which controllers find subnets; Karpenter starts nodes in private ones, the ALB is in its own. */
const kindTags = (kind: SubnetKind, cluster: string): Record<string, string> => {
  if (kind === 'private') return { [karpenterDiscoveryTag]: cluster }
  // Only these carry it, so the controller can never move the ALB among the nodes.
  if (kind === 'loadBalancer') return { 'kubernetes.io/role/internal-elb': '1' }
  return {}
}

export function planNetwork(cluster: Cluster): NetworkPlan {
  const { vpcCidr, zoneIds } = cluster.network
  const ranges = planSubnets(vpcCidr, zoneIds.length)
  const kinds = Object.keys(kindNames) as SubnetKind[]
  const subnets = kinds.flatMap((kind) =>
    zoneIds.map((zoneId, index): PlannedSubnet => {
      const name = `${kindNames[kind]}-${zoneId}`
      const tags = { Name: `${cluster.name}-${name}`, ...kindTags(kind, cluster.name) }
      return { kind, name, zoneId, cidr: ranges[kind][index] ?? '', tags }
    }),
  )
  const { natPerZone } = environments[cluster.environment]
  const natZoneOf = Object.fromEntries(zoneIds.map((zoneId) => [zoneId, natPerZone ? zoneId : (zoneIds[0] ?? zoneId)]))
  return { subnets, natZoneOf }
}

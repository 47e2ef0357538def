// Plans the VPC's subnets: zone, range, tags and route of each. Pure; the ranges are those that network policies name.
import type { Cluster } from '../generators/schema/cluster.ts'
import { karpenterDiscoveryTag } from '../generators/schema/contract.ts'
import { environments } from '../generators/schema/environments.ts'
import { planSubnets } from '../generators/schema/network.ts'

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
  /** Zones with a NAT gateway of their own; the others use the first. */
  natZoneIds: string[]
}

const kindNames: Record<SubnetKind, string> = {
  public: 'public',
  private: 'private',
  loadBalancer: 'load-balancer',
  controlPlane: 'control-plane',
}

/** Tags by which controllers find subnets; Karpenter starts nodes in private ones, the ALB stands in its own. */
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
  return { subnets, natZoneIds: natPerZone ? zoneIds : zoneIds.slice(0, 1) }
}

// Rules about a VPC that is there already: a subnet of each role in each zone, each once, and none inside another.
import type { SourceFile } from '../load/source-file.ts'
import type { Cluster } from '../schema/cluster.ts'
import type { ExistingNetwork, SubnetRole } from '../schema/cluster-network.ts'
import { addressRange, overlap, serviceRange } from '../schema/network.ts'
import type { Findings } from './findings.ts'

interface Named {
  id: string
  cidr: string
  pointer: (string | number)[]
}

const place = ['network', 'existing']

const all = ({ subnets }: ExistingNetwork): Named[] =>
  (Object.keys(subnets) as SubnetRole[]).flatMap((role) =>
    subnets[role].map((subnet, index) => ({ ...subnet, pointer: [...place, 'subnets', role, index] })),
  )

export function checkExistingNetwork(cluster: Cluster, file: SourceFile, findings: Findings): void {
  const { existing } = cluster.network
  if (existing === undefined) return
  checkSubnetsOfZones(existing, file, findings)
  const ranges = all(existing).filter(({ cidr, pointer }) => {
    const aligned = addressRange(cidr)?.aligned
    if (aligned === cidr) return true
    const hint = aligned === undefined ? 'four numbers up to 255, then /0 to /32' : `did you mean ${aligned}?`
    findings.add('CIDR_INVALID', file.position([...pointer, 'cidr']), `${cidr} is not the beginning of a range`, hint)
    return false
  })
  const services = { id: 'the addresses of Kubernetes Services', cidr: serviceRange(cluster) }
  for (const [index, { id, cidr, pointer }] of ranges.entries()) {
    const before = ranges.slice(0, index)
    const message = `${id} is named twice: a network policy that lets one role in would let the other in`
    if (before.some((one) => one.id === id))
      findings.add(
        'NETWORK_SUBNETS',
        file.position([...pointer, 'id']),
        message,
        'a subnet of its own for each role and zone',
      )
    else checkOverlap({ id, cidr, pointer }, [services, ...before], file, findings)
  }
}

function checkOverlap(
  { cidr, pointer }: Named,
  others: readonly Omit<Named, 'pointer'>[],
  file: SourceFile,
  findings: Findings,
): void {
  const clash = others.find((one) => overlap(one.cidr, cidr))
  if (clash === undefined) return
  const message = `${cidr} overlaps ${clash.id}, ${clash.cidr}`
  const hint = 'subnets of one VPC never overlap: copy their ranges from `aws ec2 describe-subnets`'
  findings.add('CIDR_OVERLAP', file.position([...pointer, 'cidr']), message, hint)
}

/** What would be ignored, or has no meaning, beside a VPC that is there. */
function checkSubnetsOfZones({ subnets, cidr }: ExistingNetwork, file: SourceFile, findings: Findings): void {
  const { network = {} } = file.value as { network?: { zoneIds?: string[]; zones?: number; vpcCidr?: string } }
  for (const field of ['vpcCidr', 'zones'] as const)
    if (network[field] !== undefined) {
      const message = `the VPC is there already, with the range ${cidr} and the zones of network.zoneIds`
      findings.add('NETWORK_SUBNETS', file.position(['network', field], 'key'), message, 'leave it out')
    }
  if (network.zoneIds === undefined) {
    const message = 'nothing says in which zones the subnets are'
    const hint = 'write network.zoneIds: the zone id of each subnet of a role, in that order'
    findings.add('NETWORK_SUBNETS', file.position(place, 'key'), message, hint)
    return
  }
  for (const role of Object.keys(subnets) as SubnetRole[]) {
    const { length } = subnets[role]
    if (length === network.zoneIds.length) continue
    const message = `${length} subnets for ${network.zoneIds.length} zones`
    const hint = `one in each of ${network.zoneIds.join(', ')}, in that order`
    findings.add('NETWORK_SUBNETS', file.position([...place, 'subnets', role], 'key'), message, hint)
  }
}

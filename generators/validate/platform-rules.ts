// Rules about what the platform program makes of a cluster file: names, regions, zones, address ranges. They run
// in synth and again before Pulumi plans anything; AWS would say the same half an hour later, and less clearly.
import { didYouMean } from '../diagnostics/nearest.ts'
import type { SourceFile } from '../load/source-file.ts'
import { type AcceleratorKind, accelerators } from '../schema/accelerators.ts'
import type { Cluster } from '../schema/cluster.ts'
import { environments } from '../schema/environments.ts'
import { namePattern, weekdays } from '../schema/fields.ts'
import { addressRange, overlap, privateRanges, serviceRange } from '../schema/network.ts'
import { type Region, regions } from '../schema/regions.ts'
import { checkCompany } from './company-rules.ts'
import { checkEdgeKind } from './edge-kind-rules.ts'
import { checkEdge } from './edge-rules.ts'
import type { Findings } from './findings.ts'
import { checkRepository } from './git-rules.ts'
import { checkIssuer } from './issuer-rules.ts'
import { checkKubernetes } from './kubernetes-rules.ts'
import { checkAddressLimits } from './limit-rules.ts'
import { checkExistingNetwork } from './network-rules.ts'
import { checkPrivateIssuer } from './private-issuer-rules.ts'
import { checkWatching } from './watch-rules.ts'

/** The longest name of ours is an IAM role, CLUSTER-addons-aws-ebs-csi-driver-role-1234567, of which AWS takes 64 characters. */
const longestName = 24

export function checkPlatform(cluster: Cluster, file: SourceFile, findings: Findings): void {
  checkName(cluster, file, findings)
  const region = regions[cluster.region]
  if (region === undefined) addUnknownRegion(cluster, file, findings)
  else {
    checkZones(cluster, region, file, findings)
    checkAccelerators(cluster, region, file, findings)
  }
  checkRanges(cluster, file, findings)
  checkExistingNetwork(cluster, file, findings)
  checkKubernetes(cluster, file, findings)
  checkCompany(cluster, file, findings)
  checkRepository(cluster, file, findings)
  checkAccess(cluster, file, findings)
  checkQuietHours(cluster, file, findings)
  checkEdgeKind(cluster, file, findings)
  checkEdge(cluster, file, findings)
  checkIssuer(cluster, file, findings)
  checkPrivateIssuer(cluster, file, findings)
  checkAddressLimits(cluster, file, findings)
  checkWatching(cluster, file, findings)
}

function checkName({ name }: Cluster, file: SourceFile, findings: Findings): void {
  if (new RegExp(namePattern).test(name) && /^[a-z]/.test(name) && name.length <= longestName) return
  findings.add(
    'CLUSTER_NAME',
    file.position([]),
    `the folder is called ${name} (${name.length} characters)`,
    `rename it: a letter, then letters, digits and dashes, at most ${longestName} characters`,
  )
}

function addUnknownRegion({ region }: Cluster, file: SourceFile, findings: Findings): void {
  const known = Object.keys(regions)
  const hint = `${didYouMean(region, known)}known: ${known.join(', ')}; others need a row in generators/schema/regions.ts`
  findings.add('REGION_UNKNOWN', file.position(['region']), `nothing is known about the region ${region}`, hint)
}

function checkZones(
  { environment, region: name }: Cluster,
  region: Region,
  file: SourceFile,
  findings: Findings,
): void {
  const allowed = `zones of ${name} with VPC links: ${region.zoneIds.join(', ')}`
  const { zones, zoneIds } = (file.value as { network?: { zones?: number; zoneIds?: string[] } }).network ?? {}
  for (const [index, zoneId] of (zoneIds ?? []).entries()) {
    if (region.zoneIds.includes(zoneId)) continue
    const message = `no VPC link can be in ${zoneId}, so the HTTP API would not reach the load balancer there`
    findings.add('ZONE_UNSUPPORTED', file.position(['network', 'zoneIds', index]), message, allowed)
  }
  const asked = zones ?? environments[environment].zones
  if (zoneIds !== undefined || region.zoneIds.length >= asked) return
  findings.add(
    'ZONE_UNSUPPORTED',
    file.position(zones === undefined ? ['environment'] : ['network', 'zones']),
    `${asked} zones are asked for, ${name} has ${region.zoneIds.length} with VPC links`,
    `write network.zones: ${region.zoneIds.length}; ${allowed}`,
  )
}

function checkAccelerators(cluster: Cluster, region: Region, file: SourceFile, findings: Findings): void {
  for (const kind of Object.keys(cluster.gpu.maxGpus) as AcceleratorKind[]) {
    if (region.accelerators.includes(kind)) continue
    const type = accelerators[kind].instances[0]?.type
    const elsewhere = Object.keys(regions).filter((name) => regions[name]?.accelerators.includes(kind))
    findings.add(
      'REGION_ACCELERATOR',
      file.position(['gpu', 'maxGpus', kind], 'key'),
      `no ${accelerators[kind].name} (${type}) was seen in ${cluster.region}`,
      `there: ${region.accelerators.join(', ')}; ${kind} is in ${elsewhere.join(', ')}. If \`aws ec2 describe-instance-type-offerings --region ${cluster.region}\` lists ${type}, add it to generators/schema/regions.ts`,
    )
  }
}

function checkRanges({ network, kubernetes, kubernetesApi }: Cluster, file: SourceFile, findings: Findings): void {
  const ranges: [string, (string | number)[]][] = [
    [network.vpcCidr, network.existing === undefined ? ['network', 'vpcCidr'] : ['network', 'existing', 'cidr']],
    ...network.reservedCidrs.map((cidr, index): [string, (string | number)[]] => [
      cidr,
      ['network', 'reservedCidrs', index],
    ]),
    ...kubernetesApi.publicCidrs.map((cidr, index): [string, (string | number)[]] => [
      cidr,
      ['kubernetesApi', 'publicCidrs', index],
    ]),
  ]
  for (const [cidr, pointer] of ranges) {
    const aligned = addressRange(cidr)?.aligned
    if (aligned === cidr) continue
    const hint = aligned === undefined ? 'four numbers up to 255, then /0 to /32' : `did you mean ${aligned}?`
    findings.add('CIDR_INVALID', file.position(pointer), `${cidr} is not the beginning of a range`, hint)
  }
  for (const [index, reserved] of network.reservedCidrs.entries()) {
    const clash = [
      { owner: 'network.vpcCidr', cidr: network.vpcCidr },
      { owner: 'the addresses of Kubernetes Services', cidr: serviceRange({ kubernetes }) },
    ].find(({ cidr }) => overlap(cidr, reserved))
    if (clash === undefined) continue
    findings.add(
      'CIDR_OVERLAP',
      file.position(['network', 'reservedCidrs', index]),
      `${reserved} overlaps ${clash.owner}, ${clash.cidr}`,
      freeVpc(network.vpcCidr, network.reservedCidrs),
    )
  }
}

/** The first range of the same size in 10.0.0.0/8 that overlaps nothing. */
function freeVpc(vpcCidr: string, reserved: readonly string[]): string {
  const prefix = vpcCidr.split('/')[1]
  const candidates = Array.from({ length: 256 }, (_, second) => `10.${second}.0.0/${prefix}`)
  const free = candidates.find((candidate) => !reserved.some((cidr) => overlap(candidate, cidr)))
  return free === undefined
    ? 'routes between them would be ambiguous; nothing of that size is free in 10.0.0.0/8'
    : `routes between them would be ambiguous; network.vpcCidr: ${free} is free`
}

/** Ranges that no packet from the internet comes from; EKS refuses them (RFC 1918, 6598, 3927, 1122). */
const notPublic = [...privateRanges, '169.254.0.0/16', '127.0.0.0/8']

function checkAccess({ kubernetesApi }: Cluster, file: SourceFile, findings: Findings): void {
  for (const [index, role] of kubernetesApi.viewRoles.entries()) {
    if (!kubernetesApi.adminRoles.includes(role)) continue
    const hint = 'EKS takes one entry for a role: take it out of one of the lists'
    findings.add(
      'ROLE_TWICE',
      file.position(['kubernetesApi', 'viewRoles', index]),
      `${role} administers the cluster`,
      hint,
    )
  }
  for (const [index, cidr] of kubernetesApi.publicCidrs.entries()) {
    const pointer = ['kubernetesApi', 'publicCidrs', index]
    const inside = notPublic.find((range) => overlap(range, cidr))
    if (Number(cidr.split('/')[1]) < 16) {
      findings.add(
        'KUBERNETES_API_OPEN',
        file.position(pointer),
        `${cidr} is more than anybody’s own network`,
        'name the ranges of your runners and offices, /16 or smaller; or leave the list out and run Pulumi inside the VPC',
      )
    } else if (inside !== undefined) {
      findings.add(
        'CIDR_NOT_PUBLIC',
        file.position(pointer),
        `${cidr} is in ${inside}: nobody comes from there through the internet`,
        'write the public address that your runners have outside; from inside the VPC the API is open without being listed',
      )
    }
  }
}

const weekHours = 7 * 24

function checkQuietHours({ nodes }: Cluster, file: SourceFile, findings: Findings): void {
  const quiet = new Set(
    nodes.quietHours.flatMap(({ days, from, hours }) => {
      const [hour = 0, minute = 0] = from.split(':').map(Number)
      return days.flatMap((day) =>
        Array.from({ length: hours * 60 }, (_, passed) => {
          const start = (weekdays.indexOf(day) * 24 + hour) * 60 + minute
          return (start + passed) % (weekHours * 60)
        }),
      )
    }),
  )
  if (quiet.size < weekHours * 60) return
  findings.add(
    'NODES_ALWAYS_QUIET',
    file.position(['nodes', 'quietHours']),
    'quiet hours fill the whole week, so no outdated node is ever replaced',
    'leave some hours free, better some each day',
  )
}

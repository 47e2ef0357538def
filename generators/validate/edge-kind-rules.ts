// Rules about the kind of an edge: fields about parts that it does not have, and ranges of clients that reach it themselves.
import type { Pointer, SourceFile } from '../load/source-file.ts'
import type { Cluster, ClusterFile } from '../schema/cluster.ts'
import type { EdgeKind } from '../schema/edge-kinds.ts'
import { addressRange, isPrivate, privateRanges } from '../schema/network.ts'
import type { Findings } from './findings.ts'

const onlyCloudFront = ['cloudfront'] as const

/** Fields that mean something with these kinds alone, and why. */
const partOf: readonly {
  pointer: Pointer
  kinds: readonly EdgeKind[]
  because: string
}[] = [
  { pointer: ['edge', 'geo'], kinds: onlyCloudFront, because: 'CloudFront alone asks for countries' },
  { pointer: ['edge', 'mutualTls'], kinds: onlyCloudFront, because: 'it is the certificate of CloudFront' },
  { pointer: ['edge', 'certificates', 'api'], kinds: onlyCloudFront, because: 'there is no api.DOMAIN' },
  {
    pointer: ['edge', 'streamLane'],
    kinds: onlyCloudFront,
    because: 'it is a lane of CloudFront: the HTTP API gathers every answer, the load balancer passes every stream on',
  },
  {
    pointer: ['edge', 'rateLimit'],
    kinds: ['cloudfront', 'none'],
    because: 'behind the HTTP API the firewall sees the address of the VPC link alone',
  },
  {
    pointer: ['edge', 'abuseLimit'],
    kinds: ['cloudfront', 'none'],
    because: 'behind the HTTP API the firewall sees the address of the VPC link alone',
  },
  { pointer: ['edge', 'clientCidrs'], kinds: ['none'], because: 'clients come in from the internet' },
  { pointer: ['edge', 'privateZone'], kinds: ['none'], because: 'clients find the name in the internet' },
  { pointer: ['monitoring', 'canary'], kinds: ['cloudfront', 'api'], because: 'EventBridge asks from the internet' },
]

export function checkEdgeKind(cluster: Cluster, file: SourceFile, findings: Findings): void {
  const { kind, certificates } = cluster.edge
  for (const { pointer, kinds, because } of partOf) {
    if (kinds.includes(kind) || !isWritten(file.value as ClusterFile, pointer)) continue
    findings.add(
      'EDGE_KIND',
      file.position(pointer, 'key'),
      `${pointer.join('.')} means nothing with edge.kind ${kind}: ${because}`,
      `leave ${pointer.at(-1)} out, or edge.kind: ${kinds.join(' or ')}`,
    )
  }
  if (kind === 'cloudfront' && certificates !== undefined && certificates.api === undefined)
    findings.add(
      'EDGE_KIND',
      file.position(['edge', 'certificates'], 'key'),
      'CloudFront reaches the HTTP API at api.DOMAIN, and edge.certificates names no certificate of it',
      'write api: ARN of one in the cluster’s region',
    )
  if (kind === 'none') checkClients(cluster, file, findings)
}

const isWritten = (value: unknown, pointer: Pointer): boolean =>
  pointer.reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value) !== undefined

function checkClients({ edge }: Cluster, file: SourceFile, findings: Findings): void {
  const { clientCidrs } = (file.value as ClusterFile).edge ?? {}
  if (clientCidrs === undefined) return
  for (const [index, cidr] of edge.clientCidrs.entries()) {
    const pointer = ['edge', 'clientCidrs', index]
    const aligned = addressRange(cidr)?.aligned
    if (aligned !== cidr) {
      const hint = aligned === undefined ? 'four numbers up to 255, then /0 to /32' : `did you mean ${aligned}?`
      findings.add('CIDR_INVALID', file.position(pointer), `${cidr} is not the beginning of a range`, hint)
    } else if (!isPrivate(cidr))
      findings.add(
        'CIDR_NOT_PRIVATE',
        file.position(pointer),
        `${cidr} is not in a private range, and the load balancer has private addresses alone`,
        `write the addresses that clients have inside, in ${privateRanges.join(', ')}`,
      )
  }
}

// What another kind of an edge does: the parts that clients reach go, and others come under the same name.
import type { EdgeKind } from '../../schema/edge-kinds.ts'
import type { Verdict } from './row.ts'

const leaves: Record<EdgeKind, string> = {
  cloudfront: 'CloudFront with its firewall and its stream lane',
  api: 'the HTTP API',
  none: 'the load balancer’s own listener',
}

const then: Record<EdgeKind, string> = {
  cloudfront: 'Everybody in the internet may ask, through CloudFront and its firewall.',
  api: 'Everybody in the internet may ask the HTTP API, with no limits of an address; no answer streams, none takes longer than 30 s, and API keys get 401.',
  none: 'Networks of `edge.clientCidrs` alone reach it; from the internet nobody does.',
}

export function judgeEdge(before: unknown, after: unknown): Verdict {
  const [old, fresh] = [before, after] as [EdgeKind, EdgeKind]
  return [
    'caution',
    ` ${old} → ${fresh}: ${leaves[old]} goes, and the name leads elsewhere. One \`up\` cannot do it, and nobody is answered meanwhile: docs/bring-your-own.md says how. ${then[fresh]}`,
  ]
}

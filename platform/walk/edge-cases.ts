// What differs between the requests of a walk by the kind of the edge: those that cannot be, those that end elsewhere, those of its own.
import type { Cluster } from '../../generators/schema/cluster.ts'
import type { EdgeKind } from '../../generators/schema/edge-kinds.ts'
import type { Case } from './cases.ts'
import { firstFree } from './network-policy.ts'
import type { WalkRequest } from './request.ts'

/** Somebody in the internet. */
export const outsider: WalkRequest['from'] = { address: '198.51.100.7', country: 'DE', earlier: 0 }

/** Somebody that may connect. */
export const clientOf = ({ edge }: Cluster): WalkRequest['from'] =>
  edge.kind === 'none' ? { ...outsider, address: firstFree(edge.clientCidrs[0] ?? '') } : outsider

interface Difference {
  /** Why there is no such case. */
  absent?: string
  expected?: Case['expected']
}

const noCloudFront = { absent: 'there is no CloudFront' }
const gathered = { absent: 'the HTTP API gathers every answer: nothing streams' }
const unseenAddress = { absent: 'the firewall at the load balancer sees the address of the VPC link alone' }
const noHttpApi = { absent: 'there is no HTTP API' }
const answered = { status: 200, by: 'gateway' }

const differences: Record<EdgeKind, Readonly<Record<string, Difference>>> = {
  cloudfront: {},
  api: {
    'streamed-chat': gathered,
    'no-token-stream': gathered,
    'stranger-stream': gathered,
    'elliptic-stream': gathered,
    'api-key-stream': gathered,
    'forged-identity-stream': gathered,
    'slow-stream-lane': gathered,
    'upload-stream-lane': gathered,
    'preflight-stream': gathered,
    'rate-limit': unseenAddress,
    'tenant-rate': unseenAddress,
    'tenant-rate-key': unseenAddress,
    'abuse-limit': unseenAddress,
    'get-with-body': noCloudFront,
    'api-domain': noCloudFront,
    country: noCloudFront,
  },
  none: {
    canary: { absent: 'EventBridge asks from the internet' },
    'get-with-body': noCloudFront,
    country: noCloudFront,
    'api-domain': noHttpApi,
    'execute-api': noHttpApi,
    'api-key': { expected: answered },
    slow: { expected: answered },
    upload: { expected: { status: 413, by: 'gateway' } },
    preflight: { expected: { status: 204, by: 'gateway' } },
  },
}

/** Requests that only this kind has. `chat`: a question that is answered; `slow`: one that is late. */
const ownCases: Record<EdgeKind, (chat: WalkRequest, slow: WalkRequest) => Case[]> = {
  cloudfront: () => [],
  api: (chat, slow) => [
    {
      name: 'gathered-stream',
      sentence: 'a question that wants a stream: its answer comes whole, when it is complete',
      request: { ...chat, body: JSON.stringify({ ...(JSON.parse(chat.body ?? '{}') as object), stream: true }) },
      expected: answered,
    },
    {
      name: 'slow-stream-path',
      sentence: `an answer that takes ${slow.modelSeconds} s, under the path of the stream lane`,
      request: { ...slow, path: `/stream${slow.path}` },
      expected: { status: 504, by: 'gateway' },
    },
  ],
  none: (chat) => [
    {
      name: 'outside',
      sentence: 'from the internet, where the name leads to private addresses',
      request: { ...chat, from: outsider },
      expected: { status: 0, by: 'network' },
    },
    {
      name: 'plain-http',
      sentence: 'without TLS',
      request: { ...chat, plainHttp: true },
      expected: { status: 0, by: 'network' },
    },
  ],
}

/** The cases of an edge of this kind, of all that there can be: with CloudFront they are as given. */
export function forEdge({ edge: { kind } }: Cluster, all: readonly Case[]): Case[] {
  const request = (name: string): WalkRequest => {
    const found = all.find((one) => one.name === name)
    if (found === undefined) throw new Error(`no case ${name}`)
    return found.request
  }
  const cases = all.map(({ absent: before, ...one }): Case => {
    const { absent, expected = one.expected } = differences[kind][one.name] ?? {}
    // A lane that is switched off is a reason with CloudFront alone.
    const why = kind === 'cloudfront' ? before : absent
    return { ...one, expected, ...(why !== undefined && { absent: why }) }
  })
  return [...cases, ...ownCases[kind](request('chat'), request('slow'))]
}

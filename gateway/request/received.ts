// One reading of a request's head: all that any part of the gateway takes from path and headers, read once.
import type { IncomingMessage } from 'node:http'
import { credentialsIn } from '../auth/authorization.ts'

/** Whose error bodies the clients of a route read. */
export type Family = 'openai' | 'huggingface' | 'anthropic'
export type Lane = 'api' | 'stream'

export interface TraceLink {
  readonly traceId: string
  readonly spanId: string
}

export interface Received {
  /** Request id: the client's, or one of ours. */
  readonly id: string
  readonly lane: Lane
  /** Path and query, without the lane. */
  readonly url: string
  readonly traceId: string
  /** Span towards the engine. */
  readonly spanId: string
  /** The client's own trace: linked, not continued, so that clients cannot force sampling. */
  readonly link: TraceLink | undefined
  /** CloudFront’s id of the request, as in its access log (`x-edge-request-id`). */
  readonly edgeId: string | undefined
  /** The balancer’s id, as in its access log (`trace_id`). */
  readonly balancerId: string | undefined
  /** Monotonic clock, in milliseconds. */
  readonly startedAt: number
  /** The same moment in milliseconds since 1970. */
  readonly epochMs: number
  readonly authorization: readonly string[]
  readonly origin: string | undefined
  /** Header `x-session-id`, when it is one that may be passed on. */
  readonly sessionId: string | undefined
  /** Hugging Face's header for the wait for a sleeping model. */
  readonly scaleUpSeconds: number | undefined
  /** Header `x-slipway-progress: events`: it wants events, and not comments, while its model wakes. */
  readonly wantsProgress: boolean
  /** An SDK sends it again after a failure. */
  readonly isRepeat: boolean
  /** Bytes of the body as announced; infinite when it does not say. */
  readonly bodyBytes: number
}

/** What is not in the request: ids, moments, and the lane where there is only one. */
export interface Arrival extends Pick<Received, 'traceId' | 'spanId' | 'startedAt' | 'epochMs'> {
  /** undefined: the path says it. */
  onlyLane: Lane | undefined
}

/** API Gateway’s ids end with an equals sign. */
const requestIdPattern = /^[\w.=-]{1,64}$/
const sessionPattern = /^[\w.:-]{1,128}$/
const edgeIdPattern = /^[\w=-]{1,128}$/
const balancerIdPattern = /^[\w=;:.-]{1,256}$/
const traceparentPattern = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/
const streamPrefix = '/stream'

const laneOf = (url: string): Lane => (url.startsWith(`${streamPrefix}/`) ? 'stream' : 'api')

/** A path, or the template of a route, as if there were one lane. */
export const withoutLane = (url: string): string => (laneOf(url) === 'stream' ? url.slice(streamPrefix.length) : url)

/** @param url path without the lane; a query does not count */
export function familyOf(url: string): Family {
  const [path = ''] = url.split('?', 1)
  if (/\/v1\/messages(?:\/count_tokens)?$/.test(path)) return 'anthropic'
  return /^\/models\/(?!.*\/v\d\/)/.test(path) || path === '/rerank' ? 'huggingface' : 'openai'
}

export function readHead(
  { headers, rawHeaders, url = '/' }: IncomingMessage,
  { onlyLane, ...arrival }: Arrival,
): Received {
  const only = (name: string): string | undefined => {
    const value = headers[name]
    return typeof value === 'string' ? value : undefined
  }
  const matching = (name: string, pattern: RegExp): string | undefined => {
    const value = only(name)
    return value !== undefined && pattern.test(value) ? value : undefined
  }
  return {
    ...arrival,
    id: matching('x-request-id', requestIdPattern) ?? arrival.traceId,
    lane: onlyLane ?? laneOf(url),
    url: withoutLane(url),
    link: linkIn(only('traceparent')),
    edgeId: matching('x-amz-cf-id', edgeIdPattern),
    balancerId: matching('x-amzn-trace-id', balancerIdPattern),
    authorization: credentialsIn(rawHeaders),
    origin: headers.origin,
    sessionId: matching('x-session-id', sessionPattern),
    scaleUpSeconds: secondsIn(only('x-scale-up-timeout')),
    wantsProgress: only('x-slipway-progress') === 'events',
    isRepeat: Number(headers['x-stainless-retry-count']) > 0,
    bodyBytes:
      headers['transfer-encoding'] === undefined ? Number(headers['content-length'] ?? 0) : Number.POSITIVE_INFINITY,
  }
}

function linkIn(traceparent: string | undefined): TraceLink | undefined {
  const [, traceId, spanId] = traceparent?.match(traceparentPattern) ?? []
  return traceId !== undefined && spanId !== undefined ? { traceId, spanId } : undefined
}

function secondsIn(text: string | undefined): number | undefined {
  const seconds = Number(text?.trim() || Number.NaN)
  return seconds >= 0 ? seconds : undefined
}

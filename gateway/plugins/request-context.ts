// What every request carries from its first byte on: its id, its lane, its trace, and the headers of its answer.
import type { IncomingMessage } from 'node:http'
import type { FastifyInstance } from 'fastify'
import { ApiError, shuttingDown } from '../api-error.ts'
import type { Identity } from '../auth/identity.ts'
import type { Config } from '../config.ts'
import type { Gateway } from '../gateway.ts'
import type { Charge } from '../quota/byte-budget.ts'
import type { BodyScan } from '../request/body-scan.ts'
import { type Family, familyOf, type Lane, type Received, readHead, withoutLane } from '../request/received.ts'
import { securityHeaderList } from '../security-headers.ts'
import { newSpanId, newTraceId } from '../telemetry/ids.ts'
import { allowedOrigins, corsHeaders } from './cors.ts'

declare module 'fastify' {
  interface FastifyRequest {
    slipway: RequestContext
  }
}

export interface RequestContext {
  readonly received: Received
  /** Shape of errors; of the route as soon as it is known. */
  family: Family
  /** Headers of the answer as a flat list. */
  readonly answerHeaders: string[]
  identity: Identity | undefined
  /** For the bytes of the body. */
  charge: Charge | undefined
  /** Is given what has come of a large body, again with each part. @throws ApiError to read no more of it */
  onPart: ((bytes: Buffer) => void) | undefined
  /** The scan of the body, as far as it has come. */
  scan: BodyScan | undefined
  /** Served name, as soon as it is known. */
  model: string | undefined
  /** Template of the route, without the lane; `_unknown` when no route matched. */
  route: string
}

/** Longest path and query. */
const urlLimit = 2048

export function addRequestContext(app: FastifyInstance, gateway: Gateway): void {
  const origins = allowedOrigins(gateway.config)
  const onlyLane = onlyLaneOf(gateway.config)
  app.decorateRequest('slipway')
  app.addHook('onRequest', (request, reply, done) => {
    gateway.began()
    // Not the answer's end: a client that leaves has none.
    reply.raw.once('close', () => {
      gateway.closed()
      request.slipway.charge?.giveBack()
    })
    const arrival = {
      traceId: newTraceId(),
      spanId: newSpanId(),
      startedAt: performance.now(),
      epochMs: Date.now(),
      onlyLane,
    }
    const received = readHead(request.raw, arrival)
    const answerHeaders = ['x-request-id', received.id, ...securityHeaderList, ...corsHeaders(received.origin, origins)]
    const family = familyOf(received.url)
    // Where Anthropic’s clients look for it.
    if (family === 'anthropic') answerHeaders.push('request-id', received.id)
    if (gateway.draining) answerHeaders.push('connection', 'close')
    request.slipway = {
      received,
      family,
      answerHeaders,
      identity: undefined,
      model: undefined,
      charge: undefined,
      onPart: undefined,
      scan: undefined,
      route: withoutLane(request.routeOptions.url ?? '_unknown'),
    }
    const refusal = refuse(request.raw, gateway)
    if (refusal !== undefined) done(refusal)
    else done()
  })
  app.addHook('onSend', (request, reply, payload, done) => {
    const { answerHeaders: list } = request.slipway
    for (let index = 0; index < list.length; index += 2) reply.header(list[index] as string, list[index + 1])
    done(null, payload)
  })
  app.addHook('onResponse', (request, reply, done) => {
    const { route, received } = request.slipway
    const { startedAt } = received
    gateway.metrics.http(request.method, route, reply.raw.statusCode, (performance.now() - startedAt) / 1000)
    done()
  })
}

/** Without an HTTP API nothing ends an answer early; without a way past it everything ends as there. */
function onlyLaneOf({ API_LANE, STREAM_LANE }: Config): Lane | undefined {
  if (!API_LANE) return 'stream'
  return STREAM_LANE ? undefined : 'api'
}

function hostsIn(rawHeaders: readonly string[]): number {
  let count = 0
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string
    // The length first: this runs for every header of every request.
    if (name.length === 4 && name.toLowerCase() === 'host') count += 1
  }
  return count
}

/** What is wrong with any request, whatever its route. */
function refuse(
  { url = '/', headers, rawHeaders, httpVersion }: IncomingMessage,
  gateway: Gateway,
): ApiError | undefined {
  if (gateway.drained) return shuttingDown({ retryAfter: 1, retry: true })
  if (headers.host === undefined && httpVersion !== '1.0')
    return new ApiError({ status: 400, code: 'malformed_request', message: 'The header Host is missing.' })
  // Node takes the first; the proxy before the gateway may have taken the other.
  if (hostsIn(rawHeaders) > 1)
    return new ApiError({ status: 400, code: 'malformed_request', message: 'The header Host is given twice.' })
  // The absolute form would be routed by its path, and be of the other lane for everything else.
  if (!url.startsWith('/'))
    return new ApiError({ status: 400, code: 'malformed_request', message: 'The request target must be a path.' })
  if (url.length > urlLimit) return new ApiError({ status: 414, code: 'uri_too_long', message: 'The URL is too long.' })
  const encoding = headers['content-encoding']
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity')
    return new ApiError({
      status: 415,
      code: 'unsupported_media_type',
      message: 'The body must not be compressed: send it without content-encoding.',
      retry: false,
    })
  return undefined
}

// What every request carries from its first byte on: its id, its lane, its trace, and the headers of its answer.
import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ApiError, shuttingDown } from '../api-error.ts'
import type { Identity } from '../auth/identity.ts'
import type { Family, Lane } from '../call/call.ts'
import type { Gateway } from '../gateway.ts'
import type { Charge } from '../quota/byte-budget.ts'
import { securityHeaderList } from '../security-headers.ts'
import { newSpanId, newTraceId } from '../telemetry/ids.ts'
import { allowedOrigins, corsHeaders } from './cors.ts'

declare module 'fastify' {
  interface FastifyRequest {
    slipway: RequestContext
  }
}

export interface RequestContext {
  requestId: string
  lane: Lane
  family: Family
  traceId: string
  /** Span towards the engine. */
  spanId: string
  /** Monotonic clock, in milliseconds. */
  startedAt: number
  /** The same moment in milliseconds since 1970. */
  epochMs: number
  /** Headers of the answer as a flat list. */
  headers: string[]
  identity: Identity | undefined
  /** For the bytes of the body. */
  charge: Charge | undefined
  /** Served name, as soon as it is known. */
  model: string | undefined
  /** Template of the route, without the lane; `_unknown` when no route matched. */
  route: string
}

/** Longest path and query. */
const urlLimit = 2048
/** API Gateway’s ids end with an equals sign. */
const requestIdPattern = /^[\w.=-]{1,64}$/
export const streamPrefix = '/stream'

export function laneOf(url: string): Lane {
  return url.startsWith(`${streamPrefix}/`) ? 'stream' : 'api'
}

/** @param url path without the lane; a query does not count */
export function familyOf(url: string): Family {
  const [path = ''] = url.split('?', 1)
  return /^\/models\/(?!.*\/v1\/)/.test(path) || path === '/rerank' ? 'huggingface' : 'openai'
}

export function addRequestContext(app: FastifyInstance, gateway: Gateway): void {
  const origins = allowedOrigins(gateway.config)
  app.decorateRequest('slipway')
  app.addHook('onRequest', (request, reply, done) => {
    gateway.began()
    // Not the answer's end: a client that leaves has none.
    reply.raw.once('close', () => {
      gateway.closed()
      request.slipway.charge?.giveBack()
    })
    const { headers, url } = request.raw
    const path = url ?? '/'
    const lane = laneOf(path)
    const traceId = newTraceId()
    const given = headers['x-request-id']
    const requestId = typeof given === 'string' && requestIdPattern.test(given) ? given : traceId
    const answer = ['x-request-id', requestId, ...securityHeaderList, ...corsHeaders(headers.origin, origins)]
    if (gateway.draining) answer.push('connection', 'close')
    const bare = lane === 'stream' ? path.slice(streamPrefix.length) : path
    request.slipway = {
      requestId,
      lane,
      family: familyOf(bare),
      traceId,
      spanId: newSpanId(),
      startedAt: performance.now(),
      epochMs: Date.now(),
      headers: answer,
      identity: undefined,
      model: undefined,
      charge: undefined,
      route: templateOf(request),
    }
    const refusal = refuse(request.raw, gateway)
    if (refusal !== undefined) done(refusal)
    else done()
  })
  app.addHook('onSend', (request, reply, payload, done) => {
    const { headers } = request.slipway
    for (let index = 0; index < headers.length; index += 2) reply.header(headers[index] as string, headers[index + 1])
    done(null, payload)
  })
  app.addHook('onResponse', (request, reply, done) => {
    const { route, startedAt } = request.slipway
    gateway.metrics.http(request.method, route, reply.raw.statusCode, (performance.now() - startedAt) / 1000)
    done()
  })
}

/** What is wrong with any request, whatever its route. */
function refuse(
  { url = '/', headers, rawHeaders, httpVersion }: IncomingMessage,
  gateway: Gateway,
): ApiError | undefined {
  if (gateway.drained) return shuttingDown({ retryAfter: 1, retry: true })
  if (headers.host === undefined && httpVersion !== '1.0')
    return new ApiError({ status: 400, code: 'malformed_request', message: 'The header Host is missing.' })
  // Node takes the first; who stands before the gateway may have taken the other.
  if (
    rawHeaders.filter((name, index) => index % 2 === 0 && name.length === 4 && name.toLowerCase() === 'host').length > 1
  )
    return new ApiError({ status: 400, code: 'malformed_request', message: 'The header Host is given twice.' })
  // The absolute form would be routed by its path, and be of the other lane for everything else.
  if (!url.startsWith('/'))
    return new ApiError({ status: 400, code: 'malformed_request', message: 'The request target must be a path.' })
  if (url.length > urlLimit) return new ApiError({ status: 414, code: 'uri_too_long', message: 'The URL is too long.' })
  return undefined
}

/** Template without the lane, so that both lanes count as one route. */
function templateOf(request: FastifyRequest): string {
  const template = request.routeOptions.url ?? '_unknown'
  return template.startsWith(`${streamPrefix}/`) ? template.slice(streamPrefix.length) : template
}

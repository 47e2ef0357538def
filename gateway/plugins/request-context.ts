// What every request carries from its first byte on: its id, its lane, its trace, and the headers of its answer.
import type { ServerResponse } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { ApiError } from '../api-error.ts'
import type { Identity } from '../auth/identity.ts'
import type { Gateway } from '../gateway.ts'
import {
  corsMaxAgeSeconds,
  corsMethods,
  corsRequestHeaders,
  exposedHeaders,
  securityHeaderList,
} from '../security-headers.ts'
import { newSpanId, newTraceId } from '../telemetry/ids.ts'
import type { Family, Lane } from '../upstream/call.ts'

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

const familyOf = (path: string): Family =>
  /^\/models\/(?!.*\/v1\/)/.test(path) || path === '/rerank' ? 'huggingface' : 'openai'

export function addRequestContext(app: FastifyInstance, gateway: Gateway): void {
  const { config } = gateway
  const origins = new Set([`https://${config.DOMAIN}`, ...config.CORS_ORIGINS.split(',').map((one) => one.trim())])
  app.decorateRequest('slipway')
  app.addHook('onRequest', (request, reply, done) => {
    const { headers, url } = request.raw
    const path = url ?? '/'
    const lane = laneOf(path)
    const traceId = newTraceId()
    const given = headers['x-request-id']
    const requestId = typeof given === 'string' && requestIdPattern.test(given) ? given : traceId
    const answer = ['x-request-id', requestId, ...securityHeaderList]
    addCors(answer, headers.origin, origins)
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
      route: templateOf(request),
    }
    if (request.method === 'OPTIONS') {
      void reply.hijack()
      answerPreflight(request, reply.raw)
      return
    }
    if (path.length > urlLimit)
      done(new ApiError({ status: 414, code: 'uri_too_long', message: 'The URL is too long.' }))
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

/** Template without the lane, so that both lanes count as one route. */
function templateOf(request: FastifyRequest): string {
  const template = request.routeOptions.url ?? '_unknown'
  return template.startsWith(`${streamPrefix}/`) ? template.slice(streamPrefix.length) : template
}

function addCors(answer: string[], origin: string | undefined, allowed: ReadonlySet<string>): void {
  if (origin === undefined) return
  answer.push('vary', 'Origin')
  if (!allowed.has(origin)) return
  answer.push('access-control-allow-origin', origin, 'access-control-expose-headers', exposedHeaders)
}

function answerPreflight(request: FastifyRequest, res: ServerResponse): void {
  const { headers } = request.slipway
  const isAllowed = headers.includes('access-control-allow-origin')
  const cors = isAllowed
    ? [
        'access-control-allow-methods',
        corsMethods,
        'access-control-allow-headers',
        corsRequestHeaders,
        'access-control-max-age',
        String(corsMaxAgeSeconds),
      ]
    : []
  res.writeHead(204, [...headers, ...cors])
  res.end()
}

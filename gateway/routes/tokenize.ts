// /tokenize and /detokenize: small calls that pass to an engine as they are, through @fastify/http-proxy.
import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import proxy from '@fastify/http-proxy'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Dispatcher } from 'undici'
import { invalidRequest, modelNotFound } from '../api-error.ts'
import { BodyFields } from '../body/fields.ts'
import { spliceBody } from '../body/splice.ts'
import type { Gateway } from '../gateway.ts'
import { authentication, identityOf } from '../plugins/authentication.ts'
import { sendError } from '../plugins/errors.ts'
import type { Lease } from '../upstream/model-runtime.ts'
import { connectionFailure, statusFailure } from '../upstream/upstream-errors.ts'
import { findModel } from './admit.ts'

interface Chosen {
  lease: Lease
  model: string
  length: number
}

const chosen = new WeakMap<FastifyRequest, Chosen>()

function chosenFor(request: FastifyRequest): Chosen {
  const found = chosen.get(request)
  if (!found) throw new Error('no endpoint was chosen')
  return found
}

/** The proxy asks it as if it were undici; the pool is that of the endpoint which `origin` belongs to. */
function dispatcherOf(gateway: Gateway) {
  return {
    request(
      options: Dispatcher.RequestOptions & { origin: string },
      done: (error: Error | null, data?: unknown) => void,
    ) {
      for (const runtime of gateway.runtimes.all())
        for (const endpoint of runtime.endpoints)
          if (endpoint.origin === options.origin) {
            endpoint.pool.request(options, done)
            return
          }
      done(new Error('the endpoint is gone'))
    },
  }
}

/** Reads the model, takes a place at one of its endpoints, and makes the body a stream, which the proxy never parses. */
async function choose(gateway: Gateway, request: FastifyRequest): Promise<void> {
  if (!Buffer.isBuffer(request.body)) throw invalidRequest('A JSON body is required.')
  const fields = new BodyFields(request.body)
  const name = fields.string('model')
  if (name === undefined) throw invalidRequest('model is missing: name the model to use.', 'model')
  const { tenant } = identityOf(request)
  const entry = findModel(gateway.directory.snapshot, tenant, name)
  const runtime = gateway.runtimes.get(entry.name)
  if (!runtime || entry.api !== 'openai') throw modelNotFound(name)
  const body = spliceBody(fields, [['model', JSON.stringify(entry.name)]])
  const holdUntil = gateway.ticker.now() + gateway.config.API_LANE_SECONDS * 1000
  const lease = await runtime.acquire({ tenant: tenant.name, tokens: 0, affinity: undefined, holdUntil }, (abort) =>
    request.raw.once('close', () => {
      if (request.raw.destroyed && !chosen.has(request)) abort()
    }),
  )
  chosen.set(request, { lease, model: entry.name, length: body.length })
  request.body = Readable.from([body])
}

/** A failure of the engine in our words; success passes as a stream. */
function onResponse(
  request: FastifyRequest,
  reply: FastifyReply,
  response: { statusCode: number; stream: Readable },
): void {
  const { lease, model } = chosenFor(request)
  if (response.statusCode < 400) {
    lease.release('succeeded')
    void reply.send(response.stream)
    return
  }
  buffer(response.stream).then(
    (body) => {
      const { error, endpointFault } = statusFailure(model, response.statusCode, body)
      lease.release(endpointFault ? 'failed' : 'neutral')
      sendError(error, request, reply)
    },
    () => onError(request, reply),
  )
}

function onError(request: FastifyRequest, reply: FastifyReply): void {
  chosenFor(request).lease.release('failed')
  sendError(connectionFailure().error, request, reply)
}

export async function addTokenizeRoutes(app: FastifyInstance, gateway: Gateway): Promise<void> {
  const authenticate = authentication(gateway)
  for (const lane of ['', '/stream']) {
    for (const path of ['/tokenize', '/detokenize']) {
      await app.register(async (scope) => {
        scope.addHook('onRequest', authenticate)
        await scope.register(proxy, {
          prefix: lane + path,
          // Every request has its own endpoint, so no upstream is fixed and nothing of a URL is kept.
          upstream: '',
          disableCache: true,
          httpMethods: ['POST'],
          routes: ['/'],
          proxyPayloads: false,
          websocket: false,
          maxRetriesOn503: 0,
          retryMethods: [],
          undici: dispatcherOf(gateway),
          preHandler: (request: FastifyRequest, _reply: FastifyReply, done: (error?: Error) => void) => {
            choose(gateway, request).then(() => done(), done)
          },
          // The path is a constant: nothing that a client wrote becomes a part of it.
          handler: (_request: FastifyRequest, reply: FastifyReply, _path: string, options: object) =>
            (reply as FastifyReply & { from(path: string, options: object): FastifyReply }).from(path, options),
          replyOptions: {
            timeout: gateway.config.API_LANE_SECONDS * 1000,
            retryDelay: () => null,
            queryString: () => '',
            getUpstream: (request: FastifyRequest) => chosenFor(request).lease.endpoint.origin,
            rewriteRequestHeaders: (request: FastifyRequest) => ({
              'content-type': 'application/json',
              'content-length': String(chosenFor(request).length),
              accept: 'application/json',
              'x-request-id': request.slipway.requestId,
            }),
            rewriteHeaders: (headers: Record<string, string>) => ({
              'content-type': headers['content-type'] ?? 'application/json',
            }),
            onResponse,
            onError: (reply: FastifyReply) => onError(reply.request, reply),
          },
        } as never)
      })
    }
  }
}

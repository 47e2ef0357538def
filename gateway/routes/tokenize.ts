// /tokenize and /detokenize: small calls that pass to an engine as they are, through @fastify/http-proxy.
import type { Readable } from 'node:stream'
import proxy from '@fastify/http-proxy'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Dispatcher } from 'undici'
import { ApiError, modelNotFound } from '../api-error.ts'
import { connectionFailure, statusFailure, timedOut } from '../call/failure.ts'
import type { Gateway } from '../gateway.ts'
import { authentication, identityOf } from '../plugins/authentication.ts'
import { sendError } from '../plugins/errors.ts'
import { findModel, modelName, readBody, wrongEngine } from '../request/admit.ts'
import { checkBodyPolicy } from '../request/body-policy.ts'
import { spliceBody } from '../request/fields.ts'
import { ProxiedCall } from './proxied-call.ts'

const proxiedCalls = new WeakMap<FastifyRequest, ProxiedCall>()
/** The proxy hands on the body's stream and nothing else of ours. */
const byBody = new WeakMap<object, ProxiedCall>()

function proxiedCallOf(request: FastifyRequest): ProxiedCall {
  const found = proxiedCalls.get(request)
  if (!found) throw new Error('the request was not admitted')
  return found
}

/** The proxy asks it as if it were undici; the connections are those of the endpoint that the request got. */
const dispatcher = {
  request(options: Dispatcher.RequestOptions, done: (error: Error | null, data?: unknown) => void) {
    const call = byBody.get(options.body as object)
    if (call) call.endpoint.controlPool.request({ ...options, signal: call.signal }, done)
    else done(new Error('the body is not one of ours'))
  },
}

/** Reads the model, takes the tenant's quota. @throws ApiError */
function admitProxiedCall(gateway: Gateway, path: string, request: FastifyRequest, reply: FastifyReply): ProxiedCall {
  const { config } = gateway
  const identity = identityOf(request)
  const fields = readBody(request.body, config.BODY_LIMIT)
  const name = modelName(fields)
  const entry = findModel(gateway.directory.snapshot, identity.tenant, name)
  request.slipway.model = entry.name
  if (!gateway.runtimes.get(entry.name)) throw modelNotFound(name)
  if (entry.api !== 'openai') throw wrongEngine(entry, path)
  checkBodyPolicy(fields, identity.tenant, config.MAX_N)
  const call = new ProxiedCall(gateway, request, reply, identity, {
    route: path,
    operation: 'tokenize',
    family: 'openai',
    contentType: 'application/json',
    events: 'completions',
    modelClass: 'generate',
    entry,
    path,
    body: spliceBody(fields, [['model', JSON.stringify(entry.name)]]),
    stream: false,
    usage: 'none',
    answers: 1,
    promptTokens: fields.promptTokens,
    maxTokens: 0,
    affinity: undefined,
  })
  proxiedCalls.set(request, call)
  byBody.set(call.body, call)
  request.body = call.body
  return call
}

function fail(request: FastifyRequest, reply: FastifyReply, error: ApiError, isEndpointsFault: boolean): void {
  proxiedCallOf(request).failed(error, isEndpointsFault)
  sendError(error, request, reply)
}

/** A failure of the engine in our words; success passes as a stream. */
async function onResponse(
  request: FastifyRequest,
  reply: FastifyReply,
  { statusCode, stream }: { statusCode: number; stream: Readable },
  limit: number,
): Promise<void> {
  if (statusCode === 200) {
    // What breaks off here is the engine's end, not the client's.
    stream.once('error', () => {
      if (!reply.raw.destroyed) proxiedCallOf(request).failed(connectionFailure().error, true)
    })
    void reply.send(stream)
    return
  }
  const body = await beginningOf(stream, limit).catch(() => undefined)
  if (body === undefined) return onError(request, reply)
  const { error, endpointFault } = statusFailure(proxiedCallOf(request).model, statusCode, body)
  fail(request, reply, error, endpointFault)
}

/** At most this many bytes; the rest is not read. */
async function beginningOf(stream: Readable, limit: number): Promise<Buffer> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of stream) {
    parts.push(part as Buffer)
    bytes += (part as Buffer).length
    if (bytes >= limit) break
  }
  return Buffer.concat(parts).subarray(0, limit)
}

function onError(request: FastifyRequest, reply: FastifyReply): void {
  const { signal } = proxiedCallOf(request)
  if (signal.aborted) fail(request, reply, timedOut('answer'), true)
  else fail(request, reply, connectionFailure().error, true)
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
          undici: dispatcher,
          preHandler: (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void) => {
            // The path is a route of its own, but the proxy's prefix and wildcard would be its name in metrics.
            request.slipway.route = path
            const call = admitProxiedCall(gateway, path, request, reply)
            call.acquire(identityOf(request).tenant.name).then(
              () => done(),
              (error: unknown) =>
                error instanceof ApiError ? fail(request, reply, error, false) : done(error as Error),
            )
          },
          // The path is a constant: nothing that a client wrote becomes a part of it.
          handler: (_request: FastifyRequest, reply: FastifyReply, _path: string, options: object) =>
            (reply as FastifyReply & { from(path: string, options: object): FastifyReply }).from(path, options),
          replyOptions: {
            timeout: gateway.config.API_LANE_SECONDS * 1000,
            retryDelay: () => null,
            queryString: () => '',
            getUpstream: (request: FastifyRequest) => proxiedCallOf(request).endpoint.origin,
            rewriteRequestHeaders: (request: FastifyRequest) => ({
              'content-type': 'application/json',
              'content-length': String(proxiedCallOf(request).length),
              accept: 'application/json',
              'x-request-id': request.slipway.received.id,
              traceparent: proxiedCallOf(request).traceparent,
            }),
            rewriteHeaders: (headers: Record<string, string>) => ({
              'content-type': headers['content-type'] ?? 'application/json',
            }),
            onResponse: (
              request: FastifyRequest,
              reply: FastifyReply,
              response: { statusCode: number; stream: Readable },
            ) => void onResponse(request, reply, response, gateway.config.ERROR_BODY_LIMIT),
            onError: (reply: FastifyReply) => onError(reply.request, reply),
          },
        } as never)
      })
    }
  }
}

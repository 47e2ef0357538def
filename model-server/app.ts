// The HTTP server around an engine, not yet listening: limits, errors in vLLM's shapes, routes.
import fastify, { type FastifyError, type FastifyInstance } from 'fastify'
import { ApiError, bodyTooLarge, type ErrorData, errorBody, internalError } from './api-error.ts'
import type { Metrics } from './metrics.ts'
import { parseJson } from './request/json-body.ts'
import { addConversationRoutes } from './routes/conversations.ts'
import { addEncodingRoutes } from './routes/encoding.ts'
import { addGenerationRoutes } from './routes/generation.ts'
import type { Serving } from './routes/serving.ts'
import { addStatusRoutes } from './routes/status.ts'
import { addTokenRoutes } from './routes/tokens.ts'

/** Bytes of a request. The longest context of models for this engine is some 100 KB of text; parsing this much takes 20 ms. */
export const bodyLimit = 4 * 1024 * 1024
/** Idle connections are kept this long; the gateway lets go of them after 4 s. */
const keepAliveSeconds = 30
/** A client has this long to send its request. */
const receiveSeconds = 30

export interface AppLog {
  bug(error: unknown): void
}

export function buildApp(serving: Serving, metrics: Metrics, log: AppLog): FastifyInstance {
  const app = fastify({
    bodyLimit,
    keepAliveTimeout: keepAliveSeconds * 1000,
    requestTimeout: receiveSeconds * 1000,
    http: { headersTimeout: 10_000, maxHeaderSize: 16_384 },
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    exposeHeadRoutes: false,
    logger: false,
    // A malformed URL never became a request.
    frameworkErrors: (_error, _request, reply) => {
      reply.raw.writeHead(404, { 'content-type': 'application/json' }).end(JSON.stringify(notFound))
    },
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    try {
      done(null, parseJson(body as Buffer))
    } catch (error) {
      done(error as Error)
    }
  })
  app.setErrorHandler((error: FastifyError | ApiError, _request, reply) => {
    const data = error instanceof ApiError ? error.data : known(error, log)
    if (data.retryAfter !== undefined) void reply.header('retry-after', data.retryAfter)
    // The rest of a body that was not read would be taken for the next request.
    if (data.status === 413) void reply.header('connection', 'close')
    void reply.code(data.status).send(errorBody(data))
  })
  addStatusRoutes(app, serving, metrics)
  if (serving.engine.info.kind === 'generate') {
    addGenerationRoutes(app, serving)
    addConversationRoutes(app, serving)
  }
  addEncodingRoutes(app, serving)
  addTokenRoutes(app, serving)
  app.setNotFoundHandler((request, reply) => {
    const allowed = methods.filter((method) => app.hasRoute({ method, url: request.url.split('?')[0] ?? '' }))
    if (allowed.length === 0) return void reply.code(404).send(notFound)
    return void reply.code(405).header('allow', allowed.join(', ')).send({ detail: 'Method Not Allowed' })
  })
  return app
}

const methods = ['GET', 'POST'] as const
/** FastAPI's words for an unknown path, which vLLM passes on. */
const notFound = { detail: 'Not Found' }

/** Fastify's own errors, and bugs, of which a client sees nothing. */
function known(error: FastifyError, log: AppLog): ErrorData {
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') return bodyTooLarge(bodyLimit).data
  if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE')
    return {
      status: 400,
      message: "1 validation error:\n  Unsupported Media Type: Only 'application/json' is allowed",
      type: 'Bad Request',
      param: null,
    }
  if (error.statusCode !== undefined && error.statusCode < 500)
    return { status: error.statusCode, message: 'The request is malformed.', type: 'Bad Request', param: null }
  log.bug(error)
  return internalError().data
}

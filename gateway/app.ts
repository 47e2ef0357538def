// The two HTTP servers around the gateway: one for clients, one for probes and metrics. Neither listens yet.
import type { Socket } from 'node:net'
import fastify, { type FastifyInstance } from 'fastify'
import type { Config } from './config.ts'
import { Gateway, type GatewayDeps } from './gateway.ts'
import { addBodyReader } from './plugins/body-reader.ts'
import { addPreflight } from './plugins/cors.ts'
import { addErrors, addUnknownRoutes } from './plugins/errors.ts'
import { addOriginSecret } from './plugins/origin-secret.ts'
import { addRequestContext } from './plugins/request-context.ts'
import { addWireErrors, onClientError, onFrameworkError } from './plugins/wire-errors.ts'
import { addCanaryRoute } from './routes/canary.ts'
import { addConsoleRoutes } from './routes/console.ts'
import { addFormRoutes, addInferenceRoutes } from './routes/inference.ts'
import { addModelRoutes } from './routes/models.ts'
import { addOperatorRoute } from './routes/operator.ts'
import { addStaticRoutes } from './routes/static.ts'
import { addStatusRoute } from './routes/status.ts'
import { addTokenizeRoutes } from './routes/tokenize.ts'

/** Bytes of a request's headers. */
const headerLimit = 16_384
/** Longest model id in a path. */
const paramLimit = 256

/** Connections that may wait to be accepted when many come at once; Node's 511 loses some. The kernel (somaxconn) may allow less. */
export const listenBacklog = 4096

export interface App {
  /** For clients. */
  server: FastifyInstance
  /** For probes and Prometheus. */
  admin: FastifyInstance
  gateway: Gateway
}

/** Builds all of the gateway; nothing is listened on or read until `start` and `listen`. */
export async function buildApp(config: Config, deps: GatewayDeps): Promise<App> {
  const gateway = new Gateway(config, deps)
  return { server: await buildServer(gateway), admin: buildAdmin(gateway), gateway }
}

async function buildServer(gateway: Gateway): Promise<FastifyInstance> {
  const { config } = gateway
  const server = fastify({
    bodyLimit: config.BODY_LIMIT,
    requestTimeout: config.REQUEST_RECEIVE_SECONDS * 1000,
    keepAliveTimeout: config.KEEP_ALIVE_SECONDS * 1000,
    // A connection on which nothing moves for longer than an idle one, or one that waits for its answer, may: its peer is gone.
    connectionTimeout:
      (Math.max(config.KEEP_ALIVE_SECONDS, config.FIRST_BYTE_SECONDS, config.PING_SECONDS) + 10) * 1000,
    http: {
      maxHeaderSize: headerLimit,
      headersTimeout: config.HEADERS_RECEIVE_SECONDS * 1000,
      // Node looks at its limits only so often.
      connectionsCheckingInterval: Math.min(1000, config.HEADERS_RECEIVE_SECONDS * 250),
      keepAliveTimeoutBuffer: 0,
      // Node’s own answer has no body; ours is in refuse() of plugins/request-context.ts.
      requireHostHeader: false,
    },
    routerOptions: { maxParamLength: paramLimit, ignoreTrailingSlash: false, caseSensitive: true },
    // While it drains it still answers; the load balancer learns from /readyz.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    logger: false,
    exposeHeadRoutes: false,
    clientErrorHandler: (error, socket) => onClientError(gateway, error, socket as Socket),
    frameworkErrors: (error, request, reply) => onFrameworkError(gateway, error, request.raw, reply.raw),
  })
  addBodyReader(server, 'application/json', gateway)
  addErrors(server, gateway)
  addWireErrors(server, gateway)
  addRequestContext(server, gateway)
  await addOriginSecret(server, config, gateway.logger, (values) => gateway.authenticator.setSmokeKeys(values))
  addPreflight(server)
  addUnknownRoutes(server, gateway)
  addInferenceRoutes(server, gateway)
  await addFormRoutes(server, gateway)
  addModelRoutes(server, gateway)
  addStatusRoute(server, gateway)
  addOperatorRoute(server, gateway)
  addStaticRoutes(server, gateway)
  addCanaryRoute(server, gateway)
  addConsoleRoutes(server)
  await addTokenizeRoutes(server, gateway)
  return server
}

function buildAdmin(gateway: Gateway): FastifyInstance {
  const admin = fastify({ logger: false, forceCloseConnections: true })
  admin.get('/livez', () => ({ status: 'ok' }))
  admin.get('/readyz', (_request, reply) => {
    if (gateway.draining) return reply.code(503).send({ status: 'draining' })
    // The last known state serves on while its source is away; only a pod that never had one is not ready.
    if (!gateway.directory.ready) return reply.code(503).send({ status: 'no directory yet' })
    return { status: 'ok' }
  })
  admin.get('/metrics', (request, reply) => {
    void reply.hijack()
    gateway.metrics.serve(request.raw, reply.raw)
  })
  return admin
}

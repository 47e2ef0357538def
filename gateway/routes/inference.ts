// The routes that reach engines, from the route table; on both lanes.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { modelNotFound } from '../api-error.ts'
import type { Identity } from '../auth/identity.ts'
import type { Config } from '../config.ts'
import type { Gateway } from '../gateway.ts'
import { authentication, identityOf } from '../plugins/authentication.ts'
import { admit, bodyLimitOf, findModel, modelName, readBody } from '../request/admit.ts'
import { admitForm, formModel } from '../request/admit-form.ts'
import type { EngineRequest } from '../request/engine-request.ts'
import { readForm } from '../request/multipart.ts'
import { bodyRoutes, type InferenceRoute, pathRoutes, routeTemplate } from '../request/route-table.ts'

export function addInferenceRoutes(app: FastifyInstance, gateway: Gateway): void {
  const onRequest = authentication(gateway)
  for (const lane of ['', '/stream']) {
    for (const route of bodyRoutes.filter(({ form }) => !form)) addBodyRoute(app, gateway, lane, route)
    // One route for all models: an id may hold a slash, and nothing of it may become a path.
    app.post(`${lane}/models/*`, { onRequest }, (request, reply) => {
      const rest = (request.params as { '*': string })['*']
      const route = pathRoutes.find(({ path }) => rest.endsWith(path) && rest.length > path.length)
      if (!route) throw modelNotFound(rest)
      serve(gateway, route, rest.slice(0, rest.length - route.path.length), request, reply)
    })
  }
}

function addBodyRoute(app: FastifyInstance, gateway: Gateway, lane: string, route: InferenceRoute): void {
  const options = { onRequest: authentication(gateway), bodyLimit: bodyLimitOf(route, gateway.config) }
  app.post(lane + route.path, options, (request, reply) => serve(gateway, route, undefined, request, reply))
}

/** Forms are read here alone: elsewhere they are 415. */
export async function addFormRoutes(app: FastifyInstance, gateway: Gateway): Promise<void> {
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    addBodyParser(scope, 'multipart/form-data')
    for (const lane of ['', '/stream'])
      for (const route of bodyRoutes.filter(({ form }) => form)) addBodyRoute(scope, gateway, lane, route)
  })
}

/** The whole body as bytes. */
export function addBodyParser(app: FastifyInstance, contentType: string): void {
  app.addContentTypeParser(contentType, { parseAs: 'buffer' }, (request, body, done) => {
    // What does not say its length was charged at the limit.
    request.slipway.charge?.resize(body.length)
    done(null, body)
  })
}

/** @param pathModel name in the path, which wins over the body's */
function serve(
  gateway: Gateway,
  route: InferenceRoute,
  pathModel: string | undefined,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const { slipway } = request
  slipway.route = routeTemplate(route)
  slipway.family = route.family
  const { received } = slipway
  const identity = identityOf(request)
  const admitted = admitOrCount(gateway, route, pathModel, request, identity)
  const model = gateway.runtimes.get(admitted.entry.name)
  if (!model) throw modelNotFound(admitted.entry.name)
  const { tenant, key } = identity
  const { modelClass } = admitted
  const tokens = admitted.promptTokens + admitted.maxTokens
  const reservation = gateway.quota.reserve({ tenant, modelClass, key, tokens })
  if (received.isRepeat) gateway.metrics.clientRetried()
  void reply.hijack()
  const call = {
    received,
    identity,
    request: admitted,
    sampled: gateway.tracing.sample(),
    model,
    holdMs: holdSeconds(received.scaleUpSeconds, admitted.stream, gateway.config) * 1000,
    answerHeaders: slipway.answerHeaders.concat(gateway.quota.headers(tenant, modelClass)),
    res: reply.raw,
  }
  gateway.run(call, reservation)
}

/** A request that is refused counts, too: a program that repeats its mistake without end meets its limit of requests. */
function admitOrCount(
  gateway: Gateway,
  route: InferenceRoute,
  pathModel: string | undefined,
  { body, headers, slipway }: FastifyRequest,
  { tenant }: Identity,
): EngineRequest {
  const { config } = gateway
  try {
    if (route.form) {
      const form = readForm(body, headers['content-type'], bodyLimitOf(route, config))
      const entry = findModel(gateway.directory.snapshot, tenant, formModel(form))
      slipway.model = entry.name
      return admitForm(form, headers['content-type'] ?? '', entry, route, tenant, config)
    }
    const fields = readBody(body, bodyLimitOf(route, config))
    const entry = findModel(gateway.directory.snapshot, tenant, modelName(fields, pathModel))
    slipway.model = entry.name
    return admit(fields, entry, route, tenant, slipway.received.sessionId, config)
  } catch (error) {
    gateway.quota.reserve({ tenant, modelClass: route.modelClass, tokens: 0 }).settle(0)
    throw error
  }
}

/** Longest wait for a sleeping model: a client may shorten it, and lengthen it for a stream, which gets pings. */
function holdSeconds(asked: number | undefined, stream: boolean, config: Config): number {
  if (asked === undefined) return config.HOLD_SECONDS
  return Math.min(asked, stream ? config.STREAM_HOLD_SECONDS : config.HOLD_SECONDS)
}

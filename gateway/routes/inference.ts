// The routes that reach engines, from the route table; on both lanes.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { modelNotFound } from '../api-error.ts'
import type { Config } from '../config.ts'
import type { Gateway } from '../gateway.ts'
import { authentication, identityOf } from '../plugins/authentication.ts'
import { type Admitted, admit, bodyLimitOf, modelClassOf, sessionOf } from '../request/admit.ts'
import { bodyRoutes, type InferenceRoute, pathRoutes, routeTemplate } from '../request/route-table.ts'
import type { CallInfo } from '../telemetry/call-info.ts'
import { parseTraceparent, traceparentOf } from '../telemetry/ids.ts'

export function addInferenceRoutes(app: FastifyInstance, gateway: Gateway): void {
  const onRequest = authentication(gateway)
  for (const lane of ['', '/stream']) {
    for (const route of bodyRoutes)
      app.post(lane + route.path, { onRequest, bodyLimit: bodyLimitOf(route, gateway.config) }, (request, reply) =>
        serve(gateway, route, undefined, request, reply),
      )
    // One route for all models: an id may hold a slash, and nothing of it may become a path.
    app.post(`${lane}/models/*`, { onRequest }, (request, reply) => {
      const rest = (request.params as { '*': string })['*']
      const route = pathRoutes.find(({ path }) => rest.endsWith(path) && rest.length > path.length)
      if (!route) throw modelNotFound(rest)
      serve(gateway, route, rest.slice(0, rest.length - route.path.length), request, reply)
    })
  }
}

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
  const identity = identityOf(request)
  const { tenant } = identity
  const admitted = admitOrCount(gateway, request, route, pathModel)
  const { entry } = admitted
  const model = gateway.runtimes.get(entry.name)
  if (!model) throw modelNotFound(entry.name)
  const modelClass = modelClassOf(entry)
  const reservation = gateway.quota.reserve({
    tenant,
    modelClass,
    key: identity.key,
    tokens: admitted.promptTokens + admitted.maxTokens,
  })
  if (Number(request.headers['x-stainless-retry-count']) > 0) gateway.metrics.clientRetried()
  const info: CallInfo = {
    route: slipway.route,
    operation: route.operation,
    model: entry.name,
    tenant: tenant.name,
    keyId: identity.keyId,
    lane: slipway.lane,
    stream: admitted.stream,
    requestId: slipway.requestId,
    traceId: slipway.traceId,
    spanId: slipway.spanId,
    sampled: gateway.tracing.sample(),
    link: parseTraceparent(headerText(request, 'traceparent')),
    epochMs: slipway.epochMs,
    bodyBytes: admitted.body.length,
    maxTokens: admitted.maxTokens,
  }
  void reply.hijack()
  gateway.run(
    {
      id: slipway.requestId,
      family: route.family,
      lane: slipway.lane,
      tenant,
      model,
      path: admitted.path,
      body: admitted.body,
      stream: admitted.stream,
      usage: admitted.usage,
      answers: admitted.answers,
      translation: admitted.translation,
      promptTokens: admitted.promptTokens,
      maxTokens: admitted.maxTokens,
      affinity: admitted.affinity,
      holdMs: holdSeconds(request, admitted.stream, gateway.config) * 1000,
      headers: slipway.headers.concat(gateway.quota.headers(tenant, modelClass)),
      traceparent: traceparentOf(info),
      sessionId: sessionOf(request),
      res: reply.raw,
    },
    info,
    reservation,
  )
}

/** A request that is refused counts, too: a program that repeats its mistake without end meets its limit of requests. */
function admitOrCount(
  gateway: Gateway,
  request: FastifyRequest,
  route: InferenceRoute,
  pathModel: string | undefined,
): Admitted {
  const identity = identityOf(request)
  try {
    return admit(request, route, pathModel, identity, gateway.directory.snapshot, gateway.config)
  } catch (error) {
    gateway.quota.reserve({ tenant: identity.tenant, modelClass: route.modelClass, tokens: 0 }).settle(0)
    throw error
  }
}

function headerText(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name]
  return typeof value === 'string' ? value : undefined
}

/** Longest wait for a sleeping model: Hugging Face's header may shorten it, and lengthen it for a stream, which gets pings. */
function holdSeconds(request: FastifyRequest, stream: boolean, config: Config): number {
  const text = headerText(request, 'x-scale-up-timeout')?.trim() || 'none'
  const asked = Number(text)
  const most = stream ? config.STREAM_HOLD_SECONDS : config.HOLD_SECONDS
  return asked >= 0 ? Math.min(asked, most) : config.HOLD_SECONDS
}

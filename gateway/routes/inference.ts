// The routes that reach engines, from the route table; on both lanes.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { modelNotFound } from '../api-error.ts'
import type { Config } from '../config.ts'
import type { Tenant } from '../discovery/directory.ts'
import type { Gateway } from '../gateway.ts'
import { authentication, identityOf } from '../plugins/authentication.ts'
import { addBodyReader } from '../plugins/body-reader.ts'
import { notFound } from '../plugins/errors.ts'
import type { RequestContext } from '../plugins/request-context.ts'
import { meantBelowModel } from '../plugins/route-hint.ts'
import { admit, bodyLimitOf, findModel, modelName, readBody } from '../request/admit.ts'
import { admitForm, formModel } from '../request/admit-form.ts'
import { BodyScan } from '../request/body-scan.ts'
import type { EngineRequest } from '../request/engine-request.ts'
import { modelSoFar } from '../request/fields.ts'
import { readForm } from '../request/multipart.ts'
import { bodyRoutes, type InferenceRoute, pathRoutes, routeTemplate } from '../request/route-table.ts'

/** What the path of a request asks for. */
interface Target {
  route: InferenceRoute
  /** Name in the path, which wins over the body's. */
  pathModel?: string
}

export function addInferenceRoutes(app: FastifyInstance, gateway: Gateway): void {
  // One route for all models: an id may hold a slash, and nothing of it may become a path.
  const onRequest = authentication(gateway, (request) => refuseEarly(gateway, pathTarget(request), request))
  for (const lane of ['', '/stream']) {
    for (const route of bodyRoutes.filter(({ form }) => !form)) addBodyRoute(app, gateway, lane, route)
    app.post(`${lane}/models/*`, { onRequest }, (request, reply) => serve(gateway, pathTarget(request), request, reply))
  }
}

function addBodyRoute(app: FastifyInstance, gateway: Gateway, lane: string, route: InferenceRoute): void {
  const onRequest = authentication(gateway, (request) => refuseEarly(gateway, { route }, request))
  const options = { onRequest, bodyLimit: bodyLimitOf(route, gateway.config) }
  app.post(lane + route.path, options, (request, reply) => serve(gateway, { route }, request, reply))
}

/** Forms are read here alone: elsewhere they are 415. */
export async function addFormRoutes(app: FastifyInstance, gateway: Gateway): Promise<void> {
  await app.register(async (scope) => {
    addBodyReader(scope, 'multipart/form-data', gateway)
    for (const lane of ['', '/stream'])
      for (const route of bodyRoutes.filter(({ form }) => form)) addBodyRoute(scope, gateway, lane, route)
  })
}

/** @throws ApiError 404 */
function pathTarget({ params }: FastifyRequest): Target {
  const rest = (params as { '*': string })['*']
  const route = pathRoutes.find(({ path }) => rest.endsWith(path) && rest.length > path.length)
  if (!route) throw modelNotFound(rest)
  const meant = route.path === '' ? meantBelowModel(rest) : undefined
  if (meant !== undefined) throw notFound(meant)
  return { route, pathModel: rest.slice(0, rest.length - route.path.length) }
}

/** Refuses what the head shows before the body is read, and what the beginning of the body shows before the rest is. @throws ApiError */
function refuseEarly(gateway: Gateway, { route, pathModel }: Target, request: FastifyRequest): void {
  const { slipway } = request
  slipway.route = routeTemplate(route)
  slipway.family = route.family
  const { tenant } = identityOf(request)
  gateway.quota.check(tenant, route.modelClass)
  const find = (name: string): void => {
    counted(gateway, route, tenant, () => {
      slipway.model = findModel(gateway.directory.snapshot, tenant, name).name
    })
  }
  if (pathModel !== undefined) find(pathModel)
  if (!route.form) lookEarly(gateway, { route, pathModel }, slipway, tenant, find)
}

/** A large body is scanned while it comes: what is wrong with it, or with the model that it names, ends the reading. */
function lookEarly(
  gateway: Gateway,
  { route, pathModel }: Target,
  slipway: RequestContext,
  tenant: Tenant,
  find: (name: string) => void,
): void {
  let isLookedFor = pathModel === undefined
  slipway.onPart = (bytes) => {
    slipway.scan ??= new BodyScan()
    const { scan } = slipway
    counted(gateway, route, tenant, () => scan.push(bytes))
    const name = isLookedFor ? modelSoFar(scan, bytes) : undefined
    if (name === undefined) return
    isLookedFor = false
    find(name)
  }
}

function serve(gateway: Gateway, target: Target, request: FastifyRequest, reply: FastifyReply): void {
  const { admitted, model, reservation } = admitCall(gateway, target, request)
  const { received, answerHeaders } = request.slipway
  const identity = identityOf(request)
  if (received.isRepeat) gateway.metrics.clientRetried()
  void reply.hijack()
  const call = {
    received,
    identity,
    request: admitted,
    sampled: gateway.tracing.sample(),
    model,
    holdMs: holdSeconds(received.scaleUpSeconds, admitted.stream, gateway.config) * 1000,
    answerHeaders: answerHeaders.concat(gateway.quota.headers(identity.tenant, admitted.modelClass)),
    res: reply.raw,
  }
  gateway.run(call, reservation)
}

/** What is refused here needs its body no longer. @throws ApiError */
function admitCall(gateway: Gateway, target: Target, request: FastifyRequest) {
  const { tenant, key } = identityOf(request)
  try {
    const admitted = counted(gateway, target.route, tenant, () => engineRequestOf(gateway, target, request, tenant))
    const model = gateway.runtimes.get(admitted.entry.name)
    if (!model) throw modelNotFound(admitted.entry.name)
    const { modelClass, promptTokens, maxTokens } = admitted
    const reservation = gateway.quota.reserve({ tenant, modelClass, key, tokens: promptTokens + maxTokens })
    return { admitted, model, reservation }
  } catch (error) {
    if (Buffer.isBuffer(request.body)) gateway.rooms.give(request.body)
    throw error
  }
}

/** @throws ApiError */
function engineRequestOf(
  { config, directory }: Gateway,
  { route, pathModel }: Target,
  { body, headers, slipway }: FastifyRequest,
  tenant: Tenant,
): EngineRequest {
  const limit = bodyLimitOf(route, config)
  const find = (name: string) => {
    const entry = findModel(directory.snapshot, tenant, name)
    slipway.model = entry.name
    return entry
  }
  if (route.form) {
    const form = readForm(body, headers['content-type'], limit)
    return admitForm(form, headers['content-type'] ?? '', find(formModel(form)), route, tenant, config)
  }
  const fields = readBody(body, limit, slipway.scan)
  const entry = find(modelName(fields, pathModel))
  return admit(fields, entry, route, tenant, slipway.received.sessionId, config)
}

/** A request that is refused counts, too: a program that repeats its mistake without end meets its limit of requests. */
function counted<T>(gateway: Gateway, route: InferenceRoute, tenant: Tenant, work: () => T): T {
  try {
    return work()
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

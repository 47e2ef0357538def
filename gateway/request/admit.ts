// From a request to a call: model, policy, quota, and the body that the engine gets.
import type { FastifyRequest } from 'fastify'
import { ApiError, invalidRequest, modelNotFound } from '../api-error.ts'
import type { Identity } from '../auth/identity.ts'
import type { UsageShown } from '../call/call.ts'
import type { Config } from '../config.ts'
import type { ModelEntry, Snapshot, Tenant } from '../discovery/directory.ts'
import type { ModelClass } from '../quota/quota.ts'
import { mostTexts } from '../translate/body.ts'
import type { Translation } from '../translate/shapes.ts'
import { shapeOfTask, translate } from '../translate/translation.ts'
import { affinityOf } from './affinity.ts'
import { checkBodyPolicy } from './body-policy.ts'
import { BodyFields } from './fields.ts'
import { listLength } from './list-length.ts'
import type { InferenceRoute } from './route-table.ts'
import { spliceBody } from './splice.ts'

/** What the engine gets, and what it may cost. */
export interface Admitted {
  entry: ModelEntry
  path: string
  body: Buffer
  stream: boolean
  usage: UsageShown
  answers: number
  translation?: Translation
  promptTokens: number
  maxTokens: number
  affinity: number | undefined
}

export const modelClassOf = (entry: ModelEntry): ModelClass => (entry.spec.maxOutput === 0 ? 'embed' : 'generate')

/** Whether a tenant may use a model. */
export const mayUse = (tenant: Tenant, entry: ModelEntry): boolean =>
  (entry.tenants?.includes(tenant.name) ?? true) && (tenant.models?.includes(entry.name) ?? true)

/** The model of a name, served names, ids and aliases alike. @throws ApiError 404, the same for unknown and forbidden */
export function findModel(snapshot: Snapshot, tenant: Tenant, name: string): ModelEntry {
  const entry = snapshot.names.get(name)
  if (!entry || !mayUse(tenant, entry)) throw modelNotFound(name)
  if (entry.unavailable)
    throw new ApiError({
      status: 409,
      code: 'model_unavailable',
      message: `The model ${entry.name} cannot run here: ${entry.unavailable.reason}.`,
      param: 'model',
      retry: false,
    })
  return entry
}

/** Bytes. What is translated is parsed, which takes many times the memory of its bytes. */
export const bodyLimitOf = ({ modelClass, shape }: InferenceRoute, config: Config): number =>
  modelClass === 'embed' || shape !== undefined ? config.EMBEDDING_BODY_LIMIT : config.BODY_LIMIT

/**
 * @param pathModel name in the path, which wins over the body's
 * @throws ApiError 400, 404, 422
 */
export function admit(
  request: FastifyRequest,
  route: InferenceRoute,
  pathModel: string | undefined,
  { tenant }: Identity,
  snapshot: Snapshot,
  config: Config,
): Admitted {
  const body = request.body
  if (!Buffer.isBuffer(body)) throw invalidRequest('A JSON body is required.')
  const limit = bodyLimitOf(route, config)
  if (body.length > limit) throw tooLarge(limit)
  const fields = new BodyFields(body)
  const name = pathModel ?? fields.string('model')
  if (name === undefined) throw invalidRequest('model is missing: name the model to use.', 'model')
  const entry = findModel(snapshot, tenant, name)
  request.slipway.model = entry.name
  checkBodyPolicy(fields, tenant, config.MAX_N)
  const shape = route.shape === 'task' ? shapeOfTask(entry.task) : route.shape
  if (route.shape === 'task' ? !shape : route.modelClass !== modelClassOf(entry)) throw wrongRoute(entry)
  // The engine counts four bytes of English to a token; the real count settles the reservation.
  const promptTokens = Math.ceil(body.length / 4)
  const maxOutput = entry.spec.maxOutput
  if (shape) {
    const translation = translate(shape, route.streams === 'always' ? asStream(fields) : body, entry)
    const maxTokens = Math.min(translation.maxTokens ?? config.DEFAULT_MAX_TOKENS, maxOutput)
    return {
      entry,
      path: translation.path,
      body: translation.body,
      stream: translation.stream,
      usage: 'none',
      answers: 1,
      translation,
      promptTokens,
      maxTokens,
      affinity: undefined,
    }
  }
  if (!route.passes?.apis.includes(entry.api)) throw wrongRoute(entry)
  const stream = (route.streams !== undefined && fields.boolean('stream')) ?? false
  // Which of the two an engine follows differs from route to route.
  const asked = Math.max(fields.integer('max_completion_tokens', 1) ?? 0, fields.integer('max_tokens', 1) ?? 0)
  const perAnswer = Math.min(asked || config.DEFAULT_MAX_TOKENS, maxOutput)
  if (route.modelClass === 'embed') listLength(fields, 'input', mostTexts)
  const answers = listLength(fields, 'prompt', config.MAX_PROMPTS) * (fields.integer('n', 1) ?? 1)
  const wantsAffinity = entry.spec.affinity === 'prefix' && entry.endpoints.length > 1
  const sessionId = sessionOf(request)
  return {
    entry,
    path: route.passes.path,
    body: spliceBody(fields, [['model', JSON.stringify(entry.name)]]),
    stream,
    usage: stream ? usageShown(fields) : 'each',
    answers,
    promptTokens,
    maxTokens: route.modelClass === 'embed' ? 0 : perAnswer * answers,
    affinity: wantsAffinity ? affinityOf(fields, tenant.name, sessionId, config.AFFINITY_BYTES) : undefined,
  }
}

const sessionPattern = /^[\w.:-]{1,128}$/

/** Header x-session-id, when it is one that may be passed on. */
export function sessionOf(request: FastifyRequest): string | undefined {
  const value = request.headers['x-session-id']
  return typeof value === 'string' && sessionPattern.test(value) ? value : undefined
}

const asStream = (fields: BodyFields): Buffer => spliceBody(fields, [['stream', 'true']])

function usageShown(fields: BodyFields): UsageShown {
  const options = fields.value('stream_options') as
    | { include_usage?: unknown; continuous_usage_stats?: unknown }
    | undefined
  if (options?.include_usage !== true) return 'none'
  return options.continuous_usage_stats === true ? 'each' : 'last'
}

export const tooLarge = (limit: number): ApiError =>
  new ApiError({
    status: 413,
    code: 'request_too_large',
    message: `The body is larger than ${limit} bytes.`,
    retry: false,
  })

const wrongRoute = (entry: ModelEntry): ApiError =>
  new ApiError({
    status: 422,
    code: 'unsupported_task',
    message: `The model ${entry.name} does ${entry.task}, which this route does not offer.`,
    param: 'model',
    retry: false,
  })

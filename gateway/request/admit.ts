// From a request to one for an engine: model, policy, and the body that the engine gets.
import { ApiError, invalidRequest, modelNotFound, tooLarge } from '../api-error.ts'
import type { Config } from '../config.ts'
import { smokeTenantName } from '../discovery/contract.ts'
import type { ModelEntry, Snapshot, Tenant } from '../discovery/directory.ts'
import type { ModelClass } from '../quota/quota.ts'
import { mostTexts } from '../translate/body.ts'
import { shapeOfTask, translate } from '../translate/translation.ts'
import { affinityOf } from './affinity.ts'
import { checkBodyPolicy, checkStateless } from './body-policy.ts'
import type { BodyScan } from './body-scan.ts'
import type { EngineRequest, UsageShown } from './engine-request.ts'
import { BodyFields, spliceBody } from './fields.ts'
import { type InferenceRoute, routeTemplate, speech } from './route-table.ts'

export const modelClassOf = (entry: ModelEntry): ModelClass => (entry.spec.maxOutput === 0 ? 'embed' : 'generate')

/** Whether a model does what a route is for. */
export const fits = ({ task, modelClass }: InferenceRoute, entry: ModelEntry): boolean =>
  task === undefined ? modelClass === modelClassOf(entry) && entry.task !== speech : entry.task === task

/** Whether a tenant may use a model. */
export const mayUse = (tenant: Tenant, entry: ModelEntry): boolean =>
  (tenant.name === smokeTenantName || (entry.tenants?.includes(tenant.name) ?? true)) &&
  (tenant.models?.includes(entry.name) ?? true)

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
export const bodyLimitOf = ({ modelClass, shape, form }: InferenceRoute, config: Config): number =>
  form
    ? config.AUDIO_BODY_LIMIT
    : modelClass === 'embed' || shape !== undefined
      ? config.EMBEDDING_BODY_LIMIT
      : config.BODY_LIMIT

/** @throws ApiError 400, 413 */
export function readBody(body: unknown, limit: number, scan?: BodyScan): BodyFields {
  if (!Buffer.isBuffer(body)) throw invalidRequest('A JSON body is required.')
  if (body.length > limit) throw tooLarge(limit)
  return new BodyFields(body, scan)
}

/** @param pathModel name in the path, which wins over the body's. @throws ApiError 400 when neither names one */
export function modelName(fields: BodyFields, pathModel?: string): string {
  const name = pathModel ?? fields.string('model')
  if (name === undefined) throw invalidRequest('model is missing: name the model to use.', 'model')
  return name
}

/** @throws ApiError 400, 422 */
export function admit(
  fields: BodyFields,
  entry: ModelEntry,
  route: InferenceRoute,
  tenant: Tenant,
  sessionId: string | undefined,
  config: Config,
): EngineRequest {
  checkBodyPolicy(fields, tenant, config.MAX_N)
  const { body } = fields
  const takesIt = route.passes?.apis.includes(entry.api) ?? false
  const shape = route.shape === 'task' ? shapeOfTask(entry.task) : takesIt ? undefined : route.shape
  if (route.shape === 'task' ? !shape : !fits(route, entry)) throw wrongRoute(entry)
  const known = {
    route: routeTemplate(route),
    operation: route.operation,
    family: route.family,
    modelClass: modelClassOf(entry),
    entry,
    contentType: 'application/json',
    events: route.events ?? 'completions',
    // The engine's own count settles the reservation.
    promptTokens: fields.promptTokens,
  }
  if (shape) {
    const translation = translate(shape, route.streams === 'always' ? asStream(fields) : body, entry)
    return {
      ...known,
      path: translation.path,
      body: translation.body,
      stream: translation.stream,
      usage: 'none',
      answers: 1,
      translation,
      maxTokens: Math.min(translation.maxTokens ?? config.DEFAULT_MAX_TOKENS, entry.spec.maxOutput),
      affinity: undefined,
    }
  }
  if (!route.passes || !takesIt) throw wrongEngine(entry, routeTemplate(route))
  if (route.events === 'responses') checkStateless(fields)
  const stream = (route.streams !== undefined && fields.boolean('stream')) ?? false
  const perAnswer = Math.min(askedTokens(fields) || config.DEFAULT_MAX_TOKENS, entry.spec.maxOutput)
  if (route.modelClass === 'embed') fields.listLength('input', mostTexts)
  const answers = fields.listLength('prompt', config.MAX_PROMPTS) * (fields.integer('n', 1) ?? 1)
  const wantsAffinity = entry.spec.affinity === 'prefix' && entry.endpoints.length > 1
  return {
    ...known,
    path: route.passes.path,
    body: spliceBody(fields, [['model', JSON.stringify(entry.name)]]),
    stream,
    usage: stream ? usageShown(fields) : 'each',
    answers,
    maxTokens: route.modelClass === 'embed' || route.counts ? 0 : perAnswer * answers,
    affinity: wantsAffinity ? affinityOf(fields, tenant.name, sessionId, config.AFFINITY_BYTES) : undefined,
  }
}

/** Which of the two an engine follows differs from route to route. */
const askedTokens = (fields: BodyFields): number =>
  Math.max(
    ...['max_completion_tokens', 'max_tokens', 'max_output_tokens'].map((field) => fields.integer(field, 1) ?? 0),
  )

const asStream = (fields: BodyFields): Buffer => spliceBody(fields, [['stream', 'true']])

function usageShown(fields: BodyFields): UsageShown {
  const options = fields.value('stream_options') as
    | { include_usage?: unknown; continuous_usage_stats?: unknown }
    | undefined
  if (options?.include_usage !== true) return 'none'
  return options.continuous_usage_stats === true ? 'each' : 'last'
}

/** The model’s task would do, but its engine has no such call. */
export const wrongEngine = (entry: ModelEntry, template: string): ApiError =>
  new ApiError({
    status: 422,
    code: 'unsupported_task',
    message: `The engine of ${entry.name}, ${entry.engine}, has no ${template}.`,
    param: 'model',
    retry: false,
  })

export const wrongRoute = (entry: ModelEntry): ApiError =>
  new ApiError({
    status: 422,
    code: 'unsupported_task',
    message: `The model ${entry.name} does ${entry.task}, which this route does not offer.`,
    param: 'model',
    retry: false,
  })

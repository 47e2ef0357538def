// From a form with audio to a request for an engine: model, policy, and what it may cost.
import { invalidRequest } from '../api-error.ts'
import type { Config } from '../config.ts'
import type { ModelEntry, Tenant } from '../discovery/directory.ts'
import { tokensPerSecondOfAudio } from '../wire/usage.ts'
import { fits, modelClassOf, wrongEngine, wrongRoute } from './admit.ts'
import { notAllowed, privilegedFields } from './body-policy.ts'
import type { EngineRequest } from './engine-request.ts'
import { type Form, formText, withFormText } from './multipart.ts'
import { enginesOf, type InferenceRoute, routeTemplate } from './route-table.ts'

/** Bytes of a second of compressed speech, at 128 kbit/s: an estimate, which the engine’s own count settles. */
const bytesPerSecond = 16_000
/** Words of fast speech, as tokens. */
const tokensPerSecondOfText = 5

/** @throws ApiError 400 */
export function formModel(form: Form): string {
  const name = formText(form, 'model')
  if (!name) throw invalidRequest('model is missing: name the model to use.', 'model')
  return name
}

/** @throws ApiError 400, 422 */
export function admitForm(
  form: Form,
  contentType: string,
  entry: ModelEntry,
  route: InferenceRoute,
  tenant: Tenant,
  config: Config,
): EngineRequest {
  checkForm(form, tenant, config.MAX_N)
  if (!fits(route, entry)) throw wrongRoute(entry)
  if (!route.passes || !enginesOf(route).includes(entry.engine)) throw wrongEngine(entry, routeTemplate(route))
  const stream = isTrue(formText(form, 'stream'))
  const seconds = form.body.length / bytesPerSecond
  return {
    route: routeTemplate(route),
    operation: route.operation,
    family: route.family,
    modelClass: modelClassOf(entry),
    entry,
    path: route.passes.path,
    body: withFormText(form, 'model', entry.name),
    contentType,
    stream,
    events: 'completions',
    usage: !stream ? 'each' : isTrue(formText(form, 'stream_include_usage')) ? 'last' : 'none',
    answers: 1,
    promptTokens: Math.ceil(seconds * tokensPerSecondOfAudio),
    maxTokens: Math.ceil(seconds * tokensPerSecondOfText),
    affinity: undefined,
  }
}

function checkForm(form: Form, tenant: Tenant, maxN: number): void {
  for (const [field, why] of Object.entries(privilegedFields))
    if (form.fields.has(field) && !tenant.allowFields?.includes(field)) throw notAllowed(field, tenant, why)
  if (!form.files.has('file')) throw invalidRequest('file is missing: the audio, as a file.', 'file')
  const beams = Number(formText(form, 'n') ?? 1)
  if (!(beams >= 1 && beams <= maxN)) throw invalidRequest(`n must be from 1 to ${maxN}.`, 'n')
}

/** The words that vLLM takes for true. */
const isTrue = (text: string | undefined): boolean => /^(?:true|1|on|yes|t|y)$/i.test(text ?? '')

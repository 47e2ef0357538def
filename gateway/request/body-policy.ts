// Fields of a body that only some tenants may send, limits on fields that multiply the work of one request, and fields that need an
// earlier request.
import { type ApiError, invalidRequest } from '../api-error.ts'
import type { Tenant } from '../discovery/directory.ts'
import type { BodyFields } from './fields.ts'

/** Why a tenant must be allowed to send a field: `allowFields` of its file. */
export const privilegedFields: Readonly<Record<string, string>> = {
  priority: 'it overtakes other tenants in the engine’s queue',
  kv_transfer_params: 'it makes the engine connect to other addresses',
  ec_transfer_params: 'it makes the engine connect to other addresses',
  chat_template: 'a template is a program that the engine runs',
  chat_template_kwargs: 'it reaches into the template that the engine runs',
  vllm_xargs: 'it reaches into the engine',
  cache_salt: 'it lets a tenant look into what others have cached',
  best_of: 'it multiplies the work of one request',
  prompt_logprobs: 'it makes an answer many times as long as its prompt',
  logprob_token_ids: 'it makes an answer many times as long as its text',
}

const privileged: ReadonlyMap<string, string> = new Map(Object.entries(privilegedFields))

/** Values that ask for nothing, beside null: what clients send that fill in every field. */
const neutral: Readonly<Record<string, (value: unknown) => boolean>> = {
  priority: (value) => value === 0,
  best_of: (value) => value === 1,
  chat_template_kwargs: isThinkingSwitch,
}

/** Qwen3’s documented switch, which only says whether it thinks first. */
function isThinkingSwitch(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return Object.entries(value).every(([key, one]) => key === 'enable_thinking' && typeof one === 'boolean')
}

/** OpenAI’s limit, and vLLM’s default: -1 would ask for the whole vocabulary with every token. */
const maxLogprobs = 20

/**
 * @param maxN largest `n`
 * @throws ApiError 400 naming the field
 */
export function checkBodyPolicy(fields: BodyFields, tenant: Tenant, maxN: number): void {
  for (const field of fields.keys()) {
    const why = privileged.get(field)
    if (why === undefined || tenant.allowFields?.includes(field) || asksNothing(fields, field)) continue
    throw notAllowed(field, tenant, why)
  }
  for (const field of ['n', 'best_of']) {
    const count = fields.integer(field, 1)
    if (count !== undefined && count > maxN) throw invalidRequest(`${field} must be at most ${maxN}.`, field)
  }
  let wantsLogprobs = false
  for (const field of ['logprobs', 'top_logprobs']) {
    const value = fields.value(field)
    if (value === undefined || value === false) continue
    if (value !== true && !(typeof value === 'number' && value >= 0 && value <= maxLogprobs))
      throw invalidRequest(`${field} must be from 0 to ${maxLogprobs}.`, field)
    wantsLogprobs = true
  }
  // vLLM makes prompt_logprobs of the two together.
  if (wantsLogprobs && fields.boolean('echo') && !tenant.allowFields?.includes('prompt_logprobs'))
    throw invalidRequest(
      `echo with logprobs is not allowed for ${tenant.name}: ${privilegedFields.prompt_logprobs}.`,
      'echo',
    )
}

export const notAllowed = (field: string, { name }: Tenant, why: string): ApiError =>
  invalidRequest(`${field} is not allowed for ${name}: ${why}. allowFields of its tenant file permits it.`, field)

function asksNothing(fields: BodyFields, field: string): boolean {
  if (!isSet(fields, field)) return true
  return neutral[field]?.(fields.value(field)) ?? false
}

const nothingKept = 'nothing is kept between requests'

const stored: readonly [field: string, instead: string][] = [
  ['previous_response_id', 'send the whole conversation in input'],
  ['conversation', 'send the whole conversation in input'],
  ['prompt', 'send its text in instructions and input'],
]

/**
 * Nothing is kept here for OpenAI’s Responses: an answer of one pod would not be known to the next one, and prompts would lie in an
 * engine’s memory. OpenAI’s clients send `store` only when a program sets it, so its absence says nothing, and the answer is not stored.
 * @throws ApiError 400 naming the field
 */
export function checkStateless(fields: BodyFields): void {
  if (fields.boolean('store')) throw refused('store', 'leave it out or send false')
  if (fields.boolean('background')) throw refused('background', 'ask for a stream')
  for (const [field, instead] of stored) if (isSet(fields, field)) throw refused(field, instead)
}

/** Null is the field’s absence. */
function isSet(fields: BodyFields, field: string): boolean {
  const range = fields.range(field)
  return range !== undefined && fields.body.toString('latin1', range.start, range.end) !== 'null'
}

const refused = (field: string, instead: string): ApiError =>
  invalidRequest(`${field} cannot be honoured, since ${nothingKept}: ${instead}.`, field)

// How an answer is chosen: the fields that both generating routes share, checked with vLLM's limits and words.
import { badParameter, badRequest } from '../api-error.ts'
import type { Fields } from './fields.ts'
import { floatText, quoted } from './python-text.ts'

export interface Sampling {
  /** Undefined: as many as the context leaves. */
  maxTokens: number | undefined
  minTokens: number
  temperature: number
  topP: number
  /** 0: off. */
  topK: number
  minP: number
  repetitionPenalty: number
  presencePenalty: number
  frequencyPenalty: number
  seed: number | undefined
  logitBias: readonly (readonly [tokenId: number, bias: number])[]
  /** Alternatives per token; undefined: none, and no log probabilities. */
  logprobs: number | undefined
  stop: readonly string[]
  stopTokenIds: readonly number[]
  includeStop: boolean
  ignoreEos: boolean
  skipSpecialTokens: boolean
}

/** What generation_config.json says; vLLM takes its defaults from there too. */
export interface SamplingDefaults {
  temperature?: number
  topP?: number
  topK?: number
  minP?: number
  repetitionPenalty?: number
}

export interface Limits {
  maxModelLen: number
  vocabularySize: number
  defaults: SamplingDefaults
}

/** Most alternatives per token; vLLM's --max-logprobs. */
const mostLogprobs = 20
/** Below it vLLM takes the likeliest token. */
export const greedyBelow = 1e-5

/** @throws ApiError 400; problems of types are left in `fields` for `done` */
export function readSampling(fields: Fields, limits: Limits, maxTokens: number | undefined): Sampling {
  const { defaults } = limits
  const seed = fields.integer('seed')
  if (seed !== undefined && seed > maxInt64) {
    const message = 'Input should be less than or equal to 9223372036854775807'
    fields.wrong('less_than_equal', 'seed', message, seed, "'le': 9223372036854775807")
  }
  const sampling: Sampling = {
    maxTokens,
    minTokens: fields.integer('min_tokens') ?? 0,
    temperature: fields.number('temperature') ?? defaults.temperature ?? 1,
    topP: fields.number('top_p') ?? defaults.topP ?? 1,
    topK: fields.integer('top_k') ?? defaults.topK ?? 0,
    minP: fields.number('min_p') ?? defaults.minP ?? 0,
    repetitionPenalty: fields.number('repetition_penalty') ?? defaults.repetitionPenalty ?? 1,
    presencePenalty: fields.number('presence_penalty') ?? 0,
    frequencyPenalty: fields.number('frequency_penalty') ?? 0,
    seed,
    logitBias: readBias(fields, limits.vocabularySize),
    logprobs: undefined,
    stop: fields.texts('stop') ?? [],
    stopTokenIds: fields.tokenIds('stop_token_ids') ?? [],
    includeStop: fields.boolean('include_stop_str_in_output') ?? false,
    ignoreEos: fields.boolean('ignore_eos') ?? false,
    skipSpecialTokens: fields.boolean('skip_special_tokens') ?? true,
  }
  fields.done()
  checkRanges(sampling, limits)
  return sampling.topK === -1 ? { ...sampling, topK: 0 } : sampling
}

const maxInt64 = 2 ** 63

/** @throws ApiError 400 */
function checkRanges(sampling: Sampling, { maxModelLen }: Limits): void {
  const { maxTokens, minTokens, temperature, topP, topK, minP, repetitionPenalty } = sampling
  const got = (value: number): string => floatText(value)
  if (maxTokens !== undefined && maxTokens < 1)
    throw badParameter(`max_tokens must be at least 1, got ${maxTokens}.`, 'max_tokens', String(maxTokens))
  if (maxTokens !== undefined && maxTokens > maxModelLen)
    throw badParameter(
      `max_tokens=${maxTokens} cannot be greater than max_model_len=${maxModelLen}. Please request fewer output tokens.`,
      'max_tokens',
      String(maxTokens),
    )
  if (!(temperature >= 0))
    throw badParameter(`temperature must be non-negative, got ${got(temperature)}.`, 'temperature', got(temperature))
  if (!(temperature <= 2))
    throw badParameter(`temperature must be in [0, 2], got ${got(temperature)}.`, 'temperature', got(temperature))
  if (!(topP > 0 && topP <= 1)) throw badParameter(`top_p must be in (0, 1], got ${got(topP)}.`, 'top_p', got(topP))
  if (topK < -1) throw badRequest(`top_k must be 0 (disable), or at least 1, got ${topK}.`)
  if (!(minP >= 0 && minP <= 1)) throw badRequest(`min_p must be in [0, 1], got ${got(minP)}.`)
  if (!(repetitionPenalty > 0))
    throw badRequest(`repetition_penalty must be greater than zero, got ${got(repetitionPenalty)}.`)
  for (const [name, value] of [
    ['presence_penalty', sampling.presencePenalty],
    ['frequency_penalty', sampling.frequencyPenalty],
  ] as const)
    if (!(value >= -2 && value <= 2)) throw badRequest(`${name} must be in [-2, 2], got ${got(value)}.`)
  if (minTokens < 0) throw badRequest(`min_tokens must be greater than or equal to 0, got ${minTokens}.`)
  if (maxTokens !== undefined && minTokens > maxTokens)
    throw badRequest(`min_tokens must be less than or equal to max_tokens=${maxTokens}, got ${minTokens}.`)
  if (sampling.stop.includes('')) throw badRequest('stop cannot contain an empty string.')
}

/** @throws ApiError 400 */
function readBias(fields: Fields, vocabularySize: number): [number, number][] {
  const entries = Object.entries(fields.dictionary('logit_bias') ?? {})
  const odd = entries.filter(([id]) => !/^\d+$/.test(id)).map(([id]) => quoted(id))
  if (odd.length > 0) {
    const list = `[${odd.join(', ')}]`
    throw badParameter(
      `logit_bias contains key(s) that cannot be converted to integer token IDs: ${list}`,
      'logit_bias',
      list,
    )
  }
  const outside = entries.map(([id]) => Number(id)).filter((id) => id >= vocabularySize)
  if (outside.length > 0) {
    const list = `[${outside.join(', ')}]`
    throw badParameter(
      `token_id(s) ${list} in logit_bias contain out-of-vocab token ids. Vocabulary size: ${vocabularySize}`,
      'logit_bias',
      list,
    )
  }
  return entries.map(([id, bias]) => {
    if (typeof bias !== 'number') fields.wrong('float_type', `logit_bias.${id}`, 'Input should be a valid number', bias)
    return [Number(id), Math.min(100, Math.max(-100, Number(bias)))]
  })
}

/** @throws ApiError 400 */
export function checkLogprobs(count: number | undefined, vocabularySize: number): number | undefined {
  if (count === undefined) return undefined
  const asked = count === -1 ? vocabularySize : count
  if (asked < 0) throw badParameter('`logprobs` must be a positive value.', 'logprobs', String(asked))
  if (asked > mostLogprobs)
    throw badParameter(
      `Requested sample logprobs of ${asked}, which is greater than max allowed: ${mostLogprobs}`,
      'logprobs',
      String(asked),
    )
  return asked
}

/** @throws ApiError 400 */
export function checkChoices(n: number, { temperature }: Sampling): void {
  if (n < 1) throw badRequest(`n must be at least 1, got ${n}.`)
  if (n > 1 && temperature < greedyBelow) throw badRequest(`n must be 1 when using greedy sampling, got ${n}.`)
}

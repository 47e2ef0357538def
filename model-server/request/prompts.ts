// The prompts of a completion: one or several, as text or as token ids.
import { badParameter, badRequest } from '../api-error.ts'
import type { Prompt } from '../engine/messages.ts'
import type { Fields } from './fields.ts'

const missing = () => badParameter('Either prompt or prompt_embeds must be provided and non-empty.', 'prompt')

/**
 * Texts and ids in the shapes of OpenAI’s `prompt` and `input`.
 * @throws ApiError 400; problems of types are left in `fields`
 */
export function readPrompts(fields: Fields, name: 'prompt' | 'input'): Prompt[] {
  const value = fields.all[name] ?? undefined
  if (value === undefined || value === '') throw missing()
  if (typeof value === 'string') return [value]
  if (!Array.isArray(value)) return wrongShape(fields, name, value)
  if (value.length === 0) throw badRequest('You must pass at least one prompt')
  if (value.every((one) => typeof one === 'string')) return value
  if (value.every(isTokenId)) return [value]
  if (value.every((one): one is number[] => Array.isArray(one) && one.length > 0 && one.every(isTokenId))) return value
  return wrongShape(fields, name, value)
}

const isTokenId = (value: unknown): value is number => Number.isInteger(value) && (value as number) >= 0

/** vLLM lists what is wrong with each of the four shapes; one line that names them is easier to read. */
function wrongShape(fields: Fields, name: string, value: unknown): Prompt[] {
  const message = 'Input should be a text, a list of texts, a list of token ids, or a list of such lists'
  fields.wrong('prompt_type', name, message, value)
  fields.done()
  return []
}

/** @throws ApiError 400 naming truncate_prompt_tokens or truncation_side */
export function readTruncation(fields: Fields, maxModelLen: number, usual: 'left' | 'right') {
  const tokens = fields.integer('truncate_prompt_tokens')
  const side = fields.text('truncation_side')
  if (side !== undefined && side !== 'left' && side !== 'right')
    fields.wrong(
      'literal_error',
      'truncation_side',
      "Input should be 'left' or 'right'",
      side,
      "'expected': \"'left' or 'right'\"",
    )
  if (tokens !== undefined && tokens < -1) fields.atLeast(-1, tokens, 'truncate_prompt_tokens')
  fields.done()
  if (tokens === undefined) return undefined
  if (tokens > maxModelLen)
    throw badRequest(
      `truncate_prompt_tokens value (${tokens}) is greater than max_model_len (${maxModelLen}). Please request a smaller truncation size.`,
    )
  return {
    tokens: tokens === -1 ? maxModelLen : tokens,
    side: side === 'right' ? 'right' : side === 'left' ? 'left' : usual,
  } as const
}

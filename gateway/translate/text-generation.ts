// Text generation as Text Generation Inference speaks it, on an engine that speaks OpenAI's completions.
import { countIn, type Fields, flagIn, objectIn, parseAnswer, rowsOf, textIn, toBuffer } from './body.ts'
import { BrokenAnswer, invalidInput } from './shape-errors.ts'
import type { TranslatedModel, Translation } from './translation.ts'

/** Parameters that both know: theirs → ours. */
const sameMeaning: Readonly<Record<string, string>> = {
  temperature: 'temperature',
  top_p: 'top_p',
  top_k: 'top_k',
  seed: 'seed',
  stop: 'stop',
  stop_sequences: 'stop',
  repetition_penalty: 'repetition_penalty',
  frequency_penalty: 'frequency_penalty',
  presence_penalty: 'presence_penalty',
  truncate: 'truncate_prompt_tokens',
}

/** Handled one by one below. */
const handled = ['max_new_tokens', 'do_sample', 'return_full_text', 'details']

/** Their value when they change nothing; with another one the answer would not be what was asked for. */
const onlyWhen: Readonly<Record<string, unknown>> = {
  watermark: false,
  decoder_input_details: false,
  best_of: 1,
  top_n_tokens: 0,
}

interface Piece {
  text: string
  finish: string | null
  stopped: unknown
  tokenIds: number[]
  logprob: number | null
}

export function textGeneration(fields: Fields, model: TranslatedModel): Translation {
  if (model.api !== 'openai') throw invalidInput('This model does not generate text.')
  const prompt = textIn(fields, 'inputs')
  const parameters = objectIn(fields, 'parameters')
  const stream = flagIn(fields, 'stream') ?? false
  const details = flagIn(parameters, 'details') ?? false
  const maxTokens = countIn(parameters, 'max_new_tokens')
  const greedy = flagIn(parameters, 'do_sample') === false
  const prefix = flagIn(parameters, 'return_full_text') ? prompt : ''
  const body = toBuffer({
    model: model.name,
    prompt,
    ...mapped(parameters),
    ...(maxTokens !== undefined && { max_tokens: maxTokens }),
    ...(greedy && { temperature: 0 }),
    ...(details && { logprobs: 0 }),
    ...((details || stream) && { return_token_ids: true }),
    ...(stream && { stream: true, stream_options: { include_usage: true } }),
  })
  const seed = typeof parameters.seed === 'number' ? parameters.seed : null
  return {
    path: '/v1/completions',
    body,
    stream,
    ...(maxTokens !== undefined && { maxTokens }),
    answer: (engineBody) => toBuffer([wholeAnswer(parseAnswer(engineBody), prefix, details ? { seed } : undefined)]),
    ...(stream && { event: streamReader(prefix, seed) }),
  }
}

function mapped(parameters: Fields): Fields {
  const result: Fields = {}
  for (const [key, value] of Object.entries(parameters)) {
    if (value === null || handled.includes(key)) continue
    const name = sameMeaning[key]
    if (name !== undefined) result[name] = value
    else if (!(key in onlyWhen) || onlyWhen[key] !== value)
      throw invalidInput(`The parameter ${key} cannot be honoured for this model.`, key)
  }
  return result
}

const reasons: Readonly<Record<string, string>> = { length: 'length', stop: 'eos_token' }

/** A stop string has a value; the end-of-sequence token has none. */
const finishReason = (finish: string | null, stopped: unknown): string =>
  typeof stopped === 'string' ? 'stop_sequence' : (reasons[finish ?? ''] ?? 'eos_token')

function wholeAnswer(answer: unknown, prefix: string, wanted: { seed: number | null } | undefined): Fields {
  const [choice] = rowsOf(answer, 'choices')
  if (!choice || typeof choice.text !== 'string') throw new BrokenAnswer('no text')
  const generated = { generated_text: prefix + choice.text }
  if (!wanted) return generated
  const finish = typeof choice.finish_reason === 'string' ? choice.finish_reason : null
  const tokens = tokensOf(choice)
  const counted = (answer as { usage?: { completion_tokens?: number } }).usage?.completion_tokens
  return {
    ...generated,
    details: {
      finish_reason: finishReason(finish, choice.stop_reason),
      generated_tokens: counted ?? tokens.length,
      seed: wanted.seed,
      prefill: [],
      tokens,
    },
  }
}

/** Tokens of a whole answer, from the log probabilities that were asked for. */
function tokensOf({ logprobs, token_ids: ids }: Fields): Fields[] {
  const { tokens, token_logprobs: values } = (logprobs ?? {}) as { tokens?: unknown; token_logprobs?: unknown }
  if (!Array.isArray(tokens)) return []
  return tokens.map((text: unknown, at) => ({
    id: Array.isArray(ids) ? ids[at] : 0,
    text,
    logprob: Array.isArray(values) ? values[at] : null,
    special: false,
  }))
}

function pieceOf(data: string): Piece | undefined {
  const [choice] = rowsOf(parseAnswer(Buffer.from(data)), 'choices')
  if (!choice) return undefined
  const values = (choice.logprobs as { token_logprobs?: number[] } | null)?.token_logprobs
  return {
    text: typeof choice.text === 'string' ? choice.text : '',
    finish: typeof choice.finish_reason === 'string' ? choice.finish_reason : null,
    stopped: choice.stop_reason,
    tokenIds: Array.isArray(choice.token_ids) ? (choice.token_ids as number[]) : [],
    logprob: values?.[0] ?? null,
  }
}

/** One event for each piece; the last one carries the whole text. */
function streamReader(prefix: string, seed: number | null): (data: string | undefined) => string[] {
  let text = prefix
  let count = 0
  return (data) => {
    const piece = data === undefined ? undefined : pieceOf(data)
    if (!piece) return []
    text += piece.text
    count += piece.tokenIds.length || 1
    const isLast = piece.finish !== null
    const details = { finish_reason: finishReason(piece.finish, piece.stopped), generated_tokens: count, seed }
    return [
      JSON.stringify({
        index: count,
        token: {
          id: piece.tokenIds[0] ?? 0,
          text: piece.text,
          logprob: piece.logprob,
          special: isLast && piece.text === '',
        },
        generated_text: isLast ? text : null,
        details: isLast ? details : null,
      }),
    ]
  }
}

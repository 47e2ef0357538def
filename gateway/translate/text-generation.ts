// Text generation as Text Generation Inference speaks it, on an engine that speaks OpenAI's completions.
import {
  countIn,
  type Fields,
  flagIn,
  isFields,
  numberOf,
  objectIn,
  onlyKnown,
  parseAnswer,
  rowsOf,
  textIn,
  toBuffer,
} from './body.ts'
import { brokenAnswer, invalidInput } from './shape-errors.ts'
import type { TranslatedModel, Translation } from './shapes.ts'

/** Parameters that both know: theirs to ours. */
const sameMeaning: ReadonlyMap<string, string> = new Map([
  ['temperature', 'temperature'],
  ['top_p', 'top_p'],
  ['top_k', 'top_k'],
  ['seed', 'seed'],
  ['stop', 'stop'],
  ['stop_sequences', 'stop'],
  ['repetition_penalty', 'repetition_penalty'],
  ['frequency_penalty', 'frequency_penalty'],
  ['presence_penalty', 'presence_penalty'],
  ['truncate', 'truncate_prompt_tokens'],
])

/** Handled one by one below. */
const handled = ['max_new_tokens', 'do_sample', 'return_full_text', 'details']

/** Their value when they change nothing; with another one the answer would not be what was asked for. */
const onlyWhen: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['watermark', false],
  ['decoder_input_details', false],
  ['best_of', 1],
  ['top_n_tokens', 0],
  ['typical_p', 1],
])

export function textGeneration(fields: Fields, model: TranslatedModel): Translation {
  if (model.api !== 'openai') throw invalidInput('This model does not generate text.')
  onlyKnown(fields, ['inputs', 'parameters', 'stream'])
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
    const name = sameMeaning.get(key)
    if (name !== undefined) {
      if (name in result) throw invalidInput(`${key} and another name of the same parameter are both given.`, key)
      result[name] = value
    } else if (!onlyWhen.has(key) || onlyWhen.get(key) !== value)
      throw invalidInput(`The parameter ${key} cannot be honoured for this model.`, key)
  }
  // Text Generation Inference keeps the end of a prompt; vLLM would take the side that the tokenizer prefers.
  return 'truncate_prompt_tokens' in result ? { ...result, truncation_side: 'left' } : result
}

/** Of a choice that has ended. A stop string is given back; for the end-of-sequence token there is none. */
function finishReason({ finish_reason: finish, stop_reason: stopped }: Fields): string {
  if (finish === 'length') return 'length'
  if (finish === 'stop') return typeof stopped === 'string' ? 'stop_sequence' : 'eos_token'
  throw brokenAnswer('it was not completed')
}

/** Tokens of the answer so far, when the engine says. */
function countedTokens(answer: unknown): number | undefined {
  const usage = isFields(answer) ? answer.usage : undefined
  return isFields(usage) && typeof usage.completion_tokens === 'number' ? usage.completion_tokens : undefined
}

function textOf({ text }: Fields): string {
  if (typeof text !== 'string') throw brokenAnswer('it has no text')
  return text
}

function wholeAnswer(answer: unknown, prefix: string, wanted: { seed: number | null } | undefined): Fields {
  const [choice] = rowsOf(answer, 'choices')
  if (!choice) throw brokenAnswer('it has no text')
  const finish = finishReason(choice)
  const generated = { generated_text: prefix + textOf(choice) }
  if (!wanted) return generated
  return {
    ...generated,
    details: {
      finish_reason: finish,
      generated_tokens: numberOf(countedTokens(answer)),
      seed: wanted.seed,
      prefill: [],
      tokens: tokensOf(choice),
    },
  }
}

const listIn = (fields: Fields, key: string): unknown[] => {
  const value = fields[key]
  return Array.isArray(value) ? value : []
}

/** Tokens of a choice, from the log probabilities that were asked for. */
function tokensOf(choice: Fields): Fields[] {
  const logprobs = isFields(choice.logprobs) ? choice.logprobs : {}
  const values = listIn(logprobs, 'token_logprobs')
  const ids = listIn(choice, 'token_ids')
  return listIn(logprobs, 'tokens').map((text, at) => ({
    id: ids[at] ?? 0,
    text,
    logprob: values[at] ?? null,
    special: false,
  }))
}

/** One payload for each piece; the last one carries the whole text, and waits for the engine's count of the tokens. */
function streamReader(prefix: string, seed: number | null): (data: string | undefined) => string[] {
  let text = prefix
  let count = 0
  let last: { token: Fields; finish: string } | undefined
  const payload = (token: Fields, finish?: string): string =>
    JSON.stringify({
      index: count,
      token,
      generated_text: finish === undefined ? null : text,
      details: finish === undefined ? null : { finish_reason: finish, generated_tokens: count, seed },
    })
  const flush = (): string[] => {
    if (!last) return []
    const { token, finish } = last
    last = undefined
    return [payload(token, finish)]
  }
  return (data) => {
    // The end must never throw: everything that could be wrong was seen before.
    if (data === undefined) return flush()
    const answer = parseAnswer(data)
    const [choice] = rowsOf(answer, 'choices')
    const counted = countedTokens(answer)
    if (!choice) {
      count = counted ?? count
      return flush()
    }
    const piece = textOf(choice)
    const ids = listIn(choice, 'token_ids')
    text += piece
    // Several tokens can come in one piece; without ids and counts a piece with text is taken for one.
    count = counted ?? count + (ids.length || (piece === '' ? 0 : 1))
    const isLast = typeof choice.finish_reason === 'string'
    const token = {
      id: ids[0] ?? 0,
      text: piece,
      logprob: tokensOf(choice)[0]?.logprob ?? null,
      special: isLast && piece === '',
    }
    if (!isLast) return [payload(token)]
    last = { token, finish: finishReason(choice) }
    return []
  }
}

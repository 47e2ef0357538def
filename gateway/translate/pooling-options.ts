// Options of Text Embeddings Inference, and what vLLM's pooling routes call the same.
import { countIn, type Fields, flagIn } from './body.ts'
import { invalidInput } from './shape-errors.ts'

function promptNameIn(fields: Fields, key: string): string | undefined {
  const value = fields[key] ?? undefined
  if (value === undefined || typeof value === 'string') return value
  throw invalidInput(`${key} must be a string.`, key)
}

/** Text Embeddings Inference writes Left and Right, Hugging Face's clients write them small. */
function sideIn(fields: Fields, key: string): string | undefined {
  const value = fields[key] ?? undefined
  if (value === undefined) return undefined
  const side = typeof value === 'string' ? value.toLowerCase() : ''
  if (side !== 'left' && side !== 'right') throw invalidInput(`${key} must be left or right.`, key)
  return side
}

const readers = {
  truncate: flagIn,
  truncation_direction: sideIn,
  prompt_name: promptNameIn,
  normalize: flagIn,
  raw_scores: flagIn,
  dimensions: countIn,
} as const

export type PoolingOption = keyof typeof readers

/**
 * The options that a body has, for its engine.
 * @param names those that the call knows
 * @throws TranslationError 422 naming the option
 */
export function poolingOptions(api: 'openai' | 'tei', fields: Fields, names: readonly PoolingOption[]): Fields {
  const given = names.map((name) => [name, readers[name](fields, name)] as const)
  const options: Fields = Object.fromEntries(given.filter(([, value]) => value !== undefined))
  return api === 'tei' ? options : toVllm(options)
}

function toVllm({ truncate, truncation_direction, prompt_name, normalize, raw_scores, dimensions }: Fields): Fields {
  if (prompt_name !== undefined)
    throw invalidInput('prompt_name is not known to the engine of this model.', 'prompt_name')
  return {
    // The side must be said: without it vLLM takes the tokenizer's, Text Embeddings Inference the right one.
    ...(truncate === true && { truncate_prompt_tokens: -1, truncation_side: truncation_direction ?? 'right' }),
    ...(dimensions !== undefined && { dimensions }),
    ...(normalize !== undefined && { use_activation: normalize }),
    ...(raw_scores !== undefined && { use_activation: raw_scores !== true }),
  }
}

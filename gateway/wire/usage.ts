// Token counts in an engine's answer, and their removal for clients that did not ask for them. Answers are latin1 text here:
// one character a byte.

export interface Usage {
  inputTokens: number
  outputTokens: number
}

/** Whisper’s encoder makes 1500 states of 30 s. */
export const tokensPerSecondOfAudio = 50

/** Within a JSON string every quote is escaped, so this can only be a key. */
const key = '"usage":'
const space = 0x20
const comma = 0x2c
const open = 0x7b
const close = 0x7d

/** Where the last `usage` object of a text is. */
export interface UsageRange {
  /** What to cut out to remove the field, a comma included. */
  start: number
  end: number
  /** The object itself. */
  from: number
  to: number
}

/** Undefined when there is none, or when it is cut off. */
export function findUsage(text: string): UsageRange | undefined {
  const at = text.lastIndexOf(key)
  if (at < 0) return undefined
  let from = at + key.length
  while (text.charCodeAt(from) === space) from += 1
  if (text.charCodeAt(from) !== open) return undefined
  const to = endOfObject(text, from)
  if (to < 0) return undefined
  let start = at - 1
  while (text.charCodeAt(start) === space) start -= 1
  if (text.charCodeAt(start) === comma) return { start, end: to, from, to }
  // The first field: the comma after it goes too.
  let end = to
  while (text.charCodeAt(end) === space) end += 1
  return { start: at, end: text.charCodeAt(end) === comma ? end + 1 : to, from, to }
}

/** Index after the object that opens at `from`; -1 when it does not end. Counts hold numbers and objects, no strings. */
function endOfObject(text: string, from: number): number {
  let depth = 0
  for (let at = from; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === open) depth += 1
    else if (code === close) {
      depth -= 1
      if (depth === 0) return at + 1
    }
  }
  return -1
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

/** Counts from a usage object; undefined when it has none. */
export function parseUsage(text: string): Usage | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  return usageOf(value)
}

/**
 * Counts as OpenAI's completions, its Responses and Anthropic's Messages write them; undefined when there are none. Anthropic counts
 * tokens that the cache has apart from the others.
 */
export function usageOf(value: unknown): Usage | undefined {
  const counts = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>
  // Speech is counted in seconds.
  if (isCount(counts.seconds) && counts.type === 'duration')
    return { inputTokens: counts.seconds * tokensPerSecondOfAudio, outputTokens: 0 }
  const cached = [counts.cache_creation_input_tokens, counts.cache_read_input_tokens].filter(isCount)
  const input = counts.prompt_tokens ?? counts.input_tokens ?? counts.total_tokens
  const output = counts.completion_tokens ?? counts.output_tokens ?? 0
  if (!isCount(input) || !isCount(output)) return undefined
  return { inputTokens: cached.reduce((sum, one) => sum + one, input), outputTokens: output }
}

/** The counts of a whole answer. */
export function usageIn(answer: Buffer): Usage | undefined {
  const text = answer.toString('latin1')
  const range = findUsage(text)
  return range && parseUsage(text.slice(range.from, range.to))
}

/** Most characters from a field's key to the end of its object, with room for details of tokens. */
const longest = 1024

/** Finds the counts in an answer that passes in pieces, wherever they are. */
export class UsageFinder {
  #seam = ''
  #usage: Usage | undefined

  /** @param piece latin1 text */
  push(piece: string): void {
    // What could be the beginning of a field at the end of the last piece is looked at again.
    const text = this.#seam + piece
    const range = findUsage(text)
    if (range) this.#usage = parseUsage(text.slice(range.from, range.to)) ?? this.#usage
    this.#seam = text.slice(-longest)
  }

  get usage(): Usage | undefined {
    return this.#usage
  }
}

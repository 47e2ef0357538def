// Typed reading of single fields of a scanned body, with an error that names the field.
import { invalidRequest } from '../api-error.ts'
import { mediaTokens } from './media.ts'
import { type Field, type Range, scanObject, skipSpace, skipValue } from './scan-object.ts'

const quote = 0x22
const comma = 0x2c
const colon = 0x3a
const openBracket = 0x5b
const openBrace = 0x7b

/** Most bytes of a field that the gateway itself reads. */
const valueLimit = 4096

export class BodyFields {
  readonly body: Buffer
  readonly #fields: Map<string, Field>
  readonly #media: Range[] = []

  /** @throws ApiError 400 when the body is not a JSON object */
  constructor(body: Buffer) {
    this.body = body
    this.#fields = scanObject(body, this.#media)
  }

  /** Estimate of the prompt: an engine counts about four bytes of English to a token. */
  get promptTokens(): number {
    let text = this.body.length
    let tokens = 0
    for (const range of this.#media) {
      text -= range.end - range.start
      tokens += mediaTokens(this.body, range)
    }
    return Math.ceil(text / 4) + tokens
  }

  has(key: string): boolean {
    return this.#fields.has(key)
  }

  keys(): Iterable<string> {
    return this.#fields.keys()
  }

  range(key: string): Range | undefined {
    return this.#fields.get(key)
  }

  /** The parsed value, which must be a short one; undefined when absent or null. */
  value(key: string): unknown {
    const range = this.#fields.get(key)
    if (!range) return undefined
    // Before it is parsed: a list of ten megabytes in place of a number would stop everybody for half a second.
    if (range.end - range.start > valueLimit) throw invalidRequest(`${key} is too long.`, key)
    try {
      return JSON.parse(this.body.toString('utf8', range.start, range.end)) ?? undefined
    } catch {
      throw invalidRequest(`${key} is not valid JSON.`, key)
    }
  }

  string(key: string): string | undefined {
    const value = this.value(key)
    if (value === undefined || typeof value === 'string') return value
    throw invalidRequest(`${key} must be a string.`, key)
  }

  boolean(key: string): boolean | undefined {
    const value = this.value(key)
    if (value === undefined || typeof value === 'boolean') return value
    throw invalidRequest(`${key} must be true or false.`, key)
  }

  /** A whole number of at least `minimum`. */
  integer(key: string, minimum: number): number | undefined {
    const value = this.value(key)
    if (value === undefined) return undefined
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= minimum) return value
    throw invalidRequest(`${key} must be a whole number of at least ${minimum}.`, key)
  }

  /**
   * 1 for a text, a list of token ids or no such field; else the length of a list of texts or of lists of token ids, each of
   * which is work of its own for the engine.
   * @param most that one request may hold
   * @throws ApiError 400
   */
  listLength(key: string, most: number): number {
    const field = this.#fields.get(key)
    if (!field || this.body[field.start] !== openBracket) return 1
    const first = this.body[skipSpace(this.body, field.start + 1)]
    if (first !== quote && first !== openBracket) return 1
    if (field.items > most) throw invalidRequest(`${key} must hold at most ${most} texts.`, key)
    return field.items
  }
}

/**
 * The model that a body names, as far as its beginning tells: a request for one that is not there need not be read.
 * Undefined when the beginning does not hold it, or is no JSON; the whole body tells then.
 */
export function modelInBeginning(bytes: Buffer): string | undefined {
  let at = skipSpace(bytes, 0)
  if (bytes[at] !== openBrace) return undefined
  do {
    at = skipSpace(bytes, at + 1)
    const key = textAt(bytes, at)
    if (!key) return undefined
    at = skipSpace(bytes, key.end)
    if (bytes[at] !== colon) return undefined
    at = skipSpace(bytes, at + 1)
    if (bytes.toString('latin1', key.start + 1, key.end - 1) === 'model') return valueAt(bytes, at)
    const end = at < bytes.length ? skipValue(bytes, at) : -1
    // A number that is cut off looks like a whole one; it is not the model.
    if (end < 0) return undefined
    at = skipSpace(bytes, end)
  } while (bytes[at] === comma)
  return undefined
}

function textAt(bytes: Buffer, start: number): Range | undefined {
  const end = bytes[start] === quote ? skipValue(bytes, start) : -1
  return end < 0 ? undefined : { start, end }
}

function valueAt(bytes: Buffer, at: number): string | undefined {
  const range = textAt(bytes, at)
  if (!range) return undefined
  try {
    return String(JSON.parse(bytes.toString('utf8', range.start, range.end)))
  } catch {
    return undefined
  }
}

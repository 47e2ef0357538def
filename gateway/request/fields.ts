// Typed reading of single fields of a scanned body, with an error that names the field; and changes of single fields in its bytes.
import { invalidRequest } from '../api-error.ts'
import { BodyScan, type Field, type Range } from './body-scan.ts'
import { mediaTokens } from './media.ts'
import { skipSpace } from './skip-json.ts'

const quote = 0x22
const openBracket = 0x5b

/** Most bytes of a field that the gateway itself reads. */
const valueLimit = 4096

export class BodyFields {
  readonly body: Buffer
  readonly #fields: ReadonlyMap<string, Field>
  readonly #media: readonly Range[]

  /**
   * @param scan as far as it was begun while the body came
   * @throws ApiError 400 when the body is not a JSON object
   */
  constructor(body: Buffer, scan = new BodyScan()) {
    this.body = body
    this.#fields = scan.end(body)
    this.#media = scan.media
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

/** The model that the beginning of a body names: a request for one that is not there need not be read. Undefined when it names none. */
export function modelSoFar({ fields }: BodyScan, beginning: Buffer): string | undefined {
  const range = fields.get('model')
  if (!range || beginning[range.start] !== quote || range.end - range.start > valueLimit) return undefined
  try {
    return String(JSON.parse(beginning.toString('utf8', range.start, range.end)))
  } catch {
    return undefined
  }
}

/** New JSON text of a field; undefined takes the field out. */
export type Change = readonly [key: string, json: string | undefined]

/** The body with the changes, or the same buffer when nothing changes. A field that is not there is put first. */
export function spliceBody(fields: BodyFields, changes: readonly Change[]): Buffer {
  const { body } = fields
  const cuts: { start: number; end: number; text: string }[] = []
  let added = ''
  for (const [key, json] of changes) {
    const range = fields.range(key)
    if (range && json !== undefined) {
      if (body.toString('latin1', range.start, range.end) !== json) cuts.push({ ...range, text: json })
    } else if (range) cuts.push({ ...range, text: 'null' })
    else if (json !== undefined) added += `${JSON.stringify(key)}:${json},`
  }
  if (added) {
    const open = body.indexOf(0x7b) + 1
    const isEmpty = [...fields.keys()].length === 0
    cuts.push({ start: open, end: open, text: isEmpty ? added.slice(0, -1) : added })
  }
  if (cuts.length === 0) return body
  cuts.sort((a, b) => a.start - b.start)
  const parts: Buffer[] = []
  let at = 0
  for (const { start, end, text } of cuts) {
    parts.push(body.subarray(at, start), Buffer.from(text))
    at = end
  }
  parts.push(body.subarray(at))
  return Buffer.concat(parts)
}

// Typed reading of single fields of a scanned body, with an error that names the field.
import { invalidRequest } from '../api-error.ts'
import { type Range, scanObject } from './scan-object.ts'

/** Most bytes of a field that the gateway itself reads. */
const valueLimit = 4096

export class BodyFields {
  readonly body: Buffer
  readonly #fields: Map<string, Range>

  /** @throws ApiError 400 when the body is not a JSON object */
  constructor(body: Buffer) {
    this.body = body
    this.#fields = scanObject(body)
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
}

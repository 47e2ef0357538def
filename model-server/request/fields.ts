// Reads a request body the way vLLM's models do: what can be converted is, and every wrong field is reported at once.
import { ApiError } from '../api-error.ts'
import { inputText, quoted } from './python-text.ts'

interface Problem {
  type: string
  /** Dotted path that begins with `body`. */
  location: string
  message: string
  input: unknown
  /** Further facts, already as Python prints them: `'ge': 0`. */
  context?: string
}

export const validationError = (problems: readonly Problem[]): ApiError => {
  const lines = problems.map(({ type, location, message, input, context }) => {
    const facts = `'type': '${type}', 'loc': '${location}', 'msg': ${quoted(message)}, 'input': ${quoted(inputText(input))}`
    return `  {${facts}${context === undefined ? '' : `, 'ctx': {${context}}`}}`
  })
  const count = `${problems.length} validation error${problems.length === 1 ? '' : 's'}`
  return new ApiError({
    status: 400,
    message: `${count}:\n${lines.join('\n')}`,
    type: 'Bad Request',
    param: problems[0]?.location ?? null,
  })
}

const booleans: ReadonlyMap<unknown, boolean> = new Map<unknown, boolean>([
  ...['true', 't', 'yes', 'y', 'on', '1', 1].map((word) => [word, true] as const),
  ...['false', 'f', 'no', 'n', 'off', '0', 0].map((word) => [word, false] as const),
])

export class Fields {
  readonly all: Readonly<Record<string, unknown>>
  readonly problems: Problem[] = []

  /** @throws ApiError 400 when the body is not an object */
  constructor(body: unknown) {
    if (body === null || body === undefined)
      throw validationError([{ type: 'missing', location: 'body', message: 'Field required', input: null }])
    if (typeof body !== 'object' || Array.isArray(body)) {
      const message = 'Input should be a valid dictionary or object to extract fields from'
      throw validationError([{ type: 'model_attributes_type', location: 'body', message, input: body }])
    }
    this.all = body as Record<string, unknown>
  }

  /** @throws ApiError 400 with every problem found so far */
  done(): void {
    if (this.problems.length > 0) throw validationError(this.problems)
  }

  wrong(type: string, location: string, message: string, input: unknown, context?: string): undefined {
    this.problems.push({ type, location: `body.${location}`, message, input, context })
    return undefined
  }

  has(name: string): boolean {
    return this.all[name] !== undefined && this.all[name] !== null
  }

  missing(name: string): void {
    this.wrong('missing', name, 'Field required', this.all)
  }

  text(name: string): string | undefined {
    const value = this.all[name] ?? undefined
    if (value === undefined || typeof value === 'string') return value
    return this.wrong('string_type', name, 'Input should be a valid string', value)
  }

  boolean(name: string): boolean | undefined {
    const value = this.all[name] ?? undefined
    if (value === undefined || typeof value === 'boolean') return value
    const known = booleans.get(typeof value === 'string' ? value.toLowerCase() : value)
    if (known !== undefined) return known
    const isScalar = typeof value === 'string' || typeof value === 'number'
    return isScalar
      ? this.wrong('bool_parsing', name, 'Input should be a valid boolean, unable to interpret input', value)
      : this.wrong('bool_type', name, 'Input should be a valid boolean', value)
  }

  number(name: string): number | undefined {
    const value = this.all[name] ?? undefined
    if (value === undefined || typeof value === 'number') return value
    if (typeof value === 'boolean') return Number(value)
    if (typeof value !== 'string') return this.wrong('float_type', name, 'Input should be a valid number', value)
    const number = value.trim() === '' ? Number.NaN : Number(value)
    if (!Number.isNaN(number)) return number
    const message = 'Input should be a valid number, unable to parse string as a number'
    return this.wrong('float_parsing', name, message, value)
  }

  integer(name: string): number | undefined {
    return this.wholeNumber(this.all[name] ?? undefined, name)
  }

  wholeNumber(value: unknown, location: string): number | undefined {
    if (value === undefined) return undefined
    if (typeof value === 'boolean') return Number(value)
    if (typeof value === 'string') {
      if (/^\s*[+-]?\d+(?:\.0+)?\s*$/.test(value)) return Number(value)
      const message = 'Input should be a valid integer, unable to parse string as an integer'
      return this.wrong('int_parsing', location, message, value)
    }
    if (typeof value !== 'number') return this.wrong('int_type', location, 'Input should be a valid integer', value)
    if (Number.isInteger(value)) return value
    const message = 'Input should be a valid integer, got a number with a fractional part'
    return this.wrong('int_from_float', location, message, value)
  }

  /** Token ids: whole numbers from 0. */
  tokenIds(name: string): number[] | undefined {
    const value = this.list(name)
    return value?.map((one, index) => {
      const id = this.wholeNumber(one ?? null, `${name}.${index}`) ?? 0
      if (id < 0) this.atLeast(0, id, `${name}.${index}`)
      return id
    })
  }

  atLeast(least: number, value: number, location: string): void {
    const message = `Input should be greater than or equal to ${least}`
    this.wrong('greater_than_equal', location, message, value, `'ge': ${least}`)
  }

  list(name: string): unknown[] | undefined {
    const value = this.all[name] ?? undefined
    if (value === undefined || Array.isArray(value)) return value
    return this.wrong('list_type', name, 'Input should be a valid list', value)
  }

  dictionary(name: string): Record<string, unknown> | undefined {
    const value = this.all[name] ?? undefined
    if (value === undefined) return undefined
    if (typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>
    return this.wrong('dict_type', name, 'Input should be a valid dictionary', value)
  }

  /** One text or several. */
  texts(name: string): string[] | undefined {
    const value = this.all[name] ?? undefined
    if (value === undefined) return undefined
    if (typeof value === 'string') return [value]
    if (Array.isArray(value) && value.every((one) => typeof one === 'string')) return value
    this.wrong('string_type', name, 'Input should be a valid string', value)
    if (!Array.isArray(value)) return this.wrong('list_type', name, 'Input should be a valid list', value)
    for (const [index, one] of value.entries())
      if (typeof one !== 'string') this.wrong('string_type', `${name}.${index}`, 'Input should be a valid string', one)
    return undefined
  }
}

// Walks a JSON object while its bytes come and finds its top-level fields, without parsing the values: prompts can be long, and a
// body that is parsed and written again loses digits of big numbers, key order and spaces.
import { invalidRequest } from '../api-error.ts'
import { isSpace, skipPlain, skipScalar, skipSpace, skipString } from './skip-json.ts'

/** Where a value is: body.subarray(start, end) is its JSON text. */
export interface Range {
  start: number
  end: number
}

/** A field's value; of a list how many items it has. */
export interface Field extends Range {
  items: number
}

const space = 0x20
const quote = 0x22
const comma = 0x2c
const colon = 0x3a
const openBracket = 0x5b
const openBrace = 0x7b
const closeBrace = 0x7d

/** What comes next: up to `keyOrEnd` something begins, and it is a key where the number is odd. */
const value = 0
const key = 1
const valueOrEnd = 2
const keyOrEnd = 3
const afterValue = 4
const afterKey = 5
const nothing = 6

const wanted = ['a value', 'a key', 'a value or ]', 'a key or }', 'a comma or an end', ':']

/** Deepest nesting, most fields, most lists and objects: no request needs more, and each costs memory before anything is checked. */
const maxDepth = 128
const maxFields = 256
const maxContainers = 100_000
/** Longest number. */
const maxScalar = 1024
/** Shorter `data:` URLs cost what their text costs. */
const leastMedia = 256

const dataScheme = '"data:'

const broken = (what: string) => invalidRequest(`The body is not a JSON object: ${what}.`)

export class BodyScan {
  readonly fields = new Map<string, Field>()
  /** Long strings that are `data:` URLs. */
  readonly media: Range[] = []
  #next = value
  /** Where it goes on. */
  #at = 0
  /** Where the string begins that has not ended; -1: none. */
  #string = -1
  readonly #closers: number[] = []
  #containers = 0
  /** Of the field that is walked through. */
  #key = ''
  #start = 0
  #commas = 0

  /**
   * Goes on as far as the bytes have come, or to the end of the object. What is within strings is not looked at: prompts are long,
   * and engines refuse an escape that is none.
   * @param body all that has come, from the first byte on
   * @throws ApiError 400
   */
  push(body: Buffer): void {
    if (this.#at >= body.length) return
    let at = this.#string < 0 ? this.#at : this.#inString(body, this.#at)
    while (at >= 0 && at < body.length && this.#next !== nothing)
      at = this.#single(body, this.#closers.length > 1 ? this.#inner(body, at) : at)
    if (at >= 0) this.#at = at
  }

  /** Index after the object; -1 until it has come. */
  get objectEnd(): number {
    return this.#next === nothing ? this.#at : -1
  }

  /** The fields of the whole body. @throws ApiError 400 */
  end(body: Buffer): ReadonlyMap<string, Field> {
    this.push(body)
    if (this.#next !== nothing) throw broken(body.length === 0 ? 'it is empty' : 'it is cut off')
    if (skipSpace(body, this.#at) < body.length) throw broken('something follows it')
    return this.fields
  }

  /** Goes through what is within a field's list or object, as far as nothing needs to be noted: it may be millions of small things. */
  #inner(body: Buffer, from: number): number {
    const closers = this.#closers
    let depth = closers.length
    let closer = closers[depth - 1]
    let next = this.#next
    let at = from
    while (at < body.length) {
      const code = body[at] as number
      let end = at + 1
      if (code <= space) {
        end = skipSpace(body, at)
        if (end === at) break
      } else if (code === comma && next === afterValue) {
        if (depth === 2) this.#commas += 1
        next = closer === closeBrace ? key : value
        if (next === value) end = this.#run(body, end)
      } else if (code === quote && next < afterValue) {
        end = skipString(body, end)
        if (end < 0) break
        if (end - at > leastMedia && (next & 1) === 0) this.#long(body, at, end)
        next = (next & 1) === 1 ? afterKey : afterValue
      } else if (code === colon && next === afterKey) next = value
      else if (code === closer && depth > 2 && next > key && next < afterKey) {
        closers.pop()
        depth -= 1
        closer = closers[depth - 1]
        next = afterValue
      } else if (next !== value && next !== valueOrEnd) break
      else if (code === openBrace || code === openBracket) {
        this.#open(code)
        depth += 1
        closer = code + 2
        next = this.#next
      } else {
        end = skipScalar(body, at)
        if (end < 0 || end === body.length || end - at > maxScalar) break
        next = afterValue
      }
      at = end
    }
    this.#next = next
    return at
  }

  /** From one plain value of a list to the last that has no whole one and a comma before it: prompts may be long lists of token ids. */
  #run(body: Buffer, from: number): number {
    const counts = this.#closers.length === 2 ? 1 : 0
    for (let at = from; ; ) {
      const start = body[at] === space ? at + 1 : at
      const end = skipPlain(body, start)
      if (end === start || body[end] !== comma) return at
      this.#commas += counts
      at = end + 1
    }
  }

  /** Goes over one thing; -1 when its end has not come. */
  #single(body: Buffer, at: number): number {
    const code = body[at] as number
    const next = this.#next
    const { length } = this.#closers
    if (at === body.length || isSpace(code)) return Math.min(at + 1, body.length)
    if (code === this.#closers[length - 1] && next > key && next < afterKey) return this.#close(at + 1)
    if (code === comma && next === afterValue) this.#next = this.#closers[length - 1] === closeBrace ? key : value
    else if (code === colon && next === afterKey) this.#next = value
    else if (code === quote && next < afterValue && length > 0) {
      if (length === 1) this.#start = at
      this.#string = at
      return this.#inString(body, at + 1)
    } else if (next === value || next === valueOrEnd) return this.#value(body, at, code)
    else throw this.#unexpected(at)
    return at + 1
  }

  /** A list, an object, a number or a word. */
  #value(body: Buffer, at: number, code: number): number {
    const { length } = this.#closers
    if (length === 1) this.#start = at
    if (code === openBrace || (code === openBracket && length > 0)) {
      this.#open(code)
      return at + 1
    }
    const end = length > 0 ? skipScalar(body, at) : -1
    if (end < 0 || end - at > maxScalar) throw this.#unexpected(at)
    if (end < body.length) return this.#ended(end)
    this.#at = at
    return -1
  }

  /** Goes on in a string; -1 when its end has not come. */
  #inString(body: Buffer, at: number): number {
    const end = skipString(body, at)
    if (end < 0) {
      this.#at = ~end
      return -1
    }
    const start = this.#string
    this.#string = -1
    if ((this.#next & 1) === 1) {
      if (this.#closers.length === 1) this.#begin(readKey(body, start, end))
      this.#next = afterKey
      return end
    }
    if (end - start > leastMedia) this.#long(body, start, end)
    return this.#ended(end)
  }

  #open(code: number): void {
    if (this.#closers.length === maxDepth) throw invalidRequest(`The body is nested deeper than ${maxDepth} levels.`)
    if (++this.#containers > maxContainers)
      throw invalidRequest(`The body has more than ${maxContainers} lists and objects.`)
    // Each closer is two after its opener.
    this.#closers.push(code + 2)
    this.#next = code === openBrace ? keyOrEnd : valueOrEnd
  }

  #close(at: number): number {
    this.#closers.pop()
    if (this.#closers.length > 0) return this.#ended(at)
    this.#next = nothing
    return at
  }

  #ended(at: number): number {
    this.#next = afterValue
    if (this.#closers.length === 1) this.fields.set(this.#key, { start: this.#start, end: at, items: this.#commas + 1 })
    return at
  }

  #long(body: Buffer, start: number, end: number): void {
    if (body.toString('latin1', start, start + dataScheme.length) === dataScheme) this.media.push({ start, end })
  }

  /** A key that occurs twice is refused: programs disagree about which one counts. */
  #begin(name: string): void {
    if (this.fields.has(name)) throw invalidRequest(`The key ${JSON.stringify(name.slice(0, 40))} occurs twice.`, name)
    if (this.fields.size === maxFields) throw invalidRequest(`The body has more than ${maxFields} fields.`)
    this.#key = name
    this.#commas = 0
  }

  #unexpected(at: number): Error {
    if (this.#closers.length === 0) return broken('it does not begin with {')
    const where = this.#closers.length > 1 ? `, in ${JSON.stringify(this.#key.slice(0, 40))}` : ''
    return broken(`${wanted[this.#next]} is expected at byte ${at}${where}`)
  }
}

function readKey(body: Buffer, start: number, end: number): string {
  const plain = body.toString('latin1', start + 1, end - 1)
  if (!plain.includes('\\')) return plain
  try {
    return String(JSON.parse(body.toString('utf8', start, end)))
  } catch {
    throw broken(`a key is not a string at byte ${start}`)
  }
}

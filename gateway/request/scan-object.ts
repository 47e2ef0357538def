// Finds the top-level fields of a JSON object in its bytes, without parsing the values: prompts can be long, and a body
// that is parsed and written again loses digits of big numbers, key order and spaces.
import { invalidRequest } from '../api-error.ts'

/** Where a value stands: body.subarray(start, end) is its JSON text. */
export interface Range {
  start: number
  end: number
}

/** A field's value; of a list how many items it has. */
export interface Field extends Range {
  items: number
}

const tab = 0x09
const newLine = 0x0a
const carriageReturn = 0x0d
const space = 0x20
const quote = 0x22
const plus = 0x2b
const comma = 0x2c
const minus = 0x2d
const point = 0x2e
const zero = 0x30
const nine = 0x39
const colon = 0x3a
const openBracket = 0x5b
const closeBracket = 0x5d
const backslash = 0x5c
const letterE = 0x65
const openBrace = 0x7b
const closeBrace = 0x7d

/** Index of the first byte at or after `at` that is not JSON white space. */
export function skipSpace(body: Buffer, at: number): number {
  let index = at
  let byte = body[index] as number
  while (byte <= space && (byte === space || byte === newLine || byte === carriageReturn || byte === tab)) {
    index += 1
    byte = body[index] as number
  }
  return index
}

const nearBytes = 48
const denseBytes = 1024
/** Deepest nesting, most fields, most lists and objects: no request needs more, and each costs memory before anything is checked. */
const maxDepth = 128
const maxFields = 256
const maxContainers = 100_000

/** Shorter ones cost what their text costs. */
const leastMedia = 256

const dataScheme = Buffer.from('data:')

function isDataUrl(body: Buffer, at: number): boolean {
  return dataScheme.equals(body.subarray(at + 1, at + 1 + dataScheme.length))
}

/** What may still come, and what came. */
interface Room {
  containers: number
  /** Commas of the outermost list or object. */
  commas: number
  /** Long strings that are `data:` URLs. */
  media: Range[]
}

/** Index after the closing quote of the string whose opening quote stands at `at`; -1 when it never closes. */
function skipString(body: Buffer, at: number): number {
  const { length } = body
  let index = at + 1
  let reach = nearBytes
  for (;;) {
    // Most strings are short: looking for their end byte by byte is cheaper than a search's call into C++.
    for (const near = Math.min(length, index + reach); index < near; ) {
      const byte = body[index]
      if (byte === quote) return index + 1
      index += byte === backslash ? 2 : 1
    }
    const close = index < length ? body.indexOf(quote, index) : -1
    if (close < 0) return -1
    let slashes = 0
    while (close - slashes > index && body[close - 1 - slashes] === backslash) slashes += 1
    if (slashes % 2 === 0) return close + 1
    index = close + 1
    // Where one quote is escaped there are more.
    reach = denseBytes
  }
}

const newRoom = (): Room => ({ containers: maxContainers, commas: 0, media: [] })

/**
 * Index after the value that begins at `at`; -1 when it is cut off or no JSON. What stands within strings is not looked at:
 * prompts are long, and engines refuse an escape that is none.
 * @throws ApiError 400 when it is too deep or has too many parts
 */
export function skipValue(body: Buffer, at: number, room: Room = newRoom()): number {
  const closers: number[] = []
  let index = at
  for (;;) {
    if (closers[closers.length - 1] === closeBracket)
      index = skipTokens(body, index, closers.length === 1 ? room : undefined)
    const byte = body[index]
    if (byte === openBrace || byte === openBracket) {
      if (closers.length === maxDepth) throw invalidRequest(`The body is nested deeper than ${maxDepth} levels.`)
      room.containers -= 1
      if (room.containers < 0) throw invalidRequest(`The body has more than ${maxContainers} lists and objects.`)
      index = skipSpace(body, index + 1)
      if (body[index] !== byte + 2) {
        closers.push(byte + 2)
        if (byte === openBrace) index = skipKey(body, index)
        if (index < 0) return -1
        continue
      }
      index += 1
    } else if (byte === quote) {
      const end = skipString(body, index)
      if (end - index > leastMedia && isDataUrl(body, index)) room.media.push({ start: index, end })
      index = end
    } else index = skipScalar(body, index)
    if (index < 0) return -1
    index = nextValue(body, index, closers, room)
    if (closers.length === 0 || index < 0) return index
  }
}

/** From one number of a list to the last that has no whole one and a comma before it: prompts may be long lists of token ids. */
function skipTokens(body: Buffer, at: number, count: Room | undefined): number {
  let index = at
  for (;;) {
    let end = index
    // One that begins with zero has no further digit.
    if (body[end] === zero) end += 1
    else while ((body[end] as number) >= zero && (body[end] as number) <= nine) end += 1
    if (end === index || body[end] !== comma) return index
    if (count) count.commas += 1
    index = body[end + 1] === space ? end + 2 : end + 1
  }
}

/** From the end of a value to the next one; closes what ends before it. -1 when neither comes. */
function nextValue(body: Buffer, at: number, closers: number[], room: Room): number {
  let index = at
  while (closers.length > 0) {
    index = skipSpace(body, index)
    const closer = closers[closers.length - 1]
    if (body[index] === closer) {
      closers.pop()
      index += 1
    } else if (body[index] === comma) {
      if (closers.length === 1) room.commas += 1
      index = skipSpace(body, index + 1)
      return closer === closeBrace ? skipKey(body, index) : index
    } else return -1
  }
  return index
}

/** From a key to its value; -1 when there is none. */
function skipKey(body: Buffer, at: number): number {
  const end = body[at] === quote ? skipString(body, at) : -1
  if (end < 0) return -1
  const colonAt = skipSpace(body, end)
  return body[colonAt] === colon ? skipSpace(body, colonAt + 1) : -1
}

const words = new Map(['true', 'false', 'null'].map((word) => [word.charCodeAt(0), Buffer.from(word)]))

function skipWord(body: Buffer, at: number): number {
  const word = words.get(body[at] as number)
  if (!word) return -1
  for (let index = 0; index < word.length; index += 1) if (body[at + index] !== word[index]) return -1
  return at + word.length
}

function skipScalar(body: Buffer, at: number): number {
  const first = body[at] as number
  if (first > nine) return skipWord(body, at)
  let index = first === minus ? at + 1 : at
  // A number begins with no zero but its only one.
  index = body[index] === zero ? index + 1 : skipDigits(body, index)
  const next = body[index]
  // Most are whole.
  if (next === comma || next === closeBracket || index < 0) return index
  if (next === point) index = skipDigits(body, index + 1)
  if (index >= 0 && ((body[index] as number) | 0x20) === letterE) {
    const sign = body[index + 1]
    index = skipDigits(body, sign === plus || sign === minus ? index + 2 : index + 1)
  }
  return index
}

/** Index after one digit or more, -1 when there is none. */
function skipDigits(body: Buffer, at: number): number {
  let index = at
  while ((body[index] as number) >= zero && (body[index] as number) <= nine) index += 1
  return index === at ? -1 : index
}

const broken = (what: string) => invalidRequest(`The body is not a JSON object: ${what}.`)

/**
 * Fields of the object in `body` by key. A key that occurs twice is refused: programs disagree about which one counts.
 * @param media is given where long `data:` URLs are
 * @throws ApiError 400
 */
export function scanObject(body: Buffer, media: Range[] = []): Map<string, Field> {
  const fields = new Map<string, Field>()
  const room = { ...newRoom(), media }
  let at = skipSpace(body, 0)
  if (body[at] !== openBrace) throw broken(body.length === 0 ? 'it is empty' : 'it does not begin with {')
  at = skipSpace(body, at + 1)
  while (body[at] !== closeBrace) {
    if (body[at] !== quote) throw broken(at >= body.length ? 'it is cut off' : `a key is expected at byte ${at}`)
    const keyEnd = skipString(body, at)
    if (keyEnd < 0) throw broken('it is cut off')
    const key = readKey(body, at, keyEnd)
    at = skipSpace(body, keyEnd)
    if (body[at] !== colon) throw broken(`: is expected at byte ${at}`)
    const start = skipSpace(body, at + 1)
    room.commas = 0
    const end = start < body.length ? skipValue(body, start, room) : -1
    if (end < 0) throw broken(`the value of ${JSON.stringify(key.slice(0, 40))} is cut off or not valid`)
    if (fields.has(key)) throw invalidRequest(`The key ${JSON.stringify(key.slice(0, 40))} occurs twice.`, key)
    if (fields.size === maxFields) throw invalidRequest(`The body has more than ${maxFields} fields.`)
    fields.set(key, { start, end, items: room.commas + 1 })
    at = skipSpace(body, end)
    if (body[at] === comma) {
      at = skipSpace(body, at + 1)
      if (body[at] === closeBrace) throw broken('a comma stands before }')
    } else if (body[at] !== closeBrace) throw broken(`, or } is expected at byte ${at}`)
  }
  if (skipSpace(body, at + 1) < body.length) throw broken('something follows it')
  return fields
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

// Finds the top-level fields of a JSON object in its bytes, without parsing the values: prompts can be long, and a body
// that is parsed and written again loses digits of big numbers, key order and spaces.
import { invalidRequest } from '../api-error.ts'

/** Where a value stands: body.subarray(start, end) is its JSON text. */
export interface Range {
  start: number
  end: number
}

const quote = 0x22
const backslash = 0x5c

/** Index of the first byte at or after `at` that is not JSON white space. */
export function skipSpace(body: Buffer, at: number): number {
  let index = at
  for (;;) {
    const byte = body[index]
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return index
    index += 1
  }
}

const nearBytes = 48
/** Deepest nesting, most fields, most lists and objects: no request needs more, and each costs memory before anything is checked. */
const maxDepth = 128
const maxFields = 256
const maxContainers = 100_000

/** What may still come. */
interface Room {
  containers: number
}

/** Index after the closing quote of the string whose opening quote stands at `at`; -1 when it never closes. */
function skipString(body: Buffer, at: number): number {
  let index = at + 1
  // Most strings are short: looking for their end byte by byte is cheaper than a search's call into C++.
  for (const near = Math.min(body.length, index + nearBytes); index < near; index += 1) {
    const byte = body[index]
    if (byte === quote) return index + 1
    if (byte === backslash) break
  }
  for (;;) {
    const close = body.indexOf(quote, index)
    if (close < 0) return -1
    let slashes = 0
    while (body[close - 1 - slashes] === backslash) slashes += 1
    // The backslashes before the opening quote are not ours: none of them can stand directly before this string's text.
    if (slashes % 2 === 0) return close + 1
    index = close + 1
  }
}

/**
 * Index after the value that begins at `at`; -1 when it is cut off or its brackets do not match.
 * @throws ApiError 400 when it is too deep or has too many parts
 */
export function skipValue(body: Buffer, at: number, room: Room = { containers: maxContainers }): number {
  const first = body[at]
  if (first === quote) return skipString(body, at)
  if (first !== 0x7b && first !== 0x5b) return skipScalar(body, at)
  const closers: number[] = []
  let index = at
  while (index < body.length) {
    const byte = body[index]
    if (byte === quote) {
      index = skipString(body, index)
      if (index < 0) return -1
      continue
    }
    if (byte === 0x7b || byte === 0x5b) {
      if (closers.length === maxDepth) throw invalidRequest(`The body is nested deeper than ${maxDepth} levels.`)
      room.containers -= 1
      if (room.containers < 0) throw invalidRequest(`The body has more than ${maxContainers} lists and objects.`)
      closers.push(byte + 2)
    } else if (byte === 0x7d || byte === 0x5d) {
      if (closers.pop() !== byte) return -1
      if (closers.length === 0) return index + 1
    }
    index += 1
  }
  return -1
}

function skipScalar(body: Buffer, at: number): number {
  let index = at
  for (; index < body.length; index += 1) {
    const byte = body[index] as number
    if (byte === 0x2c || byte === 0x7d || byte === 0x5d || byte <= 0x20) break
  }
  return index === at ? -1 : index
}

const broken = (what: string) => invalidRequest(`The body is not a JSON object: ${what}.`)

/**
 * Fields of the object in `body` by key. A key that occurs twice is refused: programs disagree about which one counts.
 * @throws ApiError 400
 */
export function scanObject(body: Buffer): Map<string, Range> {
  const fields = new Map<string, Range>()
  const room = { containers: maxContainers }
  let at = skipSpace(body, 0)
  if (body[at] !== 0x7b) throw broken(body.length === 0 ? 'it is empty' : 'it does not begin with {')
  at = skipSpace(body, at + 1)
  while (body[at] !== 0x7d) {
    if (body[at] !== quote) throw broken(at >= body.length ? 'it is cut off' : `a key is expected at byte ${at}`)
    const keyEnd = skipString(body, at)
    if (keyEnd < 0) throw broken('it is cut off')
    const key = readKey(body, at, keyEnd)
    at = skipSpace(body, keyEnd)
    if (body[at] !== 0x3a) throw broken(`: is expected at byte ${at}`)
    const start = skipSpace(body, at + 1)
    const end = start < body.length ? skipValue(body, start, room) : -1
    if (end < 0) throw broken(`the value of ${JSON.stringify(key.slice(0, 40))} does not end`)
    if (fields.has(key)) throw invalidRequest(`The key ${JSON.stringify(key.slice(0, 40))} occurs twice.`, key)
    if (fields.size === maxFields) throw invalidRequest(`The body has more than ${maxFields} fields.`)
    fields.set(key, { start, end })
    at = skipSpace(body, end)
    if (body[at] === 0x2c) {
      at = skipSpace(body, at + 1)
      if (body[at] === 0x7d) throw broken('a comma stands before }')
    } else if (body[at] !== 0x7d) throw broken(`, or } is expected at byte ${at}`)
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

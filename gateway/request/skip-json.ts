// From one place in the bytes of a JSON text to the next, without parsing.

const tab = 0x09
const newLine = 0x0a
const carriageReturn = 0x0d
const space = 0x20
const quote = 0x22
const plus = 0x2b
const minus = 0x2d
const point = 0x2e
const zero = 0x30
const nine = 0x39
const backslash = 0x5c
const letterE = 0x65

export const isSpace = (code: number): boolean =>
  code === space || code === newLine || code === carriageReturn || code === tab

/** Index of the first byte at or after `at` that is not JSON white space. */
export function skipSpace(body: Buffer, at: number): number {
  let index = at
  while (isSpace(body[index] as number)) index += 1
  return index
}

const nearBytes = 160
const denseBytes = 1024

/** Index after the closing quote of a string, from a place within it; ~ of where to go on when that has not come. */
export function skipString(body: Buffer, at: number): number {
  const { length } = body
  let index = at
  let reach = nearBytes
  for (;;) {
    // Most strings are short: looking for their end byte by byte is cheaper than a search’s call into C++.
    for (const near = Math.min(length, index + reach); index < near; ) {
      const code = body[index] as number
      if (code === quote) return index + 1
      index += code === backslash ? 2 : 1
    }
    if (index >= length) return ~index
    const close = body.indexOf(quote, index)
    const end = close < 0 ? length : close
    let slashes = 0
    while (end - slashes > index && (body[end - 1 - slashes] as number) === backslash) slashes += 1
    const isEscaped = slashes % 2 === 1
    if (close < 0) return ~(isEscaped ? end + 1 : end)
    if (!isEscaped) return close + 1
    index = close + 1
    // Where one quote is escaped there are more.
    reach = denseBytes
  }
}

const letterF = 0x66
const letterN = 0x6e
const letterT = 0x74
const [wordTrue, wordFalse, wordNull] = ['true', 'false', 'null'].map((word) => Buffer.from(word)) as [
  Buffer,
  Buffer,
  Buffer,
]

/** Index after the word or number at `at`, the end of the bytes when more of it may come; -1 when it is none. */
export function skipScalar(body: Buffer, at: number): number {
  const first = body[at] as number
  if (first <= nine) return skipNumber(body, at, first)
  if (first === letterT) return skipWord(body, at, wordTrue)
  if (first === letterF) return skipWord(body, at, wordFalse)
  return first === letterN ? skipWord(body, at, wordNull) : -1
}

function skipWord(body: Buffer, at: number, word: Buffer): number {
  for (let index = 1; index < word.length; index += 1)
    if (body[at + index] !== word[index]) return at + index === body.length ? body.length : -1
  return at + word.length
}

function skipNumber(body: Buffer, at: number, first: number): number {
  let index = first === minus ? at + 1 : at
  // A number begins with no zero but its only one.
  index = (body[index] as number) === zero ? index + 1 : skipDigits(body, index)
  if ((body[index] as number) === point) index = skipDigits(body, index + 1)
  if (index >= 0 && ((body[index] as number) | 0x20) === letterE) {
    const sign = body[index + 1] as number
    index = skipDigits(body, sign === plus || sign === minus ? index + 2 : index + 1)
  }
  return index
}

/** Index after one digit or more, -1 when there is none and one should be. */
function skipDigits(body: Buffer, at: number): number {
  let index = at
  for (;;) {
    const code = body[index] as number
    if (!(code >= zero && code <= nine)) break
    index += 1
  }
  return index === at && index < body.length ? -1 : Math.min(index, body.length)
}

const shortBytes = 48

/** Index after a short string without escapes, a whole number or a word; `at` when there is none, or when it has not come. */
export function skipPlain(body: Buffer, at: number): number {
  const first = body[at] as number
  // One that begins with zero has no further digit.
  if (first === zero) return at + 1
  let end = at + 1
  if (first > zero && first <= nine) {
    while ((body[end] as number) >= zero && (body[end] as number) <= nine) end += 1
    return end
  }
  if (first !== quote) return first > nine ? Math.max(at, skipScalar(body, at)) : at
  for (const most = end + shortBytes; end < most; end += 1) {
    const code = body[end]
    if (code === quote) return end + 1
    if (code === backslash) return at
  }
  return at
}

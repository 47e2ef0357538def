// Reads one HTTP/1.1 answer from the pieces that a socket gives. Strict, as answer-head.ts says why.
import { type AnswerHead, MalformedAnswer, parseHead } from './answer-head.ts'

export interface AnswerParts {
  onHead(head: AnswerHead): void
  /** The bytes are valid until the call returns. */
  onData(bytes: Buffer): void
  onEnd(): void
}

/** Most bytes of a head, informational ones before it included, and of all trailers; Node's own limit. */
const headLimit = 16_384
/** Most bytes of a chunk's extensions. */
const extensionLimit = 256
/** Hexadecimal digits of a chunk's size: 4 GiB at most. */
const sizeDigits = 8

const blankLine = '\r\n\r\n'
const cr = 0x0d
const lf = 0x0a
const semicolon = 0x3b
const space = 0x20

type State =
  | 'head'
  | 'body'
  | 'untilClose'
  | 'size'
  | 'extension'
  | 'sizeEnd'
  | 'chunk'
  | 'chunkCr'
  | 'chunkLf'
  | 'trailer'
  | 'trailerLine'
  | 'trailerLineEnd'
  | 'lastLf'
  | 'done'

export class AnswerParser {
  #state: State = 'head'
  #parts: AnswerParts
  /** Of the head, while its end has not come. */
  #partial = ''
  #headBytes = 0
  /** Bytes of the body or chunk that are still to come. */
  #left = 0
  #digits = 0
  #extension = 0
  #stopped = false
  #head: AnswerHead | undefined

  constructor(parts: AnswerParts) {
    this.#parts = parts
  }

  /** The answer has come, to its last byte. */
  get done(): boolean {
    return this.#state === 'done'
  }

  /** The final one; undefined until it came. */
  get head(): AnswerHead | undefined {
    return this.#head
  }

  /** Nobody wants the rest: nothing more is reported. */
  stop(): void {
    this.#stopped = true
  }

  /** @throws MalformedAnswer also for bytes after the answer */
  push(bytes: Buffer): void {
    let at = 0
    while (at < bytes.length && !this.#stopped) at = this.#step(bytes, at)
  }

  /** The connection ended: the end of an answer that says no length. */
  close(): void {
    if (this.#state === 'untilClose' && !this.#stopped) this.#end()
  }

  /** Takes at least one byte; the index after it. */
  #step(bytes: Buffer, at: number): number {
    switch (this.#state) {
      case 'head':
        return this.#readHead(bytes, at)
      case 'body':
      case 'chunk':
        return this.#readBody(bytes, at)
      case 'untilClose':
        this.#parts.onData(at === 0 ? bytes : bytes.subarray(at))
        return bytes.length
      case 'done':
        throw new MalformedAnswer('bytes after the answer')
      default:
        this.#readFraming(bytes[at] as number)
        return at + 1
    }
  }

  #readHead(bytes: Buffer, at: number): number {
    const before = this.#partial
    // No more than the limit is looked at, however much came.
    const text = before + bytes.toString('latin1', at, Math.min(bytes.length, at + headLimit))
    const end = text.indexOf(blankLine, Math.max(0, before.length - 3))
    if (end < 0) {
      this.#partial = text
      if (this.#headBytes + text.length >= headLimit) throw new MalformedAnswer('a head without end')
      return bytes.length
    }
    this.#partial = ''
    this.#headBytes += end + blankLine.length
    if (this.#headBytes > headLimit) throw new MalformedAnswer('a head too long')
    const head = parseHead(text.slice(0, end))
    if (head.status === 101) throw new MalformedAnswer('another protocol, which nobody asked for')
    if (head.status >= 200) this.#begin(head)
    return at + end + blankLine.length - before.length
  }

  #begin(head: AnswerHead): void {
    this.#head = head
    if (head.body === 'chunked') this.#state = 'size'
    else if (head.body === 'close') this.#state = 'untilClose'
    else {
      this.#state = 'body'
      this.#left = head.body
    }
    this.#parts.onHead(head)
    if (head.body === 0 && !this.#stopped) this.#end()
  }

  #readBody(bytes: Buffer, at: number): number {
    const end = Math.min(bytes.length, at + this.#left)
    this.#left -= end - at
    const isLast = this.#left === 0
    if (isLast && this.#state === 'chunk') this.#state = 'chunkCr'
    this.#parts.onData(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end))
    if (isLast && this.#state === 'body' && !this.#stopped) this.#end()
    return end
  }

  /** What comes between the pieces of a chunked body, a byte at a time: there are few. */
  #readFraming(byte: number): void {
    switch (this.#state) {
      case 'size':
        this.#readSize(byte)
        break
      case 'extension':
        if (byte === cr) this.#state = 'sizeEnd'
        else if (byte < space || ++this.#extension > extensionLimit) throw new MalformedAnswer('a chunk extension')
        break
      case 'sizeEnd':
        expect(byte, lf)
        this.#digits = 0
        this.#extension = 0
        this.#state = this.#left === 0 ? 'trailer' : 'chunk'
        break
      case 'chunkCr':
        expect(byte, cr)
        this.#state = 'chunkLf'
        break
      case 'chunkLf':
        expect(byte, lf)
        this.#state = 'size'
        break
      default:
        this.#readTrailer(byte)
    }
  }

  #readSize(byte: number): void {
    const digit = hexDigit(byte)
    if (digit >= 0) {
      this.#left = this.#left * 16 + digit
      if (++this.#digits > sizeDigits) throw new MalformedAnswer('a chunk too large')
    } else if (this.#digits === 0) throw new MalformedAnswer('a chunk without a size')
    else if (byte === cr) this.#state = 'sizeEnd'
    else if (byte === semicolon || byte === space) this.#state = 'extension'
    else throw new MalformedAnswer('a chunk size that is no number')
  }

  /** Trailers are of no use here; they are counted and left out. */
  #readTrailer(byte: number): void {
    switch (this.#state) {
      case 'trailer':
        if (byte === lf) throw new MalformedAnswer('a line that ends in LF alone')
        this.#state = byte === cr ? 'lastLf' : 'trailerLine'
        break
      case 'trailerLine':
        if (byte === cr) this.#state = 'trailerLineEnd'
        else if (byte === lf) throw new MalformedAnswer('a line that ends in LF alone')
        break
      case 'trailerLineEnd':
        expect(byte, lf)
        this.#state = 'trailer'
        break
      default:
        expect(byte, lf)
        this.#end()
    }
    if (++this.#headBytes > headLimit) throw new MalformedAnswer('trailers without end')
  }

  #end(): void {
    this.#state = 'done'
    this.#parts.onEnd()
  }
}

function expect(byte: number, wanted: number): void {
  if (byte !== wanted) throw new MalformedAnswer('a line that does not end in CR and LF')
}

/** Value of a hexadecimal digit, -1 for any other byte. */
function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30
  const letter = byte | 0x20
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1
}

// What a client has heard of an answer, so that another engine can go on where the first broke off: only with an answer that says
// the very same so far, since a text of two answers would be nobody's. No more of it is kept than its beginning and a hash.

/** Answers that differ do so within a few words, nearly always. */
const keptLength = 256

/** Where the text is in an event, as the engine wrote it; empty when it has none. */
interface TextRange {
  start: number
  end: number
}

const usualStart = '"delta":{"content":"'
const text = String.raw`[^"\\]*(?:\\.[^"\\]*)*`
/** A piece of a chat that holds nothing but text, whatever space an engine puts in. */
const chatPiece = new RegExp(
  String.raw`("delta"\s*:\s*\{\s*(?:"role"\s*:\s*"assistant"\s*,?\s*)?(?:"content"\s*:\s*")?)(?:(?<=:\s*")(${text})")?(?:\s*,?\s*"\w+"\s*:\s*(?:null|\[\s*\]|""))*\s*\}`,
)
const completionPiece = new RegExp(
  String.raw`("choices"\s*:\s*\[\s*\{\s*(?:"index"\s*:\s*0\s*,\s*)?"text"\s*:\s*")(${text})"`,
)

/** Undefined when an event holds anything but a piece of one text. */
function textIn(event: string): TextRange | undefined {
  const at = event.indexOf(usualStart)
  if (at >= 0) {
    const start = at + usualStart.length
    const end = event.indexOf('"', start)
    if (event.charCodeAt(end - 1) !== 0x5c && event.charCodeAt(end + 1) === 0x7d) return { start, end }
  }
  const match = chatPiece.exec(event) ?? completionPiece.exec(event)
  if (!match) return undefined
  const start = match.index + (match[1]?.length ?? 0)
  return { start, end: start + (match[2]?.length ?? 0) }
}

/** FNV-1a with two primes: 64 bits. */
class TextHash {
  #one = 0x811c9dc5
  #two = 0x811c9dc5

  add(piece: string): void {
    for (let index = 0; index < piece.length; index += 1) {
      const code = piece.charCodeAt(index)
      this.#one = Math.imul(this.#one ^ code, 0x01000193)
      this.#two = Math.imul(this.#two ^ code, 0x01000cdd)
    }
  }

  equals(other: TextHash): boolean {
    return this.#one === other.#one && this.#two === other.#two
  }
}

export class SpokenText {
  length = 0
  /** The first of it. */
  beginning = ''
  readonly hash = new TextHash()
  /** All that the client has heard is one text: no calls of tools, no thoughts. */
  isPlain = true

  /** Takes note of an event that the client gets. */
  note(event: string): void {
    if (!this.isPlain) return
    const range = textIn(event)
    if (!range) {
      this.isPlain = false
      return
    }
    const piece = event.slice(range.start, range.end)
    if (this.length < keptLength) this.beginning += piece.slice(0, keptLength - this.length)
    this.length += piece.length
    this.hash.add(piece)
  }
}

/** Passes over what the client has heard, in the events of another answer. */
export class Replay {
  readonly #spoken: SpokenText
  readonly #until: number
  readonly #hash = new TextHash()
  #length = 0
  /** The client has heard all of it so far. */
  isOver = false

  constructor(spoken: SpokenText) {
    this.#spoken = spoken
    this.#until = spoken.length
  }

  /** What the client gets of an event, empty when nothing; undefined when this is another answer. */
  pass(event: string): string | undefined {
    const range = textIn(event)
    if (!range) return undefined
    const piece = event.slice(range.start, Math.min(range.end, range.start + this.#until - this.#length))
    const known = this.#spoken.beginning.slice(this.#length, this.#length + piece.length)
    if (!piece.startsWith(known)) return undefined
    this.#hash.add(piece)
    this.#length += piece.length
    if (this.#length < this.#until) return ''
    if (!this.#hash.equals(this.#spoken.hash)) return undefined
    this.isOver = true
    return event.slice(0, range.start) + event.slice(range.start + piece.length)
  }
}

// Cuts the bytes of a text/event-stream into whole events, whatever pieces they arrive in. Bytes are handled as latin1
// text, one character a byte: searching and cutting text stays inside the JavaScript engine, with a Buffer each step is a
// call into C++.

export class EventTooLong extends Error {}

const newLine = 0x0a
const carriageReturn = 0x0d
const byteOrderMark = '\u00ef\u00bb\u00bf'

/** Keeps what is not yet a whole event. Lines may end in LF or CRLF. */
export class EventSplitter {
  readonly #limit: number
  /** The event that has begun and not ended. */
  #rest = ''
  /** Its last characters: a blank line may be cut in two. Apart, so that the growing rest is not copied at each piece. */
  #seam = ''
  #hasReturns = false
  /** Nothing has come but the beginning of a byte order mark. */
  #isFirst = true

  /** @param limit most bytes of one event */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** Bytes of an event that has begun and not ended. */
  get pending(): number {
    return this.#rest.length
  }

  /**
   * Calls back with each whole event, its blank line included.
   * @throws EventTooLong
   */
  push(chunk: Buffer, onEvent: (event: string) => void): void {
    let text = chunk.toString('latin1')
    if (!this.#hasReturns && text.includes('\r')) this.#hasReturns = true
    if (this.#isFirst) {
      text = this.#rest + text
      this.#rest = text.length < byteOrderMark.length && byteOrderMark.startsWith(text) ? text : ''
      if (this.#rest !== '' || text === '') return
      this.#isFirst = false
      if (text.startsWith(byteOrderMark)) text = text.slice(byteOrderMark.length)
    }
    let from = 0
    if (this.#rest !== '') {
      const seam = this.#seam + text
      const end = this.#endOfEvent(seam, 0)
      if (end < 0) {
        this.#keep(this.#rest + text, seam)
        return
      }
      from = Math.max(0, this.#rest.length - this.#seam.length)
      text = this.#rest + text
    }
    let start = 0
    for (;;) {
      const end = this.#endOfEvent(text, from)
      if (end < 0) break
      onEvent(start === 0 && end === text.length ? text : text.slice(start, end))
      start = end
      from = end
    }
    const rest = start === 0 ? text : text.slice(start)
    this.#keep(rest, rest)
  }

  #keep(rest: string, seam: string): void {
    if (rest.length > this.#limit) throw new EventTooLong()
    this.#rest = rest
    this.#seam = seam.slice(-3)
  }

  /** Index after the first blank line at or after `from`, -1 when there is none. */
  #endOfEvent(text: string, from: number): number {
    if (!this.#hasReturns) {
      const end = text.indexOf('\n\n', from)
      return end < 0 ? -1 : end + 2
    }
    // Line by line: looked for apart, the form that does not occur would be looked for in the whole rest at every event.
    for (let at = text.indexOf('\n', from); at >= 0; at = text.indexOf('\n', at + 1)) {
      if (text.charCodeAt(at + 1) === newLine) return at + 2
      if (text.charCodeAt(at + 1) === carriageReturn && text.charCodeAt(at + 2) === newLine) return at + 3
    }
    return -1
  }
}

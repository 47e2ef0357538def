// Cuts the bytes of a text/event-stream into whole events, whatever pieces they arrive in.

const newline = 0x0a
const carriageReturn = 0x0d
const nothing = Buffer.alloc(0)

export class EventTooLong extends Error {}

/** Keeps what is not yet a whole event. Lines may end in LF or CRLF. */
export class EventSplitter {
  readonly #limit: number
  #rest: Buffer = nothing

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
  push(chunk: Buffer, onEvent: (event: Buffer) => void): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    // A blank line may have been cut in two: look again at the last three bytes of the old rest.
    let search = Math.max(0, this.#rest.length - 3)
    let start = 0
    for (;;) {
      const end = endOfEvent(bytes, search)
      if (end < 0) break
      onEvent(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end))
      start = end
      search = end
    }
    if (bytes.length - start > this.#limit) throw new EventTooLong()
    // A copy: the chunk's memory may be larger than the rest of it.
    this.#rest = start === bytes.length ? nothing : start === 0 ? bytes : Buffer.from(bytes.subarray(start))
  }
}

/** Index after the first blank line at or after `from`, -1 when there is none. */
function endOfEvent(bytes: Buffer, from: number): number {
  let at = bytes.indexOf(newline, from)
  while (at >= 0) {
    const next = bytes[at + 1]
    if (next === newline) return at + 2
    if (next === carriageReturn && bytes[at + 2] === newline) return at + 3
    at = bytes.indexOf(newline, at + 1)
  }
  return -1
}

// Reads a stream's events on their way to the client: token counts, the end, errors. Most events pass as they came.
import { findUsage, parseUsage, type Usage, usageText, withoutRange } from '../body/usage.ts'

/** What an event means for the stream. */
export type EventKind = 'data' | 'comment' | 'done' | 'error'

const colon = 0x3a
const openBracket = 0x5b
const openBrace = 0x7b
const errorKey = Buffer.from('"error"')
const emptyChoices = Buffer.from('"choices":[]')
const finished = Buffer.from('"finish_reason":"')

export class EventFilter {
  readonly #hideUsage: boolean
  /** Events with data, without the last one that only has counts. */
  dataEvents = 0
  /** JSON text of the newest counts. */
  #usage = ''
  /** The newest two events with data: one of them says why the answer ended. */
  #last: Buffer | undefined
  #beforeLast: Buffer | undefined

  constructor(hideUsage: boolean) {
    this.#hideUsage = hideUsage
  }

  get usage(): Usage | undefined {
    return this.#usage === '' ? undefined : parseUsage(this.#usage)
  }

  /** Whether the engine said why the answer ended: a stream without that was cut off. */
  get sawFinish(): boolean {
    return [this.#last, this.#beforeLast].some((event) => event?.includes(finished) ?? false)
  }

  kind(event: Buffer): EventKind {
    // The common case first: `data: {` and `data: [DONE]`.
    if (event[0] === 0x64 && event[4] === colon) {
      const first = event[5] === 0x20 ? event[6] : event[5]
      if (first === openBracket) return 'done'
      if (first === openBrace) return this.#isError(event) ? 'error' : 'data'
      return 'data'
    }
    if (event[0] === colon) return 'comment'
    const text = event.toString('latin1')
    if (/^event: ?error/m.test(text)) return 'error'
    return /^data:/m.test(text) ? 'data' : 'comment'
  }

  /** `{"error"` with spaces: only the beginning is looked at, an answer may speak of errors. */
  #isError(event: Buffer): boolean {
    const at = event.indexOf(openBrace, 5)
    const key = event[at + 1] === 0x20 || event[at + 1] === 0x0a ? at + 2 : at + 1
    return event.compare(errorKey, 0, errorKey.length, key, key + errorKey.length) === 0
  }

  /** Takes note of an event with data; what the client gets of it, undefined when nothing. */
  pass(event: Buffer): Buffer | undefined {
    const range = findUsage(event)
    if (range) this.#usage = usageText(event, range)
    // The closing event of counts has no choices: code that reads choices[0] breaks on it.
    const isCounts = range !== undefined && event.includes(emptyChoices)
    if (!isCounts) {
      this.dataEvents += 1
      this.#beforeLast = this.#last
      this.#last = event
    }
    if (!range || !this.#hideUsage) return event
    return isCounts ? undefined : withoutRange(event, range)
  }
}

/** Payload of an event's data lines. */
export function eventData(event: Buffer): string {
  const lines = event.toString('utf8').split(/\r?\n/)
  return lines
    .filter((line) => line.startsWith('data:'))
    .map((line) => (line[5] === ' ' ? line.slice(6) : line.slice(5)))
    .join('\n')
}

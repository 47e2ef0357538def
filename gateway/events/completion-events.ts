// Events of /v1/chat/completions and /v1/completions: counts that the client did not ask for are taken out, a finish reason says that
// an answer ended, and `[DONE]` ends the stream. Most events pass as they came.
import type { UsageShown } from '../request/engine-request.ts'
import { findUsage, parseUsage, type Usage } from '../wire/usage.ts'
import type { EventFilter, EventKind } from './event-filter.ts'

/** Every event of an answer has it; an event of another route, or of another server, has not. */
const choices = /"choices"\s*:/
const emptyChoices = /"choices"\s*:\s*\[\s*\]/
/** With whatever space an engine puts around the colon. */
const finished = /"finish_reason"\s*:\s*"/
const errorStart = /^\{\s*"error"/
const dataStart = 'data:'
const delta = /"delta"\s*:\s*(\{[^{}]*\})/

export class CompletionEvents implements EventFilter {
  readonly endsWithDone = true
  readonly #shown: UsageShown
  readonly #answers: number
  /** Events with data, without the last one that only has counts. */
  dataEvents = 0
  /** JSON text of the newest counts. */
  #usage = ''
  /** The newest two events with data: one of them says why the answer ended. */
  #last = ''
  #beforeLast = ''
  /** Answers that have ended, when there are several. */
  #finished = 0
  /** Something of the answer came. */
  #isOpen = false

  /** @param answers that the request asked for */
  constructor(shown: UsageShown, answers: number) {
    this.#shown = shown
    this.#answers = answers
  }

  get usage(): Usage | undefined {
    return this.#usage === '' ? undefined : parseUsage(this.#usage)
  }

  /** Whether the engine said why each answer ended: a stream without that was cut off. */
  get sawFinish(): boolean {
    if (this.#answers > 1) return this.#finished >= this.#answers
    return finished.test(this.#last) || finished.test(this.#beforeLast)
  }

  kind(event: string): EventKind {
    // The common case first: `data: {` and `data: [DONE]`.
    if (event.startsWith(dataStart)) {
      const at = event.charCodeAt(5) === 0x20 ? 6 : 5
      const first = event.charCodeAt(at)
      if (first === 0x5b) return 'done'
      // Only the beginning is looked at: an answer may speak of errors.
      return first === 0x7b && errorStart.test(event.slice(at, at + 20)) ? 'error' : this.#dataKind(event)
    }
    if (event.startsWith(':')) return 'comment'
    if (/^event: ?error/m.test(event)) return 'error'
    return /^data:/m.test(event) ? this.#dataKind(event) : 'comment'
  }

  #dataKind(event: string): EventKind {
    this.#isOpen ||= choices.test(event) && !tellsRoleAlone(event)
    return this.#isOpen ? 'data' : 'opening'
  }

  /** Takes note of an event with data; what the client gets of it, empty when nothing. */
  pass(event: string): string {
    const range = findUsage(event)
    let isCounts = false
    if (range) {
      this.#usage = event.slice(range.from, range.to)
      // The closing event of counts has no choices: code that reads choices[0] breaks on it. They come before the counts.
      const before = event.charCodeAt(range.start - 1) === 0x5d ? event.charCodeAt(range.start - 2) : 0
      isCounts = before === 0x5b || (before !== 0x7d && emptyChoices.test(event))
    }
    if (!isCounts) this.#note(event)
    if (!range || this.#shown === 'each') return event
    if (isCounts) return this.#shown === 'none' ? '' : event
    return event.slice(0, range.start) + event.slice(range.end)
  }

  #note(event: string): void {
    this.dataEvents += 1
    this.#beforeLast = this.#last
    this.#last = event
    if (this.#answers > 1) this.#finished += event.split(finished).length - 1
  }
}

/** Engines send an event with the role before they have made a token. */
function tellsRoleAlone(event: string): boolean {
  const [, json] = delta.exec(event) ?? []
  if (json === undefined || finished.test(event)) return false
  try {
    const { role, ...rest } = JSON.parse(json) as Record<string, unknown>
    return role !== undefined && Object.values(rest).every((value) => !value)
  } catch {
    return false
  }
}

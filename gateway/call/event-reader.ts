// A stream of events: whole events pass, counts are hidden from clients that did not ask, and no loss looks like an end.
import { ApiError } from '../api-error.ts'
import { type EventFilter, eventData, isWholeEvent } from '../events/event-filter.ts'
import { makeFilter } from '../events/make-filter.ts'
import { Replay } from '../events/spoken-text.ts'
import { EventSplitter, EventTooLong } from '../wire/event-splitter.ts'
import type { AnswerReader, AnswerSink, Counted } from './answer-reader.ts'
import { brokenOff, disconnected, errorFailure, type Failure, notAnAnswer, truncated } from './failure.ts'

export class EventReader implements AnswerReader {
  readonly #sink: AnswerSink
  readonly #splitter: EventSplitter
  readonly #filter: EventFilter
  /** Of an answer that goes on where another one broke off. */
  readonly #replay: Replay | undefined
  /** Events of one piece that arrived: they leave in one write, too. */
  #out = ''
  #ended = false

  constructor(sink: AnswerSink) {
    this.#sink = sink
    this.#splitter = new EventSplitter(sink.config.EVENT_LIMIT)
    this.#filter = makeFilter(sink.request)
    this.#replay = sink.spoken && sink.begun ? new Replay(sink.spoken) : undefined
  }

  get takesPings(): boolean {
    return true
  }

  counted(): Counted {
    return { usage: this.#filter.usage, events: this.#filter.dataEvents }
  }

  onData(chunk: Buffer): void {
    if (this.#ended) return
    try {
      this.#splitter.push(chunk, this.#onEvent)
      this.#flush()
    } catch (error) {
      this.#onFailure(error)
    }
  }

  onEnd(): void {
    if (this.#ended) return
    try {
      if (this.#splitter.pending > 0) this.#lost(notAnAnswer(disconnected()))
      else this.#finish()
    } catch (error) {
      this.#onFailure(error)
    }
  }

  onLost(): void {
    if (!this.#ended) this.#lost(brokenOff())
  }

  limit(): { ms: number; what: string } {
    const { begun, request, config } = this.#sink
    return begun
      ? { ms: config.STALL_SECONDS * 1000, what: 'further token' }
      : { ms: request.entry.spec.timeouts.firstTokenSeconds * 1000, what: 'first token' }
  }

  readonly #onEvent = (event: string): void => {
    if (this.#ended) return
    const sink = this.#sink
    const kind = this.#filter.kind(event)
    if (kind === 'comment') {
      if (sink.committed && !sink.request.translation) this.#out += event
      return
    }
    if (kind === 'error') {
      this.#onErrorEvent(event)
      return
    }
    if (kind === 'done') {
      this.#finish()
      return
    }
    if (!isWholeEvent(event)) {
      this.#lost(notAnAnswer(disconnected()))
      return
    }
    // Of these there are a few; an engine that sends nothing else is read like any other.
    if (kind === 'opening' && !sink.begun && this.#out.length < sink.config.EVENT_LIMIT) {
      this.#out += this.#filter.pass(event)
      return
    }
    sink.progress()
    if (!sink.begun) {
      sink.begin()
      sink.startEvents()
    }
    const passed = this.#filter.pass(event)
    if (sink.request.translation) this.#translate(eventData(event))
    else this.#pass(passed)
    if (kind === 'last') this.#finish()
  }

  #pass(event: string): void {
    const isHeard = this.#replay?.isOver === false
    const rest = isHeard && event !== '' ? this.#replay?.pass(event) : event
    if (rest === undefined) {
      // Another answer, and no fault of this engine.
      this.#ended = true
      this.#sink.breakOff(truncated(), false)
    } else {
      if (rest !== '') this.#sink.spoken?.note(rest)
      this.#out += rest
    }
  }

  #onErrorEvent(event: string): void {
    const failure = errorFailure(this.#sink.request.entry.name, eventData(event))
    this.#flush()
    this.#ended = true
    if (this.#sink.begun) this.#sink.breakOff(failure.error, failure.endpointFault)
    else this.#sink.fail(failure)
  }

  /** An event that cannot be translated, or one beyond every limit: not a stream that any client could read. */
  #onFailure(error: unknown): void {
    if (this.#ended) return
    if (error instanceof EventTooLong) this.#lost(notAnAnswer(disconnected()))
    else if (error instanceof ApiError) this.#lost(notAnAnswer(error))
    else {
      this.#ended = true
      this.#sink.bug(error)
    }
  }

  /** The engine ended its stream. */
  #finish(): void {
    if (this.#filter.sawFinish && this.#replay?.isOver !== false) this.#complete()
    else this.#lost(notAnAnswer(truncated()))
  }

  #complete(): void {
    const sink = this.#sink
    sink.startEvents()
    if (sink.request.translation) this.#translate(undefined)
    this.#ended = true
    sink.endEvents(this.#out, this.#filter.endsWithDone && !sink.request.translation)
    sink.complete()
  }

  #lost(failure: Failure): void {
    this.#flush()
    this.#ended = true
    if (this.#sink.begun) this.#sink.breakOff(failure.error, true)
    else this.#sink.fail(failure)
  }

  /** What the engine says before its answer waits for that: until then another endpoint may do it. */
  #flush(): void {
    if (this.#out === '' || this.#ended || !this.#sink.begun) return
    const text = this.#out
    this.#out = ''
    this.#sink.writeEvents(text)
  }

  #translate(data: string | undefined): void {
    for (const payload of this.#sink.request.translation?.event?.(data) ?? [])
      this.#out += Buffer.from(`data:${payload}\n\n`).toString('latin1')
  }
}

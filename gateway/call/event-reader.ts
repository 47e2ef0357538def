// A stream of events: whole events pass, counts are hidden from clients that did not ask, and no loss looks like an end.
import { ApiError } from '../api-error.ts'
import { EventSplitter, EventTooLong } from '../wire/event-splitter.ts'
import type { AnswerReader, AnswerSink } from './answer-reader.ts'
import { EventFilter, eventData } from './event-filter.ts'
import { brokenOff, disconnected, eventFailure, type Failure, truncated } from './failure.ts'

export class EventReader implements AnswerReader {
  readonly #sink: AnswerSink
  readonly #splitter: EventSplitter
  readonly #filter: EventFilter
  /** Events of one piece that arrived: they leave in one write, too. */
  #out = ''
  #ended = false

  constructor(sink: AnswerSink) {
    this.#sink = sink
    const { call, config } = sink.exchange
    this.#splitter = new EventSplitter(config.EVENT_LIMIT)
    this.#filter = new EventFilter(call.request.usage, call.request.answers)
  }

  /** Writes what was counted so far into the record. */
  account(): void {
    const { record } = this.#sink.exchange
    record.events += this.#filter.dataEvents
    record.usage = this.#filter.usage ?? record.usage
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
      if (this.#splitter.pending > 0) this.#lost(broken(disconnected()))
      else this.#finish()
    } catch (error) {
      this.#onFailure(error)
    }
  }

  onLost(): void {
    if (!this.#ended) this.#lost(brokenOff())
  }

  limit(): { ms: number; what: string } {
    const { record, call, config } = this.#sink.exchange
    return record.firstByteAt === 0
      ? { ms: call.model.entry.spec.timeouts.firstTokenSeconds * 1000, what: 'first token' }
      : { ms: config.STALL_SECONDS * 1000, what: 'further token' }
  }

  readonly #onEvent = (event: string): void => {
    if (this.#ended) return
    const { answer, record, call, ticker } = this.#sink.exchange
    const kind = this.#filter.kind(event)
    if (kind === 'comment') {
      if (answer.committed && !call.request.translation) this.#out += event
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
    const now = ticker.now()
    this.#sink.progress(now)
    if (record.firstByteAt === 0) {
      record.firstByteAt = now
      answer.startEvents()
    }
    const passed = this.#filter.pass(event)
    if (call.request.translation) this.#translate(eventData(event))
    else this.#out += passed
  }

  #onErrorEvent(event: string): void {
    const failure = eventFailure(this.#sink.model, eventData(event))
    this.#flush()
    this.#ended = true
    if (this.#sink.exchange.record.firstByteAt === 0) this.#sink.fail(failure)
    else this.#sink.breakOff(failure.error, failure.endpointFault)
  }

  /** An event that cannot be translated, or one beyond every limit: not a stream that any client could read. */
  #onFailure(error: unknown): void {
    if (this.#ended) return
    if (error instanceof EventTooLong) this.#lost(broken(disconnected()))
    else if (error instanceof ApiError) this.#lost(broken(error))
    else {
      this.#ended = true
      this.#sink.bug(error)
    }
  }

  /** The engine ended its stream. */
  #finish(): void {
    if (this.#filter.sawFinish) this.#complete()
    else this.#lost(broken(truncated()))
  }

  #complete(): void {
    const { answer, call } = this.#sink.exchange
    answer.startEvents()
    if (call.request.translation) this.#translate(undefined)
    this.#ended = true
    if (call.request.translation) answer.end(this.#out)
    else answer.endWithDone(this.#out)
    this.#sink.complete()
  }

  #lost(failure: Failure): void {
    this.#flush()
    this.#ended = true
    if (this.#sink.exchange.record.firstByteAt === 0) this.#sink.fail(failure)
    else this.#sink.breakOff(failure.error, true)
  }

  #flush(): void {
    if (this.#out === '' || this.#ended) return
    const text = this.#out
    this.#out = ''
    this.#sink.writeEvents(text)
  }

  #translate(data: string | undefined): void {
    for (const payload of this.#sink.exchange.call.request.translation?.event?.(data) ?? [])
      this.#out += Buffer.from(`data:${payload}\n\n`).toString('latin1')
  }
}

/** The engine is there, but its stream is of no use. */
const broken = (error: ApiError): Failure => ({ error, retryable: true, endpointFault: true })

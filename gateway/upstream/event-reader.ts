// A stream of events: whole events pass, counts are hidden from clients that did not ask, and no loss looks like an end.
import { ApiError } from '../api-error.ts'
import { EventSplitter } from '../body/event-splitter.ts'
import type { AnswerReader, AnswerSink } from './answer-reader.ts'
import { EventFilter, eventData } from './event-filter.ts'
import { disconnected, eventFailure, truncated } from './upstream-errors.ts'

export class EventReader implements AnswerReader {
  readonly #sink: AnswerSink
  readonly #splitter: EventSplitter
  readonly #filter: EventFilter
  #ended = false

  constructor(sink: AnswerSink) {
    this.#sink = sink
    this.#splitter = new EventSplitter(sink.exchange.config.EVENT_LIMIT)
    this.#filter = new EventFilter(sink.exchange.call.hideUsage)
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
    } catch (error) {
      // An event that cannot be translated, or one beyond every limit: not a stream that any client could read.
      if (!this.#ended) this.#lost(error instanceof ApiError ? error : disconnected())
    }
  }

  onEnd(): void {
    if (this.#ended) return
    if (this.#splitter.pending > 0) this.onLost()
    else if (this.#filter.sawFinish) this.#complete()
    else this.#lost(truncated())
  }

  onLost(): void {
    if (!this.#ended) this.#lost(disconnected())
  }

  limit(): { ms: number; what: string } {
    const { record, call, config } = this.#sink.exchange
    return record.firstByteAt === 0
      ? { ms: call.model.entry.spec.timeouts.firstTokenSeconds * 1000, what: 'first token' }
      : { ms: config.STALL_SECONDS * 1000, what: 'further token' }
  }

  readonly #onEvent = (event: Buffer): void => {
    if (this.#ended) return
    const { answer, record, call, ticker } = this.#sink.exchange
    const kind = this.#filter.kind(event)
    if (kind === 'comment') {
      if (answer.committed && !call.translation) this.#sink.write(event)
      return
    }
    if (kind === 'error') {
      this.#onErrorEvent(event)
      return
    }
    const now = ticker.now()
    this.#sink.progress(now)
    if (kind === 'done') {
      this.#complete()
      return
    }
    if (record.firstByteAt === 0) {
      record.firstByteAt = now
      answer.startEvents()
    }
    const passed = this.#filter.pass(event)
    if (call.translation) this.#writeTranslated(eventData(event))
    else if (passed) this.#sink.write(passed)
  }

  #onErrorEvent(event: Buffer): void {
    this.#ended = true
    const failure = eventFailure(this.#sink.model, eventData(event))
    if (this.#sink.exchange.record.firstByteAt === 0) this.#sink.fail(failure)
    else this.#sink.breakOff(failure.error, failure.endpointFault)
  }

  #complete(): void {
    this.#ended = true
    const { answer, call } = this.#sink.exchange
    answer.startEvents()
    if (call.translation) {
      this.#writeTranslated(undefined)
      answer.end()
    } else answer.endWithDone()
    this.#sink.complete()
  }

  #lost(error: ApiError): void {
    this.#ended = true
    if (this.#sink.exchange.record.firstByteAt === 0) this.#sink.fail({ error, retryable: true, endpointFault: true })
    else this.#sink.breakOff(error, true)
  }

  #writeTranslated(data: string | undefined): void {
    for (const payload of this.#sink.exchange.call.translation?.event?.(data) ?? [])
      this.#sink.write(Buffer.from(`data:${payload}\n\n`))
  }
}

// An answer that is held whole: to be translated for the client, or to be read as an error.
import { ApiError } from '../api-error.ts'
import { usageIn } from '../body/usage.ts'
import type { AnswerReader, AnswerSink } from './answer-reader.ts'
import { answerTooLarge, brokenOff, statusFailure } from './upstream-errors.ts'

abstract class HeldReader implements AnswerReader {
  protected readonly sink: AnswerSink
  readonly #limit: number
  readonly #chunks: Buffer[] = []
  #bytes = 0

  constructor(sink: AnswerSink, limit: number) {
    this.sink = sink
    this.#limit = limit
  }

  /** What the answer is worth as it is; `whole` when its end was seen. */
  protected abstract finish(body: Buffer, whole: boolean): void

  /** The answer is longer than what is held of it. */
  protected abstract overflow(beginning: Buffer): void

  onData(chunk: Buffer): void {
    this.sink.progress(this.sink.exchange.ticker.now())
    const room = this.#limit - this.#bytes
    this.#chunks.push(Buffer.from(chunk.length <= room ? chunk : chunk.subarray(0, room)))
    this.#bytes += chunk.length
    if (chunk.length > room) this.overflow(Buffer.concat(this.#chunks))
  }

  onEnd(): void {
    this.finish(Buffer.concat(this.#chunks), true)
  }

  onLost(): void {
    this.finish(Buffer.concat(this.#chunks), false)
  }

  limit(): { ms: number; what: string } {
    return { ms: this.sink.exchange.config.STALL_SECONDS * 1000, what: 'further data' }
  }
}

/** Status other than 200. */
export class ErrorReader extends HeldReader {
  readonly #status: number

  constructor(sink: AnswerSink, status: number) {
    super(sink, sink.exchange.config.ERROR_BODY_LIMIT)
    this.#status = status
  }

  protected finish(body: Buffer): void {
    this.sink.fail(statusFailure(this.sink.model, this.#status, body))
  }

  protected overflow(beginning: Buffer): void {
    this.finish(beginning)
  }
}

/** A 200 that the client gets in another shape. */
export class TranslatedReader extends HeldReader {
  constructor(sink: AnswerSink) {
    super(sink, sink.exchange.config.ANSWER_LIMIT)
  }

  protected overflow(): void {
    this.sink.fail({ error: answerTooLarge(), retryable: false, endpointFault: false })
  }

  protected finish(body: Buffer, whole: boolean): void {
    if (!whole) {
      this.sink.fail(brokenOff())
      return
    }
    const { answer, record, call, ticker } = this.sink.exchange
    let translated: Buffer
    try {
      translated = call.translation?.answer(body) ?? body
    } catch (error) {
      // Not the shape that it should have; the error says so in our own words. It would be the same elsewhere.
      if (error instanceof ApiError) this.sink.fail({ error, retryable: false, endpointFault: true })
      else this.sink.bug(error)
      return
    }
    record.firstByteAt = ticker.now()
    record.usage = usageIn(body) ?? record.usage
    answer.send(200, ['content-type', 'application/json'], translated)
    this.sink.complete()
  }
}

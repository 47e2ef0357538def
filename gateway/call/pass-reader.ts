// An answer that passes byte for byte; it is only looked at for the token counts.
import { UsageFinder } from '../wire/usage.ts'
import type { AnswerReader, AnswerSink } from './answer-reader.ts'
import { brokenOff, disconnected } from './failure.ts'

export class PassReader implements AnswerReader {
  readonly #sink: AnswerSink
  readonly #contentType: string
  readonly #contentLength: string | undefined
  readonly #finder = new UsageFinder()

  /** @param contentLength of the engine's answer, when it said one */
  constructor(sink: AnswerSink, contentType: string, contentLength: string | undefined) {
    this.#sink = sink
    this.#contentType = contentType || 'application/json'
    this.#contentLength = contentLength
  }

  onData(chunk: Buffer): void {
    const { answer, record, ticker } = this.#sink.exchange
    const now = ticker.now()
    this.#sink.progress(now)
    this.#finder.push(chunk)
    const isFirst = !answer.committed
    if (isFirst) {
      record.firstByteAt = now
      this.#head()
    }
    // A small answer leaves in one piece with its headers.
    if (isFirst && this.#contentLength === String(chunk.length)) answer.endBody(chunk)
    else this.#sink.write(chunk)
  }

  onEnd(): void {
    const { answer, record } = this.#sink.exchange
    if (!answer.committed) this.#head()
    answer.end()
    record.usage = this.#finder.usage ?? record.usage
    this.#sink.complete()
  }

  onLost(): void {
    const { answer } = this.#sink.exchange
    if (answer.committed) this.#sink.breakOff(disconnected(), true)
    else this.#sink.fail(brokenOff())
  }

  limit(): { ms: number; what: string } {
    return { ms: this.#sink.exchange.config.STALL_SECONDS * 1000, what: 'further data' }
  }

  #head(): void {
    const headers = ['content-type', this.#contentType]
    if (this.#contentLength !== undefined) headers.push('content-length', this.#contentLength)
    this.#sink.exchange.answer.head(200, headers)
  }
}

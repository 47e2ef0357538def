// An answer that passes byte for byte; only its last bytes are looked at, for the token counts.
import { findUsage, parseUsage, usageText } from '../body/usage.ts'
import type { AnswerReader, AnswerSink } from './answer-reader.ts'
import { disconnected } from './upstream-errors.ts'

/** The counts stand near the end of an answer, before a few short fields. */
const tailBytes = 8192

export class PassReader implements AnswerReader {
  readonly #sink: AnswerSink
  readonly #contentType: string
  readonly #contentLength: string | undefined
  #tail: Buffer | undefined

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
    this.#keepTail(chunk)
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
    const range = this.#tail && findUsage(this.#tail)
    if (this.#tail && range) record.usage = parseUsage(usageText(this.#tail, range))
    this.#sink.complete()
  }

  onLost(): void {
    const { answer } = this.#sink.exchange
    if (answer.committed) this.#sink.breakOff(disconnected(), true)
    else this.#sink.fail({ error: disconnected(), retryable: true, endpointFault: true })
  }

  limit(): { ms: number; what: string } {
    return { ms: this.#sink.exchange.config.STALL_SECONDS * 1000, what: 'further data' }
  }

  #head(): void {
    const headers = ['content-type', this.#contentType]
    if (this.#contentLength !== undefined) headers.push('content-length', this.#contentLength)
    this.#sink.exchange.answer.head(200, headers)
  }

  #keepTail(chunk: Buffer): void {
    const tail = this.#tail && chunk.length < tailBytes ? Buffer.concat([this.#tail, chunk]) : chunk
    this.#tail = tail.length > 2 * tailBytes ? Buffer.from(tail.subarray(-tailBytes)) : tail
  }
}

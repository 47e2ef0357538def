// An answer that passes byte for byte; it is only looked at for the token counts.
import { UsageFinder } from '../wire/usage.ts'
import type { AnswerReader, AnswerSink, Counted } from './answer-reader.ts'
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

  get takesPings(): boolean {
    return false
  }

  onData(chunk: Buffer): void {
    const sink = this.#sink
    sink.progress()
    this.#finder.push(chunk)
    const isFirst = !sink.committed
    if (isFirst) {
      sink.begin()
      this.#head()
    }
    // A small answer leaves in one piece with its headers.
    if (isFirst && this.#contentLength === String(chunk.length)) sink.endBody(chunk)
    else sink.write(chunk)
  }

  onEnd(): void {
    if (!this.#sink.committed) this.#head()
    this.#sink.endBody()
    this.#sink.complete()
  }

  onLost(): void {
    if (this.#sink.committed) this.#sink.breakOff(disconnected(), true)
    else this.#sink.fail(brokenOff())
  }

  limit(): { ms: number; what: string } {
    return { ms: this.#sink.config.STALL_SECONDS * 1000, what: 'further data' }
  }

  counted(): Counted {
    return { usage: this.#finder.usage, events: 0 }
  }

  #head(): void {
    const headers = ['content-type', this.#contentType]
    if (this.#contentLength !== undefined) headers.push('content-length', this.#contentLength)
    this.#sink.head(headers)
  }
}

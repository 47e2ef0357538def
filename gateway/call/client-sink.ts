// The one way from a reader to the client: sends what was read, and notes in the call's record that it came.
import type { ApiError } from '../api-error.ts'
import type { Config } from '../config.ts'
import type { SpokenText } from '../events/spoken-text.ts'
import type { EngineRequest } from '../request/engine-request.ts'
import type { AnswerSink } from './answer-reader.ts'
import type { Exchange } from './exchange.ts'
import type { Failure } from './failure.ts'

/** The try whose answer is read. */
export interface Trying {
  progress(now: number): void
  begin(): void
  complete(): void
  fail(failure: Failure): void
  breakOff(error: ApiError, endpointFault: boolean): void
  bug(error: unknown): void
}

export class ClientSink implements AnswerSink {
  readonly request: EngineRequest
  readonly config: Config
  readonly #exchange: Exchange
  readonly #trying: Trying

  constructor(exchange: Exchange, trying: Trying) {
    this.request = exchange.call.request
    this.config = exchange.config
    this.#exchange = exchange
    this.#trying = trying
  }

  get committed(): boolean {
    return this.#exchange.answer.committed
  }

  get begun(): boolean {
    return this.#exchange.record.firstByteAt > 0
  }

  get spoken(): SpokenText | undefined {
    return this.#exchange.spoken
  }

  progress(): void {
    this.#trying.progress(this.#exchange.ticker.now())
  }

  begin(): void {
    if (!this.begun) this.#trying.begin()
  }

  hold(bytes: number): void {
    this.#exchange.holdAnswer(bytes)
  }

  head(headers: readonly string[]): void {
    this.#exchange.answer.head(200, headers)
  }

  startEvents(): void {
    this.#exchange.answer.startEvents()
  }

  write(bytes: Buffer): void {
    this.#exchange.lastWriteAt = this.#exchange.ticker.now()
    this.#exchange.answer.write(bytes)
  }

  writeEvents(text: string): void {
    this.#exchange.lastWriteAt = this.#exchange.ticker.now()
    this.#exchange.answer.writeEvents(text)
  }

  endEvents(text: string, withDone: boolean): void {
    this.#exchange.answer.endEvents(text, withDone)
  }

  endBody(text: string): void {
    this.#exchange.answer.endBody(text)
  }

  send(headers: readonly string[], body: Buffer): void {
    this.#exchange.answer.send(200, headers, body)
  }

  complete(): void {
    this.#trying.complete()
  }

  fail(failure: Failure): void {
    this.#trying.fail(failure)
  }

  breakOff(error: ApiError, endpointFault: boolean): void {
    this.#trying.breakOff(error, endpointFault)
  }

  bug(error: unknown): void {
    this.#trying.bug(error)
  }
}

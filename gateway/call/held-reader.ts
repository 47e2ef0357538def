// An answer that is held whole: to be translated for the client, or to be read as an error.
import { ApiError } from '../api-error.ts'
import { type Usage, usageIn } from '../wire/usage.ts'
import type { AnswerReader, AnswerSink, Counted } from './answer-reader.ts'
import { answerTooLarge, brokenOff, notAnAnswer, statusFailure } from './failure.ts'

const leastRoom = 4096

abstract class HeldReader implements AnswerReader {
  protected readonly sink: AnswerSink
  readonly #limit: number
  /** Grows by doubling: an answer may come in a million pieces. */
  #room = Buffer.alloc(0)
  #length = 0
  protected usage: Usage | undefined

  constructor(sink: AnswerSink, limit: number) {
    this.sink = sink
    this.#limit = limit
  }

  /** Asked before this many bytes are held. @throws ApiError */
  protected abstract reserve(bytes: number): void

  /** What the answer is worth as it is; `whole` when its end was seen. */
  protected abstract finish(body: Buffer, whole: boolean): void

  /** The answer is longer than what is held of it. */
  protected abstract overflow(beginning: Buffer): void

  get takesPings(): boolean {
    return false
  }

  onData(chunk: Buffer): void {
    this.sink.progress()
    const length = Math.min(this.#length + chunk.length, this.#limit)
    try {
      this.#makeRoom(length)
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      this.sink.fail({ error, retryable: false, endpointFault: false })
      return
    }
    chunk.copy(this.#room, this.#length, 0, length - this.#length)
    const isTooLong = this.#length + chunk.length > this.#limit
    this.#length = length
    if (isTooLong) this.overflow(this.#held)
  }

  onEnd(): void {
    this.finish(this.#held, true)
  }

  onLost(): void {
    this.finish(this.#held, false)
  }

  get #held(): Buffer {
    return this.#room.subarray(0, this.#length)
  }

  #makeRoom(length: number): void {
    if (length <= this.#room.length) return
    const size = Math.min(this.#limit, Math.max(length, 2 * this.#room.length, leastRoom))
    this.reserve(size)
    const room = Buffer.allocUnsafeSlow(size)
    this.#held.copy(room)
    this.#room = room
  }

  limit(): { ms: number; what: string } {
    return { ms: this.sink.config.STALL_SECONDS * 1000, what: 'further data' }
  }

  counted(): Counted {
    return { usage: this.usage, events: 0 }
  }
}

/** Status other than 200. */
export class ErrorReader extends HeldReader {
  readonly #status: number
  readonly #retryAfter: string | undefined

  /** @param retryAfter header of an engine that is busy */
  constructor(sink: AnswerSink, status: number, retryAfter: string | undefined) {
    super(sink, sink.config.ERROR_BODY_LIMIT)
    this.#status = status
    this.#retryAfter = retryAfter
  }

  /** It is short. */
  protected reserve(): void {}

  protected finish(body: Buffer): void {
    this.sink.fail(statusFailure(this.sink.request.entry.name, this.#status, body, this.#retryAfter))
  }

  protected overflow(beginning: Buffer): void {
    this.finish(beginning)
  }
}

/** A 200 that the client gets in another shape. */
export class TranslatedReader extends HeldReader {
  constructor(sink: AnswerSink) {
    const { ANSWER_LIMIT, ANSWER_BUDGET } = sink.config
    // A tenant has half of the budget: room for two at least.
    super(sink, Math.min(ANSWER_LIMIT, Math.floor(ANSWER_BUDGET / 4)))
  }

  protected reserve(bytes: number): void {
    this.sink.hold(bytes)
  }

  protected overflow(): void {
    this.sink.fail({ error: answerTooLarge(), retryable: false, endpointFault: false })
  }

  protected finish(body: Buffer, whole: boolean): void {
    if (!whole) {
      this.sink.fail(brokenOff())
      return
    }
    let translated: Buffer
    try {
      translated = this.sink.request.translation?.answer(body) ?? body
    } catch (error) {
      // Not the shape that it should have; the error says so in our own words.
      if (error instanceof ApiError) this.sink.fail(notAnAnswer(error))
      else this.sink.bug(error)
      return
    }
    // Room was made for more than came.
    this.sink.hold(Math.min(translated.length, body.length))
    this.sink.begin()
    this.usage = usageIn(body)
    this.sink.send(['content-type', 'application/json'], translated)
    this.sink.complete()
  }
}

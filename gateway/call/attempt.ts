// One try of a call at one endpoint: the request to the engine, its time limits, and a client that may read slowly.
import type { ApiError } from '../api-error.ts'
import type { AnswerKind, Verdict } from '../serving/health.ts'
import type { Lease } from '../serving/lease.ts'
import { traceparentOf } from '../telemetry/ids.ts'
import type { AnswerHead } from '../wire/answer-head.ts'
import type { AnswerHandler, EngineCall } from '../wire/engine-call.ts'
import { lingering } from '../wire/linger.ts'
import { type AnswerReader, type Counted, readerOf } from './answer-reader.ts'
import type { Flow } from './client-answer.ts'
import { ClientSink, type Trying } from './client-sink.ts'
import type { Exchange } from './exchange.ts'
import {
  connectionFailure,
  disconnected,
  type Failure,
  internalError,
  notAnAnswer,
  silent,
  timedOut,
  verdictOf,
} from './failure.ts'

export interface AttemptResult {
  /** Set when the client was sent nothing of an answer; undefined when the answer is with the client. */
  failure?: Failure
  /** What the try says about the endpoint. */
  verdict: Verdict
}

export class Attempt implements AnswerHandler, Trying, Flow {
  readonly #exchange: Exchange
  readonly #lease: Lease
  readonly #isNew: boolean
  readonly #kind: AnswerKind
  readonly #sentAt: number
  #settle: (result: AttemptResult) => void = () => {}
  #call: EngineCall | undefined
  #reader: AnswerReader | undefined
  /** When the engine last made progress. */
  #progressAt: number
  /** When the client stopped to read; 0 while it reads. */
  #pausedAt = 0
  #settled = false
  #isSent = false
  /** `record.taken` before this try. */
  #wasTaken = false
  /** The engine has sent all. */
  #over = false

  /** @param isNew it wants a connection that carried nothing before */
  constructor(exchange: Exchange, lease: Lease, isNew: boolean) {
    this.#exchange = exchange
    this.#lease = lease
    this.#isNew = isNew
    this.#kind = exchange.call.request.stream ? 'stream' : 'whole'
    this.#sentAt = exchange.ticker.now()
    this.#progressAt = this.#sentAt
  }

  /** Whether a comment may be put between what the engine has sent so far. */
  get takesPings(): boolean {
    return this.#reader?.takesPings ?? true
  }

  run(): Promise<AttemptResult> {
    const { call, record } = this.#exchange
    const { received, request } = call
    record.dispatchedAt ||= this.#progressAt
    this.#wasTaken = record.taken
    record.endpoint = this.#lease.endpoint.key
    // No accept-encoding: a compressed stream could not be read here.
    const headers = [
      'content-type',
      request.contentType,
      'accept',
      request.stream ? 'text/event-stream' : 'application/json',
      'x-request-id',
      received.id,
      'traceparent',
      traceparentOf(call),
    ]
    if (received.sessionId) headers.push('x-session-id', received.sessionId)
    this.#exchange.answer.flow = this
    return new Promise((resolve) => {
      this.#settle = resolve
      const { path, body } = request
      this.#call = this.#lease.endpoint.connections.dispatch({ path, headers, body }, this, this.#isNew)
    })
  }

  /** Ends the try: the client left, or the whole call ran out of time (then with the error). */
  stop(error?: ApiError): void {
    if (!this.#settled && this.#isWaiting) this.#lease.left(this.#kind, this.#sentAt)
    if (error && this.#exchange.answer.committed) this.#exchange.fail(error)
    const failure = error && !this.#exchange.answer.committed && { error, retryable: false, endpointFault: false }
    this.#done({ verdict: 'neutral', ...(failure && { failure }) })
    this.#abort()
  }

  /** Looks at the limits of the engine and of a client that does not read. */
  tick(now: number): void {
    const { config, call, record } = this.#exchange
    if (this.#pausedAt > 0) {
      if (now - this.#pausedAt < config.CLIENT_IDLE_SECONDS * 1000) return
      this.#exchange.dropIdleClient()
      this.stop()
      return
    }
    if (this.#isWaiting && this.#lease.waits(this.#kind, this.#sentAt)) {
      this.fail(silent())
      return
    }
    const first = call.request.stream
      ? config.STREAM_HEADERS_SECONDS
      : Math.max(config.ANSWER_SECONDS, call.model.entry.spec.timeouts.firstTokenSeconds)
    const { ms, what } = this.#reader?.limit() ?? { ms: first * 1000, what: 'answer' }
    if (now - this.#progressAt < ms) return
    const error = timedOut(what)
    // Without a connection the request waited here, which is no fault of the endpoint.
    if (record.firstByteAt === 0 || !this.#exchange.answer.committed)
      this.fail({ error, retryable: true, endpointFault: this.#isSent })
    else this.breakOff(error, true)
  }

  /** The endpoint has the request, and nothing of its answer came. */
  get #isWaiting(): boolean {
    return this.#isSent && this.#exchange.record.firstByteAt === 0
  }

  onSent(): void {
    this.#isSent = true
    this.#exchange.record.taken = true
  }

  onHead({ status, headers }: AnswerHead): void {
    const { record, ticker } = this.#exchange
    this.#progressAt = ticker.now()
    record.taken = true
    // Text Embeddings Inference counts tokens in a header.
    const counted = Number(headers.get('x-compute-tokens'))
    if (counted > 0) record.usage = { inputTokens: counted, outputTokens: 0 }
    this.#reader = readerOf(new ClientSink(this.#exchange, this), status, headers)
    if (!this.#reader) this.fail(notAnAnswer(disconnected()))
  }

  onData(chunk: Buffer): void {
    if (!this.#settled) this.#reader?.onData(chunk)
  }

  onEnd(): void {
    this.#over = true
    if (!this.#settled) this.#reader?.onEnd()
  }

  onLost(isStale: boolean): void {
    this.#over = true
    if (this.#settled) return
    if (this.#reader) this.#reader.onLost()
    else this.fail({ ...connectionFailure(isStale), isUnsent: !this.#isSent })
  }

  onBug(error: unknown): void {
    this.#over = true
    if (this.#settled) this.#exchange.bug(error)
    else this.bug(error)
  }

  progress(now: number): void {
    this.#progressAt = now
    this.#lease.lives(this.#kind, now)
  }

  begin(): void {
    this.#exchange.record.firstByteAt = this.#exchange.ticker.now()
    this.#lease.answers(this.#kind, this.#sentAt)
  }

  onFull(): void {
    if (this.#settled || this.#pausedAt > 0) return
    this.#pausedAt = this.#exchange.ticker.now()
    this.#call?.pause()
  }

  complete(): void {
    this.#done({ verdict: 'answered' })
    // What the engine still sends is read to its end, so that the connection can be used again; but not for long.
    if (this.#over) return
    // The rest is not for the client, so a client that reads slowly no longer holds it up.
    this.#call?.resume()
    lingering(this.#exchange.ticker, () => this.#over, this.#abort)
  }

  fail(failure: Failure): void {
    if (this.#settled) return
    const { record } = this.#exchange
    // Nothing of it was computed, or nothing that anybody pays for.
    if (failure.error.code !== 'upstream_timeout') record.taken = this.#wasTaken
    record.firstByteAt = 0
    this.#done({ failure, verdict: verdictOf(failure) })
    this.#abort()
  }

  breakOff(error: ApiError, endpointFault: boolean): void {
    const verdict = endpointFault ? 'failed' : 'neutral'
    // Nothing is reported to the client yet: another endpoint may go on with the same text.
    if (endpointFault && this.#exchange.spoken?.isPlain)
      this.#done({ failure: { error, retryable: true, endpointFault }, verdict })
    else {
      this.#exchange.fail(error)
      this.#done({ verdict })
    }
    this.#abort()
  }

  bug(error: unknown): void {
    this.#exchange.bug(error)
    if (this.#exchange.answer.committed) this.breakOff(internalError(), false)
    else this.fail({ error: internalError(), retryable: false, endpointFault: false })
  }

  onDrain(): void {
    if (this.#pausedAt === 0) return
    this.#pausedAt = 0
    this.#progressAt = this.#exchange.ticker.now()
    this.#call?.resume()
  }

  #done(result: AttemptResult): void {
    if (this.#settled) return
    this.#settled = true
    if (this.#reader) this.#note(this.#reader.counted())
    this.#settle(result)
  }

  #note({ usage, events }: Counted): void {
    const { record } = this.#exchange
    record.events += events
    record.usage = usage ?? record.usage
  }

  readonly #abort = (): void => {
    this.#call?.abort()
  }
}

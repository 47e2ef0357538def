// One try of a call at one endpoint: the request to the engine, its time limits, and a client that may read slowly.
import type { ApiError } from '../api-error.ts'
import type { Ticker, Ticking } from '../clock.ts'
import type { EndpointState } from '../serving/endpoint-state.ts'
import { traceparentOf } from '../telemetry/ids.ts'
import type { AnswerHead } from '../wire/answer-head.ts'
import type { AnswerHandler, EngineCall } from '../wire/engine-call.ts'
import type { AnswerReader, Counted } from './answer-reader.ts'
import type { Flow } from './client-answer.ts'
import { ClientSink, type Trying } from './client-sink.ts'
import { EventReader } from './event-reader.ts'
import type { Exchange } from './exchange.ts'
import { connectionFailure, disconnected, type Failure, internalError, timedOut } from './failure.ts'
import { ErrorReader, TranslatedReader } from './held-reader.ts'
import { PassReader } from './pass-reader.ts'

export interface AttemptResult {
  /** Set when the client was sent nothing of an answer; undefined when the answer is with the client. */
  failure?: Failure
  /** What the try says about the endpoint. */
  verdict: 'succeeded' | 'failed' | 'neutral'
}

export class Attempt implements AnswerHandler, Trying, Flow {
  readonly #exchange: Exchange
  readonly #endpoint: EndpointState
  readonly #isNew: boolean
  #settle: (result: AttemptResult) => void = () => {}
  #call: EngineCall | undefined
  #reader: AnswerReader | undefined
  /** When the engine last made progress. */
  #progressAt: number
  /** When the client stopped to read; 0 while it reads. */
  #pausedAt = 0
  #settled = false
  #isSent = false
  /** As it was before this try. */
  #wasTaken = false
  /** The engine has sent all. */
  #over = false

  /** @param isNew it wants a connection that carried nothing before */
  constructor(exchange: Exchange, endpoint: EndpointState, isNew: boolean) {
    this.#exchange = exchange
    this.#endpoint = endpoint
    this.#isNew = isNew
    this.#progressAt = exchange.ticker.now()
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
    record.endpoint = this.#endpoint.key
    // No accept-encoding: a compressed stream could not be read here.
    const headers = [
      'content-type',
      'application/json',
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
      this.#call = this.#endpoint.connections.dispatch({ path, headers, body }, this, this.#isNew)
    })
  }

  /** Ends the try: the client left, or the whole call ran out of time (then with the error). */
  stop(error?: ApiError): void {
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
    const first = call.request.stream
      ? config.STREAM_HEADERS_SECONDS
      : Math.max(config.ANSWER_SECONDS, call.model.entry.spec.timeouts.firstTokenSeconds)
    const { ms, what } = this.#reader?.limit() ?? { ms: first * 1000, what: 'answer' }
    if (now - this.#progressAt < ms) return
    const error = timedOut(what)
    // Without a connection it was this side that let it wait.
    if (record.firstByteAt === 0) this.fail({ error, retryable: true, endpointFault: this.#isSent })
    else this.breakOff(error, true)
  }

  onSent(): void {
    this.#isSent = true
    this.#exchange.record.taken = true
  }

  onHead({ status, headers }: AnswerHead): void {
    const { call, record, ticker } = this.#exchange
    this.#progressAt = ticker.now()
    record.taken = true
    const contentType = headers.get('content-type') ?? ''
    // Text Embeddings Inference counts tokens in a header.
    const counted = Number(headers.get('x-compute-tokens'))
    if (counted > 0) record.usage = { inputTokens: counted, outputTokens: 0 }
    if (headers.has('content-encoding')) {
      // Nobody asked for it, and a client would not be told of it.
      this.fail({ error: disconnected(), retryable: false, endpointFault: true })
      return
    }
    const sink = new ClientSink(this.#exchange, this)
    if (status !== 200) this.#reader = new ErrorReader(sink, status)
    else if (this.#exchange.answer.committed && !contentType.startsWith('text/event-stream')) {
      // The client was sent pings: it can only be given events.
      this.fail({ error: disconnected(), retryable: false, endpointFault: true })
      return
    } else if (call.request.stream && contentType.startsWith('text/event-stream')) this.#reader = new EventReader(sink)
    else if (call.request.translation) this.#reader = new TranslatedReader(sink)
    else this.#reader = new PassReader(sink, contentType, headers.get('content-length'))
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
    else this.fail(connectionFailure(isStale))
  }

  onBug(error: unknown): void {
    this.#over = true
    if (this.#settled) this.#exchange.bug(error)
    else this.bug(error)
  }

  progress(now: number): void {
    this.#progressAt = now
  }

  onFull(): void {
    if (this.#settled || this.#pausedAt > 0) return
    this.#pausedAt = this.#exchange.ticker.now()
    this.#call?.pause()
  }

  complete(): void {
    this.#done({ verdict: 'succeeded' })
    // What the engine still sends is read to its end, so that the connection can be used again; but not for long.
    if (this.#over) return
    // Nothing waits for the client any more, and its last bytes tell of no drain.
    this.#call?.resume()
    lingering(this.#exchange.ticker, () => this.#over, this.#abort)
  }

  fail(failure: Failure): void {
    // Nothing of it was computed, or nothing that anybody pays for.
    if (failure.error.code !== 'upstream_timeout') this.#exchange.record.taken = this.#wasTaken
    this.#done({ failure, verdict: failure.endpointFault ? 'failed' : 'neutral' })
    this.#abort()
  }

  breakOff(error: ApiError, endpointFault: boolean): void {
    this.#exchange.fail(error)
    this.#done({ verdict: endpointFault ? 'failed' : 'neutral' })
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

/** Milliseconds that an engine has to end its answer after the last event. */
const lingerMs = 5000

function lingering(ticker: Ticker, isOver: () => boolean, abort: () => void): void {
  const until = ticker.now() + lingerMs
  const job: Ticking = {
    tick(now) {
      if (now < until && !isOver()) return
      ticker.delete(job)
      if (!isOver()) abort()
    },
  }
  ticker.add(job)
}

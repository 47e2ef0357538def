// One call from admission to its end: waiting, tries, time limits, and the client that may leave at any moment.
import { ApiError, shuttingDown } from '../api-error.ts'
import type { Ticker, Ticking } from '../clock.ts'
import type { Config } from '../config.ts'
import { makeSpoken } from '../events/make-filter.ts'
import type { SpokenText } from '../events/spoken-text.ts'
import type { ByteBudget, Charge } from '../quota/byte-budget.ts'
import type { Verdict } from '../serving/health.ts'
import type { Ask, Lease } from '../serving/lease.ts'
import { Tries } from '../serving/tries.ts'
import { Attempt, type AttemptResult } from './attempt.ts'
import { type Call, type CallRecord, newRecord, outcomeOf } from './call.ts'
import { ClientAnswer } from './client-answer.ts'
import { Delivery } from './delivery.ts'
import { internalError } from './failure.ts'
import { wakeProgress } from './wake-progress.ts'

export interface ExchangeDeps {
  config: Config
  ticker: Ticker
  /** For answers that are held whole. */
  answers: ByteBudget
  /** Called once for every call that ended. */
  onEnd(call: Call, record: CallRecord): void
  /** Called for second tries. */
  onRetry(model: string): void
  /** A mistake of ours; it is logged and the client gets a 500. */
  onBug(error: unknown, call: Call): void
}

export class Exchange implements Ticking {
  readonly call: Call
  readonly record: CallRecord
  readonly answer: ClientAnswer
  readonly spoken: SpokenText | undefined
  readonly config: Config
  readonly ticker: Ticker
  readonly #deps: ExchangeDeps
  readonly #delivery: Delivery
  /** Last time that the client was sent anything, headers excepted. */
  lastWriteAt: number
  #attempt: Attempt | undefined
  #abortWait: (() => void) | undefined
  #clientGone = false
  #expired: ApiError | undefined
  #held: Charge | undefined
  /** What the client last heard of a model that wakes. */
  #wakeStep = ''

  constructor(call: Call, deps: ExchangeDeps) {
    this.call = call
    this.#deps = deps
    this.config = deps.config
    this.ticker = deps.ticker
    const now = this.ticker.now()
    this.record = newRecord(now)
    this.lastWriteAt = now
    this.answer = new ClientAnswer(call.res, call.request, call.answerHeaders)
    this.spoken = call.model.endpoints.length > 1 ? makeSpoken(call.request) : undefined
    this.#delivery = new Delivery(call.res, this.config, this.ticker.now)
  }

  /** Runs the call to its end. Never rejects. */
  async run(): Promise<void> {
    this.ticker.add(this)
    this.call.res.on('close', this.#onClose)
    try {
      const error = await this.#tries()
      if (error) this.fail(error)
    } catch (error) {
      if (!(error instanceof ApiError)) this.bug(error)
      this.fail(error instanceof ApiError ? error : internalError())
    }
    try {
      await this.#delivery.done(this.answer)
    } finally {
      this.ticker.delete(this)
      this.call.res.removeListener('close', this.#onClose)
      this.#finish()
    }
  }

  /**
   * This many bytes of an answer are held now, and are till the client has taken it.
   * @throws ApiError 429
   */
  holdAnswer(bytes: number): void {
    if (this.#held) this.#held.resize(bytes)
    else this.#held = this.#deps.answers.take(this.call.identity.tenant.name, bytes)
  }

  /** Reports a failure to the client, and its reason to the record. */
  fail(error: ApiError): void {
    // Nobody is notified, and the record says already how it ended.
    if (this.#clientGone) return
    if (this.record.reason === '') this.record.reason = error.reason
    this.record.outcome = outcomeOf(error)
    this.answer.fail(error)
    // After an error event the status line still says 200; the record says what really happened.
    this.record.status = error.status
  }

  /** Logs a mistake of ours. */
  bug(error: unknown): void {
    this.#deps.onBug(error, this.call)
  }

  /** The client takes nothing any more: its connection ends. */
  dropIdleClient(): void {
    this.#closedBy('client_idle')
    this.answer.destroy()
  }

  /** Ends an open call because the gateway stops. */
  shutDown(): void {
    this.#expire(shuttingDown())
  }

  tick(now: number): void {
    const { config, call, record } = this
    if (this.#delivery.isLate(now)) this.dropIdleClient()
    if (this.#clientGone || this.answer.ended) return
    const age = now - record.startedAt
    if (call.received.lane === 'api' && age >= this.#laneLimit()) this.#expire(this.#laneError())
    else if (!call.request.stream && record.firstByteAt === 0 && age >= config.FIRST_BYTE_SECONDS * 1000)
      this.#expire(tooLong('The answer did not begin in time; ask for a stream.'))
    else if (age >= config.STREAM_SECONDS * 1000) this.#expire(tooLong('The answer took longer than a stream may.'))
    else this.#attempt?.tick(now)
    // An answer that is no stream of events has no place for a ping.
    if (!call.request.stream || this.answer.ended || this.#attempt?.takesPings === false) return
    const isDue = now - this.lastWriteAt >= config.PING_SECONDS * 1000
    const progress = this.#abortWait && wakeProgress(call, now)
    if (!isDue && (!progress || progress.step === this.#wakeStep)) return
    this.lastWriteAt = now
    if (progress) this.#wakeStep = progress.step
    this.answer.note(progress?.text)
  }

  async #tries(): Promise<ApiError | undefined> {
    const { call, record, config } = this
    const ask: Ask = {
      tenant: call.identity.tenant.name,
      tokens: call.request.promptTokens + call.request.maxTokens,
      promptTokens: call.request.promptTokens,
      affinity: call.request.affinity,
      holdUntil: record.startedAt + call.holdMs,
    }
    const first = call.model.acquire(ask, (onAbort) => {
      this.#abortWait = onAbort
    })
    let lease: Lease = first instanceof Promise ? await this.#waitFor(first) : first
    const tries = new Tries(call.model, ask, config.ATTEMPTS)
    for (;;) {
      if (this.#clientGone || this.#expired) {
        lease.release('neutral')
        return this.#expired
      }
      const { failure } = await this.#try(lease, tries.isRepeated)
      if (!failure) return undefined
      const late = this.ticker.now() - record.dispatchedAt > config.RETRY_WINDOW_SECONDS * 1000
      const isOver = late || this.#clientGone || this.#expired !== undefined
      const next = tries.next(lease, isOver ? { ...failure, retryable: false } : failure)
      if (!next) return this.#expired ?? failure.error
      this.#deps.onRetry(call.model.entry.name)
      lease = next
    }
  }

  async #waitFor(lease: Promise<Lease>): Promise<Lease> {
    try {
      return await lease
    } catch (error) {
      throw this.#expired ?? error
    } finally {
      this.#abortWait = undefined
    }
  }

  /** @param isNew on a new connection */
  async #try(lease: Lease, isNew: boolean): Promise<AttemptResult> {
    const attempt = new Attempt(this, lease, isNew)
    this.#attempt = attempt
    this.record.attempts += 1
    let verdict: Verdict = 'neutral'
    try {
      const result = await attempt.run()
      verdict = result.verdict
      return result
    } finally {
      this.#attempt = undefined
      lease.release(verdict)
    }
  }

  #expire(error: ApiError): void {
    if (this.#expired) return
    this.#expired = error
    this.#abortWait?.()
    this.#attempt?.stop(error)
  }

  #laneError(): ApiError {
    const { config, call } = this
    const hint = config.STREAM_LANE ? ` Use https://${config.DOMAIN}/stream/v1 for long answers.` : ''
    // Nobody began with it: a client that asks again soon may find the model awake.
    if (this.#abortWait) return call.model.noPlace(hint)
    return tooLong(`The answer took longer than ${config.API_LANE_SECONDS} s.${hint}`)
  }

  readonly #onClose = (): void => {
    if (this.answer.ended) return
    this.#closedBy('client_closed')
    this.#abortWait?.()
    this.#attempt?.stop()
  }

  #closedBy(reason: string): void {
    this.#clientGone = true
    this.record.outcome = 'client_closed'
    this.record.reason = reason
    this.record.status = 499
  }

  /** Milliseconds. A body that is on its way at the limit may still arrive before the HTTP API gives up. */
  #laneLimit(): number {
    const isUnderWay = this.record.firstByteAt > 0 && !this.call.request.stream
    return (this.config.API_LANE_SECONDS + (isUnderWay ? bodyGraceSeconds : 0)) * 1000
  }

  #finish(): void {
    const { record, answer } = this
    this.#held?.giveBack()
    record.endedAt = this.ticker.now()
    record.answerBytes = answer.bytes
    if (record.status === 0) record.status = answer.status
    this.#deps.onEnd(this.call, record)
  }

  /** Whether anybody still wants the answer. */
  get abandoned(): boolean {
    return this.#clientGone || this.#expired !== undefined
  }
}

/** The HTTP API waits 30 s; the lane's limit is 27. */
const bodyGraceSeconds = 2

const tooLong = (message: string): ApiError =>
  new ApiError({ status: 504, code: 'gateway_timeout', message, retry: false })

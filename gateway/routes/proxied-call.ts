// A request that the proxy carries: what it holds until its answer has left, and how it is accounted for, once.
import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ApiError } from '../api-error.ts'
import type { Identity } from '../auth/identity.ts'
import { type Asked, newRecord, outcomeOf } from '../call/call.ts'
import type { Gateway } from '../gateway.ts'
import type { Reservation } from '../quota/quota.ts'
import type { EngineRequest } from '../request/engine-request.ts'
import type { Lease } from '../serving/lease.ts'
import { traceparentOf } from '../telemetry/ids.ts'

export class ProxiedCall {
  readonly model: string
  /** For the engine: a stream, which the proxy never parses. */
  readonly body: Readable
  readonly length: number
  /** Header for the engine. */
  readonly traceparent: string
  /** Aborts the engine's work when the client leaves or time is up. */
  readonly signal: AbortSignal
  /** Monotonic clock, in milliseconds: for the wait and the engine together. */
  readonly deadline: number
  readonly #gateway: Gateway
  readonly #asked: Asked
  readonly #reservation: Reservation
  readonly #record
  readonly #left = new AbortController()
  #lease: Lease | undefined
  #verdict: 'failed' | 'neutral' = 'neutral'

  constructor(
    gateway: Gateway,
    { slipway }: FastifyRequest,
    reply: FastifyReply,
    identity: Identity,
    asked: EngineRequest,
  ) {
    const { tenant, key } = identity
    this.#gateway = gateway
    this.model = asked.entry.name
    this.body = Readable.from([asked.body])
    this.length = asked.body.length
    this.#reservation = gateway.quota.reserve({ tenant, modelClass: asked.modelClass, key, tokens: asked.promptTokens })
    this.#record = newRecord(gateway.ticker.now())
    const seconds = gateway.config.API_LANE_SECONDS
    this.deadline = this.#record.startedAt + seconds * 1000
    this.signal = AbortSignal.any([this.#left.signal, AbortSignal.timeout(seconds * 1000)])
    slipway.answerHeaders.push(...gateway.quota.headers(tenant, asked.modelClass))
    this.#asked = { received: slipway.received, identity, request: asked, sampled: gateway.tracing.sample() }
    this.traceparent = traceparentOf(this.#asked)
    // Of the answer: a request is closed as soon as its body was read.
    reply.raw.once('close', () => this.#end(reply))
  }

  /** Waits for a place at an endpoint. @throws ApiError */
  async acquire(tenant: string): Promise<void> {
    const runtime = this.#gateway.runtimes.get(this.model)
    if (!runtime) throw new Error('the model is gone')
    const ask = { tenant, tokens: 0, promptTokens: 0, affinity: undefined, holdUntil: this.deadline }
    const lease = await runtime.acquire(ask, (abort) => this.signal.addEventListener('abort', abort, { once: true }))
    if (this.#left.signal.aborted) lease.release('neutral')
    else this.#lease = lease
    this.#record.attempts = 1
    this.#record.dispatchedAt = this.#gateway.ticker.now()
    this.#record.endpoint = lease.endpoint.key
  }

  /** @throws Error before `acquire` gave one */
  get endpoint() {
    if (!this.#lease) throw new Error('no endpoint was chosen')
    return this.#lease.endpoint
  }

  /** Remembers why the client gets an error, for metrics and log. */
  failed(error: ApiError, isEndpointsFault: boolean): void {
    this.#record.reason = error.reason
    this.#record.outcome = outcomeOf(error)
    if (isEndpointsFault) this.#verdict = 'failed'
  }

  #end(reply: FastifyReply): void {
    const record = this.#record
    record.endedAt = this.#gateway.ticker.now()
    record.status = reply.raw.statusCode
    if (record.outcome === 'ok' && !reply.raw.writableFinished) {
      record.status = 499
      record.outcome = 'client_closed'
      record.reason = 'client_closed'
      this.#left.abort()
    }
    // A right answer here says nothing of the engine: the tokenizer works without its GPU.
    this.#lease?.release(this.#verdict)
    // What no engine took costs nothing.
    this.#reservation.settle(
      this.#lease === undefined || record.outcome !== 'ok' ? 0 : this.#asked.request.promptTokens,
    )
    this.#gateway.account(this.#asked, record)
  }
}

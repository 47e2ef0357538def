// A place at an endpoint for one try of a request: what happens to the try, as far as it concerns the endpoint.
import type { EndpointState } from './endpoint-state.ts'
import type { AnswerKind, Verdict, Waiting } from './health.ts'
import type { ModelHealth } from './model-health.ts'

/** What a request says to get an endpoint. */
export interface Ask {
  tenant: string
  /** Tokens that it may cost, and those of its prompt. */
  tokens: number
  promptTokens: number
  affinity: number | undefined
  /** Until when it waits for a sleeping model, in the clock's milliseconds. */
  holdUntil: number
}

export interface LeaseOwner {
  readonly health: ModelHealth
  now(): number
  onReleased(lease: Lease): void
  /** Whether another endpoint should do what has waited for this many milliseconds. */
  takesOver(from: EndpointState, waited: number): boolean
  /** This many endpoints were ejected. */
  onEjected(count: number): void
}

export class Lease {
  readonly endpoint: EndpointState
  readonly isRetry: boolean
  readonly tenant: string
  readonly #ask: Ask
  readonly #owner: LeaseOwner
  readonly #isProbe: boolean
  #isHeld = true

  constructor(endpoint: EndpointState, ask: Ask, isRetry: boolean, owner: LeaseOwner) {
    this.endpoint = endpoint
    this.isRetry = isRetry
    this.tenant = ask.tenant
    this.#ask = ask
    this.#owner = owner
    this.#isProbe = endpoint.health.begin(owner.now())
    endpoint.begin(ask.tokens)
  }

  /** Something of an answer came. */
  lives(kind: AnswerKind, now: number): void {
    this.endpoint.health.lives(kind, now)
  }

  /** The answer begins, to what was sent at that time. */
  answers(kind: AnswerKind, sentAt: number): void {
    const { health, now } = this.#owner
    health.answers(this.endpoint.health, kind, sentAt, now())
  }

  /** Looks at a request that waits for its answer; true when it should go elsewhere, for it is free there at once. */
  waits(kind: AnswerKind, sentAt: number): boolean {
    const { health, now } = this.#owner
    if (this.#moves(health.waits(this.endpoint.health, kind, sentAt, now()))) return true
    // A thousand tokens of a prompt take a second to read.
    const waited = now() - sentAt - this.#ask.promptTokens
    if (kind !== 'stream' || this.isRetry || !this.#owner.takesOver(this.endpoint, waited)) return false
    this.left(kind, sentAt)
    return true
  }

  /** It ended while it waited, by its client or by its own limit. */
  left(kind: AnswerKind, sentAt: number): void {
    const { health, now } = this.#owner
    this.#moves(health.left(this.endpoint.health, kind, sentAt, now()))
  }

  /** Given back exactly once; later calls are of no effect. */
  release(verdict: Verdict): void {
    if (!this.#isHeld) return
    this.#isHeld = false
    this.endpoint.end(this.#ask.tokens)
    const { health, now } = this.#owner
    this.#owner.onEjected(health.ended(this.endpoint.health, verdict, this.#ask.tenant, this.#isProbe, now()))
    this.#owner.onReleased(this)
  }

  #moves(waiting: Waiting): boolean {
    if (waiting === 'ejected') this.#owner.onEjected(1)
    return waiting !== 'stays'
  }
}

// One model at run time: its endpoints, the requests that wait for it, and its budget of second tries.
import { ApiError } from '../api-error.ts'
import type { Ticker, Ticking } from '../clock.ts'
import type { Config } from '../config.ts'
import type { Endpoint, ModelEntry } from '../discovery/directory.ts'
import { chooseEndpoint } from './choose.ts'
import { EndpointState, endpointKey } from './endpoint-state.ts'
import { FairQueue } from './fair-queue.ts'

/** What a request says to get an endpoint. */
export interface Ask {
  tenant: string
  /** Tokens that it may cost. */
  tokens: number
  affinity: number | undefined
  /** Until when it waits for a sleeping model, in the clock's milliseconds. */
  holdUntil: number
}

/** A place at an endpoint; given back exactly once. */
export interface Lease {
  readonly endpoint: EndpointState
  /** @param outcome `failed` when the endpoint itself was at fault; `neutral` tells nothing about it */
  release(outcome: 'succeeded' | 'failed' | 'neutral'): void
}

export interface RuntimeEvents {
  /** A sleeping model is asked for; once until it is there. */
  onWake(model: string): void
  onEject(model: string): void
}

class Waiting implements Ticking {
  readonly tenant: string
  readonly ask: Ask
  readonly #until: number
  readonly #look: () => void
  readonly #settle: (result: Lease | 'late' | 'displaced') => void

  /** @param look for a place that came free by time alone: an ejection that ended */
  constructor(ask: Ask, until: number, look: () => void, settle: (result: Lease | 'late' | 'displaced') => void) {
    this.tenant = ask.tenant
    this.ask = ask
    this.#until = until
    this.#look = look
    this.#settle = settle
  }

  tick(now: number): void {
    if (now >= this.#until) this.#settle('late')
    else this.#look()
  }

  give(lease: Lease): void {
    this.#settle(lease)
  }

  /** Makes room for a tenant that has fewer waiting. */
  displace(): void {
    this.#settle('displaced')
  }
}

const nothingTried: readonly EndpointState[] = []

export class ModelRuntime {
  entry: ModelEntry
  inflight = 0
  readonly #config: Config
  readonly #ticker: Ticker
  readonly #events: RuntimeEvents
  readonly #queue = new FairQueue<Waiting>()
  #endpoints: EndpointState[] = []
  #retries = 0
  #waking = false

  constructor(entry: ModelEntry, config: Config, ticker: Ticker, events: RuntimeEvents) {
    this.entry = entry
    this.#config = config
    this.#ticker = ticker
    this.#events = events
    this.update(entry)
  }

  get waiting(): number {
    return this.#queue.length
  }

  get endpoints(): readonly EndpointState[] {
    return this.#endpoints
  }

  /** Takes over a newer entry; endpoints that stay keep their state, and those that go finish their requests. */
  update(entry: ModelEntry): void {
    this.entry = entry
    const before = new Map(this.#endpoints.map((one) => [one.key, one]))
    // An address may stand in several slices while one replaces another.
    const wanted = new Map<string, Endpoint>()
    for (const endpoint of entry.endpoints) {
      const key = endpointKey(endpoint)
      if (endpoint.ready || !wanted.has(key)) wanted.set(key, endpoint)
    }
    this.#endpoints = [...wanted].map(([key, endpoint]) => {
      const known = before.get(key)
      if (!known) return new EndpointState(endpoint, this.#config, this.#ticker.now())
      before.delete(key)
      known.ready = endpoint.ready
      return known
    })
    for (const gone of before.values()) gone.leave()
    if (this.#endpoints.length > 0) this.#waking = false
    this.#serveWaiting()
  }

  /** The model is gone from the directory. Requests that wait go on waiting: it may be made anew. */
  close(): void {
    this.update({ ...this.entry, endpoints: [] })
  }

  /** Nobody waits for it or is served by it. */
  get idle(): boolean {
    return this.inflight === 0 && this.#queue.length === 0
  }

  /**
   * A place at an endpoint, at once or after waiting.
   * @param signal aborts the wait
   * @throws ApiError 429 when too many wait or no place came free, 504 when a sleeping model did not wake
   */
  acquire(ask: Ask, signal: (onAbort: () => void) => void): Lease | Promise<Lease> {
    if (this.#queue.length === 0) {
      const lease = this.#tryLease(ask, nothingTried)
      if (lease) return lease
    }
    return this.#wait(ask, signal)
  }

  /**
   * A place for a second try at another endpoint, undefined when there is none or the budget is used up.
   * The budget keeps tries from multiplying the load of engines that already fail.
   * @param isFree of the budget: when a pod goes, all that it carried moves
   */
  acquireRetry(ask: Ask, tried: readonly EndpointState[], isFree: boolean): Lease | undefined {
    const { RETRY_BUDGET, RETRY_MINIMUM } = this.#config
    const isUsedUp = this.#retries >= Math.max(RETRY_MINIMUM, this.inflight * RETRY_BUDGET)
    return isUsedUp && !isFree ? undefined : this.#tryLease(ask, tried)
  }

  /** For who waited in vain. @param hint a sentence for the client of a model that starts */
  noPlace(hint = ''): ApiError {
    const { name } = this.entry
    return this.#endpoints.length === 0 ? modelStarting(name, hint) : overloaded(name, 'queue_timeout')
  }

  #wait(ask: Ask, signal: (onAbort: () => void) => void): Promise<Lease> {
    const asleep = this.#endpoints.length === 0
    if (asleep && !this.#waking) {
      this.#waking = true
      this.#events.onWake(this.entry.name)
    }
    if (this.#queue.length >= this.#config.QUEUE_LIMIT) {
      const displaced = this.#queue.lastOfLongest(ask.tenant)
      if (!displaced) return Promise.reject(overloaded(this.entry.name, 'queue_full'))
      displaced.displace()
    }
    const until = asleep ? ask.holdUntil : this.#ticker.now() + this.#config.QUEUE_SECONDS * 1000
    return new Promise((resolve, reject) => {
      const look = () => this.#serveWaiting()
      const waiting = new Waiting(ask, until, look, (result) => {
        this.#ticker.delete(waiting)
        this.#queue.remove(waiting)
        if (typeof result === 'object') resolve(result)
        else if (result === 'displaced') reject(overloaded(this.entry.name, 'queue_full'))
        else reject(this.noPlace())
      })
      this.#queue.push(waiting)
      this.#ticker.add(waiting)
      signal(() => waiting.tick(Number.POSITIVE_INFINITY))
    })
  }

  #serveWaiting(): void {
    for (;;) {
      const next = this.#queue.peek()
      const lease = next && this.#tryLease(next.ask, nothingTried)
      if (!next || !lease) return
      this.#queue.shift()
      next.give(lease)
    }
  }

  #tryLease(ask: Ask, tried: readonly EndpointState[]): Lease | undefined {
    const now = this.#ticker.now()
    const endpoint = chooseEndpoint(this.#endpoints, {
      now,
      affinity: ask.affinity,
      affinityLoad: this.#config.AFFINITY_LOAD,
      slots: this.#config.MODEL_SLOTS,
      tried,
      random: Math.random,
    })
    if (!endpoint) return undefined
    const isRetry = tried.length > 0
    endpoint.begin(ask.tokens)
    this.inflight += 1
    if (isRetry) this.#retries += 1
    let held = true
    return {
      endpoint,
      release: (outcome) => {
        if (!held) return
        held = false
        endpoint.end(ask.tokens)
        this.inflight -= 1
        if (isRetry) this.#retries -= 1
        if (outcome === 'succeeded') endpoint.succeeded()
        else if (outcome === 'failed') this.#countFailure(endpoint)
        if (this.#queue.length > 0) this.#serveWaiting()
      },
    }
  }

  #countFailure(endpoint: EndpointState): void {
    const now = this.#ticker.now()
    if (!endpoint.failed(now)) return
    const ejected = this.#endpoints.filter((one) => one.isEjected(now)).length
    // More than half out would send everything to the few that are left.
    if (ejected + 1 > this.#endpoints.length / 2) return
    endpoint.eject(now)
    this.#events.onEject(this.entry.name)
  }
}

export const overloaded = (model: string, reason: string): ApiError =>
  new ApiError({
    status: 429,
    code: 'model_overloaded',
    message: `The model ${model} has no free place now.`,
    retryAfter: 1 + Math.random() * 4,
    reason,
  })

const modelStarting = (model: string, hint: string): ApiError =>
  new ApiError({
    status: 504,
    code: 'model_starting',
    message: `The model ${model} is starting and was not ready in time.${hint}`,
    retryAfter: 10,
  })

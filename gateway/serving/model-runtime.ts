// One model at run time: its endpoints, the requests that wait for it, and its budget of second tries.
import { ApiError } from '../api-error.ts'
import type { Now, Ticker } from '../clock.ts'
import type { Config } from '../config.ts'
import type { Endpoint, ModelEntry } from '../discovery/directory.ts'
import { Wake } from '../waking/wake.ts'
import { type Choice, chooseEndpoint } from './choose.ts'
import { EndpointState, endpointKey } from './endpoint-state.ts'
import { FairQueue } from './fair-queue.ts'
import { type Ask, Lease, type LeaseOwner } from './lease.ts'
import { ModelHealth } from './model-health.ts'
import { modelStarting, overloaded } from './no-place.ts'
import { Waiter } from './waiter.ts'

export interface RuntimeEvents {
  /** A sleeping model is asked for; once until it is there. */
  onWake(model: string): void
  onEject(model: string): void
}

/** One place in this many is kept for tenants that hold none: one tenant's crowd must not make the others wait. */
const keptShare = 16

const moveEveryMs = 250

const nothingTried: readonly EndpointState[] = []

export class ModelRuntime implements LeaseOwner {
  entry: ModelEntry
  inflight = 0
  /** When somebody last asked for it or was last served by it, in the clock's milliseconds; undefined: nobody yet. */
  lastUsedAt: number | undefined
  readonly health: ModelHealth
  readonly now: Now
  readonly #config: Config
  readonly #ticker: Ticker
  readonly #events: RuntimeEvents
  readonly #random: () => number
  readonly #queue = new FairQueue<Waiter>()
  #endpoints: EndpointState[] = []
  #retries = 0
  /** Places by tenant. */
  readonly #held = new Map<string, number>()
  /** When a request last went from one endpoint to another because it waited. */
  #movedAt = Number.NEGATIVE_INFINITY
  /** While it sleeps and was asked for. */
  wake: Wake | undefined

  /** @param random tests may give their own */
  constructor(entry: ModelEntry, config: Config, ticker: Ticker, events: RuntimeEvents, random = Math.random) {
    this.entry = entry
    this.#config = config
    this.#ticker = ticker
    this.#events = events
    this.#random = random
    this.health = new ModelHealth(config)
    this.now = ticker.now
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
    // An address may be in several slices while one replaces another.
    const wanted = new Map<string, Endpoint>()
    for (const endpoint of entry.endpoints) {
      const key = endpointKey(endpoint)
      if (endpoint.ready || !wanted.has(key)) wanted.set(key, endpoint)
    }
    this.#endpoints = [...wanted].map(([key, endpoint]) => {
      const known = before.get(key)
      if (!known) return new EndpointState(endpoint, this.#config, this.now())
      before.delete(key)
      known.ready = endpoint.ready
      return known
    })
    this.health.members = this.#endpoints.map(({ health }) => health)
    for (const gone of before.values()) gone.leave()
    if (this.#endpoints.length > 0) this.wake = undefined
    else this.wake?.update(entry.start, this.now())
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
   * A place at an endpoint, at once or after waiting, which `signal` aborts.
   * @throws ApiError 429 when too many wait or no place came free, 504 when a sleeping model did not wake
   */
  acquire(ask: Ask, signal: (onAbort: () => void) => void): Lease | Promise<Lease> {
    this.lastUsedAt = this.now()
    // A waiting request may wait for a place that is not kept for this one.
    const isFirst = !this.#held.has(ask.tenant) && !this.#queue.has(ask.tenant)
    if (this.#queue.length === 0 || isFirst) {
      const lease = this.#isKept(ask.tenant) ? undefined : this.#tryLease(ask, nothingTried, 'some')
      if (lease) return lease
    }
    return this.#wait(ask, signal)
  }

  /**
   * A place for a second try at another endpoint, undefined when there is none or the budget is used up.
   * The budget keeps tries from multiplying the load of engines that already fail: one that does not fail is free of it.
   * @param isFree of the budget: nothing of the work goes on where it was
   * @param wellOnly only an endpoint that is well
   */
  acquireRetry(ask: Ask, tried: readonly EndpointState[], isFree: boolean, wellOnly = false): Lease | undefined {
    const { RETRY_BUDGET, RETRY_MINIMUM } = this.#config
    const isUsedUp = this.#retries >= Math.max(RETRY_MINIMUM, this.inflight * RETRY_BUDGET)
    return this.#tryLease(ask, tried, wellOnly ? 'none' : 'any', isUsedUp && !isFree)
  }

  /** For who waited in vain. @param hint a sentence for the client of a model that starts */
  noPlace(hint = ''): ApiError {
    const { name } = this.entry
    return this.#endpoints.length === 0
      ? modelStarting(name, hint, this.wake, this.now())
      : overloaded(name, 'queue_timeout')
  }

  #wait(ask: Ask, signal: (onAbort: () => void) => void): Promise<Lease> {
    const asleep = this.#endpoints.length === 0
    if (asleep) {
      const problem = this.#wakeUp().problem(this.entry.name, this.now())
      if (problem) return Promise.reject(problem)
    }
    if (this.#queue.length >= this.#config.QUEUE_LIMIT) {
      // The well ones cannot carry the load.
      const lease = this.#tryLease(ask, nothingTried, 'any')
      if (lease) return Promise.resolve(lease)
      const displaced = this.#queue.lastOfLongest(ask.tenant)
      if (!displaced) return Promise.reject(this.#queueFull())
      displaced.displace()
    }
    const until = asleep ? ask.holdUntil : this.now() + this.#config.QUEUE_SECONDS * 1000
    return new Promise((resolve, reject) => {
      const look = () => this.#serveWaiting()
      const waiting = new Waiter(ask, until, look, (result) => {
        this.#ticker.delete(waiting)
        this.#queue.remove(waiting)
        this.lastUsedAt = this.now()
        if (result instanceof ApiError) reject(result)
        else if (typeof result === 'object') resolve(result)
        else reject(result === 'displaced' ? this.#queueFull() : this.noPlace())
      })
      this.#queue.push(waiting)
      this.#ticker.add(waiting)
      signal(() => waiting.tick(Number.POSITIVE_INFINITY))
    })
  }

  /** The wake of the sleeping model: a new one where nobody waits any more for the one before and nothing came of it. */
  #wakeUp(): Wake {
    if (!this.wake) this.#events.onWake(this.entry.name)
    if (!this.wake || (this.#queue.length === 0 && !this.wake.hasPod))
      this.wake = new Wake(this.entry.spec.coldStart, this.entry.start, this.now())
    return this.wake
  }

  #queueFull(): ApiError {
    return overloaded(this.entry.name, 'queue_full', this.wake?.retryAfter(this.now()))
  }

  #serveWaiting(): void {
    const problem = this.#queue.length > 0 ? this.wake?.problem(this.entry.name, this.now()) : undefined
    if (problem) for (const waiting of [...this.#queue]) waiting.fail(problem)
    for (;;) {
      const next = this.#queue.peek((tenant) => !this.#isKept(tenant))
      const lease = next && this.#tryLease(next.ask, nothingTried, 'some')
      if (!next || !lease) return
      this.#queue.shift(next)
      next.give(lease)
    }
  }

  /** Whether all places that are left are kept for tenants that hold none. */
  #isKept(tenant: string): boolean {
    if (!this.#held.has(tenant)) return false
    const places = this.#endpoints.length * this.#config.MODEL_SLOTS
    return places - this.inflight <= Math.floor(places / keptShare)
  }

  #tryLease(
    ask: Ask,
    tried: readonly EndpointState[],
    unwell: Choice['unwell'],
    steadyOnly = false,
  ): Lease | undefined {
    const now = this.now()
    const endpoint = chooseEndpoint(this.#endpoints, {
      now,
      affinity: ask.affinity,
      affinityLoad: this.#config.AFFINITY_LOAD,
      slots: this.#config.MODEL_SLOTS,
      tried,
      unwell,
      steadyOnly,
      random: this.#random,
    })
    if (!endpoint) return undefined
    const isRetry = tried.length > 0
    this.inflight += 1
    if (isRetry) this.#retries += 1
    this.#held.set(ask.tenant, (this.#held.get(ask.tenant) ?? 0) + 1)
    return new Lease(endpoint, ask, isRetry, this)
  }

  /** An endpoint that is well and clearly less busy takes a stream that waits for long. One at a time: whether it is faster there must be seen. */
  takesOver(from: EndpointState, waited: number): boolean {
    const now = this.now()
    if (waited < this.#config.MOVE_SECONDS * 1000 || now - this.#movedAt < moveEveryMs) return false
    const isFree = this.#endpoints.some(
      ({ ready, health, inflight }) => ready && inflight * 2 < from.inflight && health.standing(now) === 'well',
    )
    if (isFree) this.#movedAt = now
    return isFree
  }

  onReleased({ isRetry, tenant }: Lease): void {
    this.inflight -= 1
    this.lastUsedAt = this.now()
    const held = (this.#held.get(tenant) ?? 0) - 1
    if (held > 0) this.#held.set(tenant, held)
    else this.#held.delete(tenant)
    if (isRetry) this.#retries -= 1
    if (this.#queue.length > 0) this.#serveWaiting()
  }

  onEjected(count: number): void {
    for (let index = 0; index < count; index += 1) this.#events.onEject(this.entry.name)
  }
}

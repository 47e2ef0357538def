// The tries of one request: where the next one goes after a failure, and what its failures say of the endpoints.
import type { EndpointState } from './endpoint-state.ts'
import type { Ask, Lease } from './lease.ts'
import type { ModelRuntime } from './model-runtime.ts'

/** What a try's failure says about the next one. */
export interface FailedTry {
  /** Another endpoint may do it. */
  retryable: boolean
  /** The endpoint is at fault, and not only busy. */
  endpointFault: boolean
  /** Nothing of the work goes on there: a second try is no further load. */
  isFree?: boolean
  /** The endpoint did not begin with it, for want of room. */
  busyMs?: number
  /** It was not even sent. */
  isUnsent?: boolean
  /** The connection had been idle before: an engine may close one at the moment at which it gets a request. */
  isStale?: boolean
}

export class Tries {
  readonly #model: ModelRuntime
  readonly #ask: Ask
  readonly #most: number
  readonly #tried: EndpointState[] = []
  /** Those whose endpoint failed, and was not only busy. */
  readonly #failed: Lease[] = []
  #count = 1
  /** The try goes to the endpoint of the one before, on a new connection. */
  isRepeated = false

  /** @param most tries, but for those that go on to a well endpoint because nobody began with it */
  constructor(model: ModelRuntime, ask: Ask, most: number) {
    this.#model = model
    this.#ask = ask
    this.#most = most
  }

  /** The place of the next try, undefined when there is none. */
  next(lease: Lease, failure: FailedTry): Lease | undefined {
    const { isFree = false, isStale = false, isUnsent = false } = failure
    if (failure.endpointFault && !isUnsent) this.#blame(lease)
    if (!failure.retryable) return undefined
    const others = [...this.#tried, lease.endpoint]
    const isLast = this.#count >= this.#most
    const isOver = isLast && failure.busyMs === undefined && !isUnsent
    let next = isOver ? undefined : this.#model.acquireRetry(this.#ask, others, isFree, isLast)
    if (!next && isStale && !this.isRepeated) {
      this.isRepeated = true
      next = this.#model.acquireRetry(this.#ask, this.#tried, true)
    } else this.#tried.push(lease.endpoint)
    this.#count += 1
    return next
  }

  /** A request that fails at two endpoints may be at fault itself. */
  #blame(lease: Lease): void {
    this.#failed.push(lease)
    if (this.#failed.length > 1) for (const one of this.#failed) one.endpoint.health.acquit()
  }
}

// A request that waits for a place.
import type { ApiError } from '../api-error.ts'
import type { Ticking } from '../clock.ts'
import type { Ask, Lease } from './lease.ts'

export type WaitEnd = Lease | 'late' | 'displaced' | ApiError

export class Waiter implements Ticking {
  readonly tenant: string
  readonly ask: Ask
  readonly #until: number
  readonly #look: () => void
  readonly #settle: (end: WaitEnd) => void

  /** @param look for a place that came free by time alone: an endpoint that is no longer out */
  constructor(ask: Ask, until: number, look: () => void, settle: (end: WaitEnd) => void) {
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

  /** What it waits for cannot come. */
  fail(error: ApiError): void {
    this.#settle(error)
  }

  /** Makes room for a tenant that has fewer waiting. */
  displace(): void {
    this.#settle('displaced')
  }
}

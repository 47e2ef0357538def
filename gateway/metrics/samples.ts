// The last minute of each tenant, second by second, for the status page.
import type { CallRecord } from '../call/call.ts'

const seconds = 60

/** One second: how many calls ended, how many failed, and how long they took on average in milliseconds. */
export interface Sample {
  requests: number
  errors: number
  meanMs: number
}

class Ring {
  readonly #counts = new Uint32Array(seconds)
  readonly #errors = new Uint32Array(seconds)
  readonly #totals = new Float64Array(seconds)
  #second = 0

  add(second: number, ms: number, isError: boolean): void {
    this.#advance(second)
    const slot = second % seconds
    this.#counts[slot] = (this.#counts[slot] ?? 0) + 1
    this.#totals[slot] = (this.#totals[slot] ?? 0) + ms
    if (isError) this.#errors[slot] = (this.#errors[slot] ?? 0) + 1
  }

  /** Oldest first; the newest is the second that is not over yet. */
  read(second: number): Sample[] {
    this.#advance(second)
    return Array.from({ length: seconds }, (_, index) => {
      const slot = (second + 1 + index) % seconds
      const requests = this.#counts[slot] ?? 0
      const meanMs = requests === 0 ? 0 : Math.round(((this.#totals[slot] ?? 0) / requests) * 10) / 10
      return { requests, errors: this.#errors[slot] ?? 0, meanMs }
    })
  }

  #advance(second: number): void {
    for (let at = Math.max(this.#second + 1, second - seconds + 1); at <= second; at += 1) {
      const slot = at % seconds
      this.#counts[slot] = 0
      this.#errors[slot] = 0
      this.#totals[slot] = 0
    }
    this.#second = Math.max(this.#second, second)
  }
}

export class Samples {
  readonly #byTenant = new Map<string, Ring>()

  ended(tenant: string, record: CallRecord): void {
    let ring = this.#byTenant.get(tenant)
    if (!ring) {
      ring = new Ring()
      this.#byTenant.set(tenant, ring)
    }
    ring.add(Math.floor(record.endedAt / 1000), record.endedAt - record.startedAt, record.outcome === 'error')
  }

  read(tenant: string, now: number): Sample[] {
    return (this.#byTenant.get(tenant) ?? new Ring()).read(Math.floor(now / 1000))
  }
}

// Time for everything that waits: one source of now, and one coarse tick instead of a timer for each request.

/** Milliseconds that only grow; tests may give their own. */
export type Now = () => number

/** Something with limits in time; asked at every tick. */
export interface Ticking {
  tick(now: number): void
}

/**
 * Asks all waiting requests, a few times a second, whether a limit has passed. A timer for each request costs more than
 * looking at a thousand of them four times a second.
 */
export class Ticker {
  readonly now: Now
  readonly #waiting = new Set<Ticking>()
  readonly #timer: NodeJS.Timeout

  /** @param intervalMs how late a limit may be noticed */
  constructor(intervalMs: number, now: Now = () => performance.now()) {
    this.now = now
    this.#timer = setInterval(() => this.#tick(), intervalMs)
    this.#timer.unref()
  }

  add(job: Ticking): void {
    this.#waiting.add(job)
  }

  delete(job: Ticking): void {
    this.#waiting.delete(job)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #tick(): void {
    const now = this.now()
    for (const job of this.#waiting) job.tick(now)
  }
}

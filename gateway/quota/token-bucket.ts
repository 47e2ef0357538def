// A bucket that refills steadily: as many units a minute as it holds.

export class TokenBucket {
  /** Units a minute, and the most it holds. */
  #capacity: number
  #level: number
  #at: number

  constructor(capacity: number, now: number) {
    this.#capacity = capacity
    this.#level = capacity
    this.#at = now
  }

  get capacity(): number {
    return this.#capacity
  }

  /** What could be taken now; below zero after an answer that was longer than reserved. */
  level(now: number): number {
    const gained = ((now - this.#at) * this.#capacity) / 60_000
    if (gained > 0) {
      this.#level = Math.min(this.#capacity, this.#level + gained)
      this.#at = now
    }
    return this.#level
  }

  /** Takes units, or gives back when negative. It may go below zero. */
  take(units: number, now: number): void {
    this.#level = Math.min(this.#capacity, this.level(now) - units)
  }

  /** Milliseconds until `units` can be taken. */
  waitFor(units: number, now: number): number {
    const missing = Math.min(units, this.#capacity) - this.level(now)
    return missing <= 0 ? 0 : (missing * 60_000) / this.#capacity
  }

  /** A new limit; what was used stays used, in proportion. */
  resize(capacity: number, now: number): void {
    if (capacity === this.#capacity) return
    this.#level = (this.level(now) / this.#capacity) * capacity
    this.#capacity = capacity
  }
}

// Asks for the status again and again: rarely while nobody looks, and more and more rarely while it fails.
import { call } from './api.js'

/** The status holds a whole minute, so nothing is lost between two; with a token the edge allows each address thousands a minute. */
const everyMs = 12_000
const hiddenMs = 60_000
const longestMs = 60_000
const timeoutMs = 10_000

/** Events: `status` with the answer, `problem` with `{failure, seconds}` until the next try. */
export class StatusPoll extends EventTarget {
  #timer = 0
  #failures = 0
  #running = false
  #asking = false
  /** Grows with every stop, so that an answer to an earlier token is not shown to the next. */
  #turn = 0

  constructor() {
    super()
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) this.now()
    })
    window.addEventListener('online', () => this.now())
  }

  start() {
    this.stop()
    this.#running = true
    this.#failures = 0
    this.now()
  }

  stop() {
    this.#turn += 1
    this.#running = false
    this.#asking = false
    clearTimeout(this.#timer)
  }

  /** Asks at once, unless an answer is on its way. */
  async now() {
    if (!this.#running || this.#asking) return
    clearTimeout(this.#timer)
    const turn = this.#turn
    this.#asking = true
    const { type, detail, wait } = await this.#ask()
    if (turn !== this.#turn) return
    this.#asking = false
    this.#timer = setTimeout(() => this.now(), wait)
    this.dispatchEvent(new CustomEvent(type, { detail }))
  }

  /** @returns the event, and the milliseconds until the next time */
  async #ask() {
    const leastMs = document.hidden ? hiddenMs : 0
    try {
      const response = await call('/v1/slipway/status', { signal: AbortSignal.timeout(timeoutMs) })
      const detail = await response.json()
      this.#failures = 0
      return { type: 'status', detail, wait: Math.max(everyMs, leastMs) }
    } catch (failure) {
      const backOffMs = Math.min(longestMs, 1000 * 2 ** this.#failures)
      this.#failures += 1
      const wait = Math.max(backOffMs, (failure.retryAfterSeconds ?? 0) * 1000, leastMs)
      return { type: 'problem', detail: { failure, seconds: Math.ceil(wait / 1000) }, wait }
    }
  }
}

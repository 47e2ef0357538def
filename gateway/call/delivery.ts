// An answer that is written to its end and not yet with its client: one that reads slowly is watched until it has all.
import type { ServerResponse } from 'node:http'
import type { Now } from '../clock.ts'
import type { Config } from '../config.ts'
import type { ClientAnswer } from './client-answer.ts'

export class Delivery {
  readonly #res: ServerResponse
  readonly #now: Now
  readonly #config: Pick<Config, 'CLIENT_IDLE_SECONDS' | 'CLIENT_BYTES_PER_SECOND'>
  /** Since when the client has only to take it; 0: it is still being written. */
  #since = 0
  /** Milliseconds that the client has for that. */
  #allowedMs = 0

  constructor(res: ServerResponse, config: Config, now: Now) {
    this.#res = res
    this.#config = config
    this.#now = now
  }

  /** Resolves when the client has taken all, or is gone. */
  async done(answer: ClientAnswer): Promise<void> {
    const res = this.#res
    await answer.left()
    if (res.destroyed || res.writableFinished || res.writableLength === 0) return
    this.#since = this.#now()
    // What is handed over whole shows no progress.
    const { CLIENT_IDLE_SECONDS, CLIENT_BYTES_PER_SECOND } = this.#config
    this.#allowedMs = (CLIENT_IDLE_SECONDS + res.writableLength / CLIENT_BYTES_PER_SECOND) * 1000
    await new Promise<void>((resolve) => {
      res.once('finish', resolve)
      res.once('close', resolve)
    })
  }

  isLate(now: number): boolean {
    return this.#since > 0 && now - this.#since >= this.#allowedMs
  }
}

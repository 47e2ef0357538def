// The connections to one engine: kept while they are of use, and never more than a limit.
import type { Endpoint } from '../discovery/directory.ts'
import { Connection, type ConnectionOwner } from './connection.ts'
import { type AnswerHandler, EngineCall, type EngineRequest } from './engine-call.ts'

export interface ConnectionLimits {
  /** Connections at once; more requests wait for one. */
  most: number
  /** Milliseconds that connecting may take. */
  connectMs: number
  /** Milliseconds that an idle connection is kept, if the engine does not say less. */
  keepAliveMs: number
}

export class Connections implements ConnectionOwner {
  readonly #endpoint: Endpoint
  readonly #host: string
  readonly #limits: ConnectionLimits
  /** The one used last is used first, so that those which are too many grow old. */
  readonly #idle: Connection[] = []
  readonly #waiting: EngineCall[] = []
  #open = 0
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  /** @param host for the Host header, with the port */
  constructor(endpoint: Endpoint, host: string, limits: ConnectionLimits) {
    this.#endpoint = endpoint
    this.#host = host
    this.#limits = limits
  }

  /** Sends a request on an idle connection, or on a new one. @param isNew a new one is wanted */
  dispatch(request: EngineRequest, handler: AnswerHandler, isNew = false): EngineCall {
    const call = new EngineCall(request, handler)
    const idle = isNew ? undefined : this.#takeIdle()
    if (idle) idle.send(call)
    else if (this.#open < this.#limits.most) this.#connect(call)
    else {
      call.queue = this.#waiting
      this.#waiting.push(call)
    }
    return call
  }

  /** No request will come. Idle connections end now, others with the answers that they carry. */
  close(): void {
    this.#isClosed = true
    this.#closeIdle(Number.POSITIVE_INFINITY)
  }

  onFree(connection: Connection): void {
    const next = this.#nextWaiting()
    if (next) connection.send(next)
    else if (this.#isClosed) connection.destroy()
    else {
      connection.idleSince = performance.now()
      this.#idle.push(connection)
      this.#timer ??= this.#later()
    }
  }

  onClosed(connection: Connection): void {
    this.#open -= 1
    const index = this.#idle.lastIndexOf(connection)
    if (index >= 0) this.#idle.splice(index, 1)
    const next = this.#nextWaiting()
    if (next) this.#connect(next)
  }

  #connect(call: EngineCall): void {
    this.#open += 1
    new Connection(this.#endpoint, this.#host, this.#limits.connectMs, this).send(call)
  }

  #nextWaiting(): EngineCall | undefined {
    const next = this.#waiting.shift()
    if (next) next.queue = undefined
    return next
  }

  #takeIdle(): Connection | undefined {
    const now = performance.now()
    for (;;) {
      const connection = this.#idle.pop()
      if (!connection || now < this.#expiry(connection)) return connection
      connection.destroy()
    }
  }

  /** When an idle connection is too old: the engine may be about to close it. */
  #expiry({ idleSince, keepAliveMs }: Connection): number {
    return idleSince + Math.min(keepAliveMs, this.#limits.keepAliveMs)
  }

  #later(): NodeJS.Timeout {
    return setTimeout(() => this.#closeIdle(performance.now()), this.#limits.keepAliveMs).unref()
  }

  #closeIdle(now: number): void {
    clearTimeout(this.#timer)
    for (const connection of [...this.#idle]) if (now >= this.#expiry(connection)) connection.destroy()
    this.#timer = this.#idle.length > 0 ? this.#later() : undefined
  }
}

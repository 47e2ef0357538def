// One request to an engine and its answer, whichever connection carries it.
import type { AnswerParts } from './answer-parser.ts'

export interface EngineRequest {
  path: string
  /** Names and values in turn, all visible ASCII. */
  headers: readonly string[]
  body: Buffer
}

/** The caller. Nothing is reported to it after the end, a loss or an abort. */
export interface AnswerHandler extends AnswerParts {
  /** The request is written to a connection: the engine may have read it from now on. */
  onSent(): void
  /**
   * No connection, or it broke before the answer's end, or what came is no answer.
   * @param isStale the connection had served others, and nothing came: the engine was about to close it
   */
  onLost(isStale: boolean): void
  /** The handler itself threw; the connection is closed. */
  onBug(error: unknown): void
}

/** The connection, as far as a call needs it. */
export interface Carrier {
  pause(): void
  resume(): void
  destroy(): void
}

/** Each method is of no effect when the answer has ended. */
export class EngineCall {
  readonly request: EngineRequest
  readonly handler: AnswerHandler
  /** The one that carries it now. */
  connection: Carrier | undefined
  /** Where it waits for a connection. */
  queue: EngineCall[] | undefined

  constructor(request: EngineRequest, handler: AnswerHandler) {
    this.request = request
    this.handler = handler
  }

  /** The engine is not read until `resume`; what was read already is still reported. */
  pause(): void {
    this.connection?.pause()
  }

  resume(): void {
    this.connection?.resume()
  }

  /** Ends it with its connection: there is no other way to show an HTTP/1.1 server that nobody listens. */
  abort(): void {
    this.queue?.splice(this.queue.indexOf(this), 1)
    this.queue = undefined
    this.connection?.destroy()
  }
}

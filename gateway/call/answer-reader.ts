// What the three ways to read an engine's answer have in common.
import type { ApiError } from '../api-error.ts'
import type { Exchange } from './exchange.ts'
import type { Failure } from './failure.ts'

/** Reads the body of one answer. Told about bytes, the end, or the loss of the connection before the end. */
export interface AnswerReader {
  /** The bytes are valid until the call returns. */
  onData(chunk: Buffer): void
  onEnd(): void
  onLost(): void
  /** Milliseconds that may pass without progress, and what is missing then. */
  limit(): { ms: number; what: string }
}

/** How a reader ends its try, and how it sends bytes to the client. */
export interface AnswerSink {
  readonly exchange: Exchange
  readonly model: string
  /** The engine made progress: its time limit begins again. */
  progress(now: number): void
  /** Sends a copy of the bytes; the engine is paused while the client does not keep up. */
  write(bytes: Buffer): void
  /** Sends whole events, as latin1 text; paused likewise. */
  writeEvents(text: string): void
  /** The answer is complete. */
  complete(): void
  /** The client was sent nothing yet: maybe another endpoint can do it. The rest of the answer is not wanted. */
  fail(failure: Failure): void
  /** The answer broke off after its beginning. */
  breakOff(error: ApiError, endpointFault: boolean): void
  /** A mistake of ours while reading: logged, and nobody else's fault. */
  bug(error: unknown): void
}

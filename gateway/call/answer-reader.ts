// What the ways to read an engine's answer have in common, and all that they may do with it.
import type { ApiError } from '../api-error.ts'
import type { Config } from '../config.ts'
import type { SpokenText } from '../events/spoken-text.ts'
import type { EngineRequest } from '../request/engine-request.ts'
import type { Usage } from '../wire/usage.ts'
import { EventReader } from './event-reader.ts'
import type { Failure } from './failure.ts'
import { ErrorReader, TranslatedReader } from './held-reader.ts'
import { PassReader } from './pass-reader.ts'

/** What a reader found in an answer. */
export interface Counted {
  /** Tokens as the engine counted them; undefined when it gave none. */
  usage: Usage | undefined
  /** Events with data. */
  events: number
}

/** Reads the body of one answer. Called with bytes, the end, or the loss of the connection before the end. */
export interface AnswerReader {
  /** Whether a comment may be put between what was written so far. */
  readonly takesPings: boolean
  /** The bytes are valid until the call returns. */
  onData(chunk: Buffer): void
  onEnd(): void
  onLost(): void
  /** Milliseconds that may pass without progress, and what is missing then. */
  limit(): { ms: number; what: string }
  /** Asked once, when the try ends. */
  counted(): Counted
}

/** All that a reader needs: what was asked, the one way to the client, and how its try ends. */
export interface AnswerSink {
  readonly request: EngineRequest
  readonly config: Config
  /** The client was sent status and headers, if only for pings. */
  readonly committed: boolean
  /** The answer itself has begun. */
  readonly begun: boolean
  /** What the client has heard of it, of an answer that another engine could go on with. */
  readonly spoken: SpokenText | undefined
  /** The engine made progress: its time limit begins again. */
  progress(): void
  /** The answer begins; of its calls the first counts. */
  begin(): void
  /**
   * This many bytes of the answer are held now, and are till the client has taken it.
   * @throws ApiError 429
   */
  hold(bytes: number): void
  /** Status 200 and headers of an answer that is no stream of events. */
  head(headers: readonly string[]): void
  /** The same of a stream of events; of no effect when they were sent. */
  startEvents(): void
  /** Sends a copy of the bytes; the engine is paused while the client does not keep up. */
  write(bytes: Buffer): void
  /** Sends whole events, as latin1 text; paused likewise. */
  writeEvents(text: string): void
  /** The last events. @param withDone whether `[DONE]` follows them */
  endEvents(text: string, withDone: boolean): void
  /** The last bytes, as latin1 text. */
  endBody(text: string): void
  /** The whole answer at once. */
  send(headers: readonly string[], body: Buffer): void
  /** The answer is complete. */
  complete(): void
  /** The client was sent nothing yet: maybe another endpoint can do it. The rest of the answer is not wanted. */
  fail(failure: Failure): void
  /** The answer broke off after its beginning. */
  breakOff(error: ApiError, endpointFault: boolean): void
  /** A mistake of ours while reading: logged, and nobody else's fault. */
  bug(error: unknown): void
}

const json = /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i
const eventStream = /^text\/event-stream\s*(?:;|$)/i
/** What is said in a recording may be asked for as text, or as subtitles. */
const jsonOrText = /^(?:application\/json|text\/(?!html|event-stream)[\w.-]+|application\/x-subrip)\s*(?:;|$)/i

/** The reader of an answer that begins so; undefined when it is no answer to what was asked. */
export function readerOf(
  sink: AnswerSink,
  status: number,
  headers: ReadonlyMap<string, string>,
): AnswerReader | undefined {
  const { stream, translation, contentType: asked } = sink.request
  const wanted = stream ? eventStream : asked === 'application/json' ? json : jsonOrText
  const contentType = headers.get('content-type') ?? ''
  if (status !== 200) return new ErrorReader(sink, status, headers.get('retry-after'))
  // Nobody asked for an encoding, and a client would not know of it.
  if (headers.has('content-encoding') || !wanted.test(contentType)) return undefined
  if (stream) return new EventReader(sink)
  return translation ? new TranslatedReader(sink) : new PassReader(sink, contentType, headers.get('content-length'))
}

// An answer that passes byte for byte. The beginning is held until it is known to be an answer of the model: what is none
// is asked for elsewhere, and after the first byte there is no way back.
import { UsageFinder } from '../wire/usage.ts'
import type { AnswerReader, AnswerSink, Counted } from './answer-reader.ts'
import { brokenOff, disconnected, errorFailure, type Failure, notAnAnswer } from './failure.ts'

/** Longest answer that is held to its end, in bytes; of longer ones this much. */
const mostHeld = 65_536

/** An object, to its end. */
const wholeObject = /^\s*\{.*\}\s*$/s
/** Within strings every quote is escaped, so this can only be a key. */
const emptyAnswer = /^\s*\{\s*\}\s*$|"choices"\s*:\s*(?:\[\s*\]|null)/
/**
 * What every answer has, by the engine’s path: an object without it is of another route, or of another server. A quote within a string is
 * escaped, so this is a key, too.
 */
export const memberOf: Readonly<Record<string, RegExp>> = {
  '/v1/chat/completions': /"choices"\s*:/,
  '/v1/completions': /"choices"\s*:/,
  '/v1/responses': /"output"\s*:/,
  '/v1/messages': /"content"\s*:/,
  '/v1/messages/count_tokens': /"input_tokens"\s*:/,
  '/v1/embeddings': /"data"\s*:/,
  '/v1/score': /"data"\s*:/,
  '/v1/audio/transcriptions': /"text"\s*:/,
  '/v1/audio/translations': /"text"\s*:/,
}
/** Its own member or that of older engines, and not the `null` of an answer without an error. */
const errorObject = /^\s*\{\s*"(?:error"\s*:\s*[^\sn]|object"\s*:\s*"error")/

export class PassReader implements AnswerReader {
  readonly #sink: AnswerSink
  readonly #contentType: string
  readonly #contentLength: string | undefined
  readonly #finder = new UsageFinder()
  /** Latin1: one character a byte. */
  #held = ''

  /** @param contentLength of the engine's answer, when it said one */
  constructor(sink: AnswerSink, contentType: string, contentLength: string | undefined) {
    this.#sink = sink
    this.#contentType = contentType
    this.#contentLength = contentLength
  }

  get takesPings(): boolean {
    return false
  }

  onData(chunk: Buffer): void {
    const sink = this.#sink
    sink.progress()
    sink.begin()
    const text = chunk.toString('latin1')
    this.#finder.push(text)
    if (sink.committed) {
      sink.write(chunk)
      return
    }
    this.#held += text
    if (this.#held.length < mostHeld) return
    const failure = this.#failure(false)
    if (failure) sink.fail(failure)
    else {
      this.#head()
      sink.write(Buffer.from(this.#held, 'latin1'))
    }
  }

  onEnd(): void {
    const sink = this.#sink
    if (sink.committed) sink.endBody('')
    else {
      const failure = this.#failure(true)
      if (failure) {
        sink.fail(failure)
        return
      }
      this.#head()
      // A small answer leaves in one piece with its headers.
      sink.endBody(this.#held)
    }
    sink.complete()
  }

  onLost(): void {
    if (this.#sink.committed) this.#sink.breakOff(disconnected(), true)
    else this.#sink.fail(brokenOff())
  }

  limit(): { ms: number; what: string } {
    return { ms: this.#sink.config.STALL_SECONDS * 1000, what: 'further data' }
  }

  counted(): Counted {
    return { usage: this.#finder.usage, events: 0 }
  }

  /** @param isWhole the end has come */
  #failure(isWhole: boolean): Failure | undefined {
    const text = this.#held
    if (!this.#contentType.includes('json')) return undefined
    if (errorObject.test(text))
      return errorFailure(this.#sink.request.entry.name, Buffer.from(text, 'latin1').toString('utf8'))
    if (!isWhole || (wholeObject.test(text) && !emptyAnswer.test(text) && this.#hasMember(text))) return undefined
    return notAnAnswer(disconnected())
  }

  #hasMember(text: string): boolean {
    return memberOf[this.#sink.request.path]?.test(text) ?? true
  }

  #head(): void {
    const headers = ['content-type', this.#contentType]
    if (this.#contentLength !== undefined) headers.push('content-length', this.#contentLength)
    this.#sink.head(headers)
  }
}

// What the client gets: headers once, then bytes or events, then exactly one end.
import type { ServerResponse } from 'node:http'
import type { ApiError } from '../api-error.ts'
import type { EventForm } from '../events/event-filter.ts'
import type { Family } from '../request/received.ts'
import { errorEvent, errorForShape } from '../translate/shape-errors.ts'
import { joinBatch, type PendingWrite, smallWrite } from '../wire/write-batch.ts'

/** How a client reads errors: in a body of its own, and in the middle of a stream. */
export interface ErrorForm {
  readonly family: Family
  readonly events: EventForm
}

const ping = ': ping\n\n'
const done = 'data: [DONE]\n\n'
const lastChunk = '0\r\n\r\n'

/** Characters that wait for the batch at most. */
const mostHeld = 65_536

const eventStreamHeaders = [
  'content-type',
  'text/event-stream; charset=utf-8',
  'cache-control',
  'no-cache, no-transform',
  'x-accel-buffering',
  'no',
]

/** A writer of an answer, which must stop for a while when its client does not keep up. */
export interface Flow {
  onFull(): void
  onDrain(): void
}

export class ClientAnswer implements PendingWrite {
  readonly #res: ServerResponse
  readonly #form: ErrorForm
  readonly #headers: readonly string[]
  /** 0 until the headers are sent. */
  status = 0
  /** The whole answer is written; it leaves with the batch. */
  ended = false
  bytes = 0
  flow: Flow | undefined
  #isEventStream = false
  /** This class writes the chunks of the transfer encoding: Node would send each in four pieces. */
  #ownChunks = false
  /** Bytes that wait for the batch, as latin1 text: Node would hold them in many pieces. */
  #held = ''
  #isJoined = false
  /** Last bytes, when they are too many for a text. */
  #largeEnd: Buffer | undefined
  #isFull = false
  #onLeft: (() => void) | undefined

  constructor(res: ServerResponse, form: ErrorForm, headers: readonly string[]) {
    this.#res = res
    this.#form = form
    this.#headers = headers
  }

  get committed(): boolean {
    return this.status !== 0
  }

  /** Sends status and headers of an answer that is not a stream of events. */
  head(status: number, headers: readonly string[]): void {
    this.status = status
    this.#res.writeHead(status, this.#headers.length === 0 ? [...headers] : this.#headers.concat(headers))
  }

  startEvents(): void {
    if (this.committed) return
    this.#isEventStream = true
    this.head(200, eventStreamHeaders)
    // Clients of HTTP/1.0 get no chunks.
    this.#ownChunks = this.#res.chunkedEncoding
    this.#res.chunkedEncoding = false
  }

  /** A comment, or an event of ours, which is no part of the answer; without one only a sign of life. */
  note(text = ping): void {
    this.startEvents()
    if (this.#isEventStream) this.#hold(this.#frame(text))
  }

  /** Sends a copy of bytes. */
  write(bytes: Buffer): void {
    this.bytes += bytes.length
    if (bytes.length <= smallWrite) {
      this.#hold(bytes.toString('latin1'))
      return
    }
    this.#release()
    this.#written(this.#res.write(Buffer.from(bytes)))
  }

  /** Sends whole events, as latin1 text. */
  writeEvents(text: string): void {
    this.bytes += text.length
    this.#hold(this.#frame(text))
  }

  #written(isTaken: boolean): void {
    if (isTaken || this.#isFull) return
    this.#isFull = true
    this.flow?.onFull()
    this.#res.once('drain', () => {
      this.#isFull = false
      this.flow?.onDrain()
    })
  }

  /** @param withDone whether `[DONE]` follows them */
  endEvents(events: string, withDone: boolean): void {
    if (this.ended) return
    this.ended = true
    const last = withDone ? events + done : events
    this.bytes += last.length
    this.#hold(this.#ownChunks ? (last === '' ? '' : this.#frame(last)) + lastChunk : last)
  }

  /** Ends with the last or only bytes of a body that is no stream of events, as latin1 text. */
  endBody(text: string): void {
    if (this.ended) return
    this.ended = true
    this.bytes += text.length
    // As text Node sends it together with the headers in one cheap write; latin1 keeps every byte.
    this.#hold(text)
  }

  /** The whole answer at once. */
  send(status: number, headers: readonly string[], body: Buffer): void {
    this.head(status, [...headers, 'content-length', String(body.length)])
    if (body.length <= smallWrite) {
      this.endBody(body.toString('latin1'))
      return
    }
    this.bytes += body.length
    this.#largeEnd = body
    this.endBody('')
  }

  /** An error answer, or an error event when a stream has begun; a body that has begun can only be cut off. */
  fail(error: ApiError): void {
    if (this.ended) return
    if (!this.committed) {
      const body = errorForShape(this.#form.family, error)
      const headers = ['content-type', 'application/json', ...Object.entries(error.headers).flat()]
      this.send(error.status, headers, Buffer.from(body))
    } else if (this.#isEventStream) {
      const event = errorEvent(this.#form.family, this.#form.events, error)
      this.endEvents(Buffer.from(event).toString('latin1'), false)
    } else this.destroy()
  }

  /** One chunk of the transfer encoding around text whose characters are bytes. */
  #frame(text: string): string {
    return this.#ownChunks ? `${text.length.toString(16)}\r\n${text}\r\n` : text
  }

  destroy(): void {
    this.ended = true
    this.#res.destroy()
  }

  leave(): void {
    this.#isJoined = false
    if (this.ended && !this.#largeEnd) this.#res.end(this.#held, 'latin1')
    else this.#release()
    if (this.#largeEnd) this.#res.end(this.#largeEnd)
    this.#onLeft?.()
  }

  #release(): void {
    if (this.#held === '') return
    const text = this.#held
    this.#held = ''
    this.#written(this.#res.write(text, 'latin1'))
  }

  /** Resolves when what was written so far is with the socket. */
  left(): Promise<void> | undefined {
    if (!this.#isJoined) return undefined
    return new Promise((resolve) => {
      this.#onLeft = resolve
    })
  }

  /** The text leaves together with what else is written in this turn. */
  #hold(text: string): void {
    this.#held += text
    // Much at once does not wait: whether the client keeps up must be known before more is read for it.
    if (this.#held.length > mostHeld && !this.ended) this.#release()
    if (this.#isJoined) return
    this.#isJoined = true
    joinBatch(this)
  }
}

// What the client gets: headers once, then bytes or events, then exactly one end.
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { ApiError } from '../api-error.ts'
import { errorForShape } from '../translate/shape-errors.ts'
import type { Family } from './call.ts'
import { joinBatch, type Leaving } from './write-batch.ts'

const ping = ': ping\n\n'
const done = 'data: [DONE]\n\n'
const lastChunk = '0\r\n\r\n'

/** Largest answer that is worth a copy. */
const smallAnswer = 16_384

const eventStreamHeaders = [
  'content-type',
  'text/event-stream; charset=utf-8',
  'cache-control',
  'no-cache, no-transform',
  'x-accel-buffering',
  'no',
]

export class ClientAnswer implements Leaving {
  readonly #res: ServerResponse
  readonly #family: Family
  readonly #headers: readonly string[]
  /** 0 until the headers are sent. */
  status = 0
  /** The whole answer is written; it leaves with the batch. */
  ended = false
  bytes = 0
  #isEventStream = false
  /** This class writes the chunks of the transfer encoding: Node would send each in four pieces. */
  #ownChunks = false
  #isJoined = false
  #isFull = false
  /** What is held back until the batch leaves. */
  #corked: Socket | null = null
  /** The last bytes. Node's end would let go of what waits, so that it is called when the batch leaves. */
  #last: string | Buffer | undefined
  #onLeft: (() => void) | undefined

  constructor(res: ServerResponse, family: Family, headers: readonly string[]) {
    this.#res = res
    this.#family = family
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

  ping(): void {
    this.startEvents()
    if (!this.#isEventStream) return
    this.#join()
    this.#res.write(this.#frame(ping), 'latin1')
  }

  /** Sends a copy. False when the client does not keep up; `onDrain` is called when it does again. */
  write(bytes: Buffer, onDrain: () => void): boolean {
    this.bytes += bytes.length
    this.#join()
    return this.#sent(this.#res.write(Buffer.from(bytes)), onDrain)
  }

  /** The same for whole events, as latin1 text. */
  writeEvents(text: string, onDrain: () => void): boolean {
    this.bytes += text.length
    this.#join()
    return this.#sent(this.#res.write(this.#frame(text), 'latin1'), onDrain)
  }

  #sent(isTaken: boolean, onDrain: () => void): boolean {
    if (isTaken || this.#isFull) return isTaken
    this.#isFull = true
    this.#res.once('drain', () => {
      this.#isFull = false
      onDrain()
    })
    return false
  }

  /** Ends a stream of events, or a body whose bytes have been written. */
  end(event = ''): void {
    if (this.ended) return
    this.ended = true
    this.bytes += event.length
    this.#end(this.#ownChunks ? (event === '' ? '' : this.#frame(event)) + lastChunk : event)
  }

  /** @param events that are still to be sent */
  endWithDone(events: string): void {
    this.end(events + done)
  }

  /** Ends with a copy of the last or only bytes of a body that is no stream of events. */
  endBody(bytes: Buffer): void {
    if (this.ended) return
    this.ended = true
    this.bytes += bytes.length
    // As text Node sends it together with the headers in one cheap write; latin1 keeps every byte.
    this.#end(bytes.length <= smallAnswer ? bytes.toString('latin1') : Buffer.from(bytes))
  }

  /** The whole answer at once. */
  send(status: number, headers: readonly string[], body: Buffer): void {
    this.head(status, [...headers, 'content-length', String(body.length)])
    this.endBody(body)
  }

  /** An error answer, or an error event when a stream has begun; a body that has begun can only be cut off. */
  fail(error: ApiError): void {
    if (this.ended) return
    const body = errorForShape(this.#family, error)
    if (!this.committed) {
      const headers = ['content-type', 'application/json', ...Object.entries(error.headers).flat()]
      this.send(error.status, headers, Buffer.from(body))
    } else if (this.#isEventStream) this.end(Buffer.from(`data: ${body}\n\n`).toString('latin1'))
    else this.destroy()
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
    const last = this.#last
    this.#last = undefined
    if (typeof last === 'string') this.#res.end(last, 'latin1')
    else if (last) this.#res.end(last)
    this.#corked?.uncork()
    this.#corked = null
    this.#onLeft?.()
  }

  /** Resolves when what was written so far is with the socket. */
  left(): Promise<void> | undefined {
    if (!this.#isJoined) return undefined
    return new Promise((resolve) => {
      this.#onLeft = resolve
    })
  }

  #end(last: string | Buffer): void {
    this.#last = last
    this.#join()
  }

  /** What is written leaves together with what else is written in this turn. */
  #join(): void {
    if (this.#isJoined) return
    this.#isJoined = true
    // Null for an answer that waits behind another one on its connection.
    this.#corked = this.#res.socket
    this.#corked?.cork()
    joinBatch(this)
  }
}

// What the client gets: headers once, then bytes or events, then exactly one end.
import type { ServerResponse } from 'node:http'
import type { ApiError } from '../api-error.ts'
import { errorForShape } from '../translate/shape-errors.ts'
import type { Family } from './call.ts'

const ping = Buffer.from(': ping\n\n')
const done = Buffer.from('data: [DONE]\n\n')

const eventStreamHeaders = [
  'content-type',
  'text/event-stream; charset=utf-8',
  'cache-control',
  'no-cache, no-transform',
  'x-accel-buffering',
  'no',
]

export class ClientAnswer {
  readonly #res: ServerResponse
  readonly #family: Family
  readonly #headers: readonly string[]
  /** 0 until the headers are sent. */
  status = 0
  /** The whole answer is handed to the socket. */
  ended = false
  bytes = 0
  #isEventStream = false

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
  }

  ping(): void {
    this.startEvents()
    this.#res.write(ping)
  }

  /** False when the client does not keep up; `onDrain` is called when it does again. */
  write(bytes: Buffer, onDrain: () => void): boolean {
    this.bytes += bytes.length
    if (this.#res.write(bytes)) return true
    this.#res.once('drain', onDrain)
    return false
  }

  end(bytes?: Buffer): void {
    if (this.ended) return
    this.ended = true
    if (bytes) {
      this.bytes += bytes.length
      this.#res.end(bytes)
    } else this.#res.end()
  }

  endWithDone(): void {
    this.end(done)
  }

  /** The whole answer at once. */
  send(status: number, headers: readonly string[], body: Buffer): void {
    this.head(status, [...headers, 'content-length', String(body.length)])
    this.end(body)
  }

  /** An error answer, or an error event when a stream has begun; a body that has begun can only be cut off. */
  fail(error: ApiError): void {
    if (this.ended) return
    const body = errorForShape(this.#family, error)
    if (!this.committed) {
      const headers = ['content-type', 'application/json', ...Object.entries(error.headers).flat()]
      this.send(error.status, headers, Buffer.from(body))
    } else if (this.#isEventStream) this.end(Buffer.from(`data: ${body}\n\n`))
    else this.destroy()
  }

  destroy(): void {
    this.ended = true
    this.#res.destroy()
  }
}

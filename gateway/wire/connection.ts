// One connection to an engine, for one request at a time.
import { connect, type Socket } from 'node:net'
import type { Endpoint } from '../discovery/directory.ts'
import { type AnswerHead, MalformedAnswer } from './answer-head.ts'
import { AnswerParser, type AnswerParts } from './answer-parser.ts'
import type { EngineCall } from './engine-call.ts'
import { joinBatch, type PendingWrite, smallWrite } from './write-batch.ts'

/** Called about the connection's own life. */
export interface ConnectionOwner {
  /** It can take another request. */
  onFree(connection: Connection): void
  onClosed(connection: Connection): void
}

/** All connections read into one buffer: what a read brought is used up before the next one begins. */
const readBuffer = Buffer.allocUnsafeSlow(65_536)

/** Longest pause after which a connection is used again: far below what engines keep an idle one for. */
const staleMs = 1000

export class Connection implements PendingWrite, AnswerParts {
  readonly #socket: Socket
  readonly #host: string
  readonly #owner: ConnectionOwner
  #call: EngineCall | undefined
  #parser: AnswerParser | undefined
  /** The call whose request waits for the batch. */
  #leaving: EngineCall | undefined
  /** Since when it is not read; 0 while it is. */
  #pausedAt = 0
  /** It has carried an answer to its end before. */
  #isUsed = false
  /** Something of the answer to the call came. */
  #isAnswering = false
  /** The answer's end was unread for this long that the engine may have given the connection up since. */
  #isStale = false
  #isClosed = false
  /** Milliseconds that it may be idle, as the engine said. */
  keepAliveMs = Number.POSITIVE_INFINITY
  /** Since when it is idle, in milliseconds of the monotonic clock. */
  idleSince = 0

  /** @param host for the Host header, with the port */
  constructor({ address, port }: Endpoint, host: string, connectMs: number, owner: ConnectionOwner) {
    this.#host = host
    this.#owner = owner
    const socket = connect({
      host: address,
      port,
      noDelay: true,
      onread: { buffer: readBuffer, callback: (length) => this.#onRead(length) },
    })
    const late = setTimeout(() => socket.destroy(), connectMs)
    socket.once('connect', () => clearTimeout(late))
    socket.on('end', () => this.#onEnd())
    // The close comes later, and until then it must not be taken for a free one.
    socket.on('error', () => this.#lose())
    socket.once('close', () => {
      clearTimeout(late)
      this.#lose()
    })
    this.#socket = socket
  }

  /** Only when it is new or free; a new one sends it when it is connected. */
  send(call: EngineCall): void {
    this.#call = call
    this.#isAnswering = false
    call.connection = this
    if (this.#socket.connecting) this.#socket.once('connect', () => this.#write(call))
    else this.#write(call)
  }

  #write(call: EngineCall): void {
    this.#parser = new AnswerParser(this)
    this.#leaving = call
    joinBatch(this)
    call.handler.onSent()
  }

  leave(): void {
    const call = this.#leaving
    this.#leaving = undefined
    if (!call || this.#isClosed) return
    const { path, headers, body } = call.request
    let head = `POST ${path} HTTP/1.1\r\nhost: ${this.#host}\r\ncontent-length: ${body.length}\r\n`
    for (let index = 0; index < headers.length; index += 2) head += `${headers[index]}: ${headers[index + 1]}\r\n`
    if (body.length <= smallWrite) this.#socket.write(`${head}\r\n${body.toString('latin1')}`, 'latin1')
    else {
      this.#socket.cork()
      this.#socket.write(`${head}\r\n`, 'latin1')
      this.#socket.write(body)
      this.#socket.uncork()
    }
  }

  pause(): void {
    if (this.#pausedAt > 0) return
    this.#pausedAt = performance.now()
    this.#socket.pause()
  }

  resume(): void {
    if (this.#pausedAt === 0) return
    this.#isStale ||= performance.now() - this.#pausedAt > staleMs
    this.#pausedAt = 0
    this.#socket.resume()
  }

  /** Ends it at once, and reports no loss. */
  destroy(): void {
    this.#release()
    this.#socket.destroy()
    if (this.#isClosed) return
    this.#isClosed = true
    this.#parser?.stop()
    this.#owner.onClosed(this)
  }

  onHead(head: AnswerHead): void {
    this.#call?.handler.onHead(head)
  }

  onData(bytes: Buffer): void {
    this.#call?.handler.onData(bytes)
  }

  onEnd(): void {
    this.#release()?.handler.onEnd()
  }

  #onRead(length: number): boolean {
    const parser = this.#parser
    const call = this.#call
    this.#isAnswering = true
    // Nobody asked yet, or the question has not left: what comes answers another one.
    if (!parser || this.#leaving) this.#lose()
    else
      try {
        parser.push(readBuffer.subarray(0, length))
        if (parser.done) this.#answered(parser)
      } catch (error) {
        if (error instanceof MalformedAnswer) this.#lose()
        else this.#fail(call, error)
      }
    return true
  }

  /** The engine closed its side. */
  #onEnd(): void {
    const call = this.#call
    try {
      this.#parser?.close()
    } catch (error) {
      this.#fail(call, error)
    }
    this.#lose()
  }

  /** The handler threw; without a connection it hears of nothing more than that. */
  #fail(call: EngineCall | undefined, error: unknown): void {
    this.destroy()
    call?.handler.onBug(error)
  }

  /** Free again, when engine and request left it in order. */
  #answered({ head }: AnswerParser): void {
    if (this.#isClosed) return
    this.#parser = undefined
    // An engine may answer before it has read all: what is left of the request would be read as the next one.
    if (!head?.keepAlive || this.#isStale || this.#socket.writableLength > 0) {
      this.destroy()
      return
    }
    this.keepAliveMs = head.keepAliveMs
    this.#isUsed = true
    this.resume()
    this.#owner.onFree(this)
  }

  #lose(): void {
    const call = this.#release()
    this.destroy()
    try {
      call?.handler.onLost(this.#isUsed && !this.#isAnswering)
    } catch (error) {
      call?.handler.onBug(error)
    }
  }

  /** The call that it carried; the connection reports nothing more to it. */
  #release(): EngineCall | undefined {
    const call = this.#call
    this.#call = undefined
    if (call) call.connection = undefined
    return call
  }
}

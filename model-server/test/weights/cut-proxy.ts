// A TCP proxy in front of a server: connections that break after some bytes, that are slow, or that say nothing any more.

import type { AddressInfo } from 'node:net'
import { connect, createServer, type Server, type Socket } from 'node:net'

/** What happens to the next connection that brings more than `after` bytes back. */
export type Fault = { after: number; kind: 'cut' | 'silence' }

export class CutProxy {
  readonly faults: Fault[] = []
  /** Of all connections together; undefined: as fast as the server is. */
  bytesPerSecond: number | undefined
  #freeAt = 0
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  constructor(target: string) {
    const { hostname, port } = new URL(target)
    this.#server = createServer((client) => {
      const upstream = connect(Number(port), hostname)
      this.#keep(client, upstream)
      client.pipe(upstream)
      let passed = 0
      let isSilent = false
      upstream.on('data', (chunk) => {
        passed += chunk.length
        const fault = this.faults[0]
        if (isSilent) return
        if (fault === undefined || passed < fault.after) {
          client.write(chunk)
          this.#slowDown(upstream, chunk.length)
          return
        }
        this.faults.shift()
        if (fault.kind === 'silence') isSilent = true
        else client.destroy()
      })
      upstream.on('close', () => client.destroy())
      client.on('close', () => upstream.destroy())
    })
  }

  #slowDown(upstream: Socket, bytes: number): void {
    if (this.bytesPerSecond === undefined) return
    const now = performance.now()
    this.#freeAt = Math.max(now, this.#freeAt) + (bytes / this.bytesPerSecond) * 1000
    upstream.pause()
    setTimeout(() => upstream.resume(), this.#freeAt - now)
  }

  #keep(...sockets: Socket[]): void {
    for (const socket of sockets) {
      this.#sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => this.#sockets.delete(socket))
    }
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  stop(): void {
    for (const socket of this.#sockets) socket.destroy()
    this.#server.close()
  }
}

// Large bodies are read in turns. Node reads up to 2 MB of one connection before it looks at the next, and ten megabytes on four
// connections would make everybody wait for milliseconds; so a connection pauses after each part, and one goes on in each turn of
// the event loop.
import type { Socket } from 'node:net'

export class ReadingTurns {
  /** Paused connections by who sends; both in the order in which they go on. One with many has no more turns than one with a single one. */
  readonly #waiting = new Map<string, Set<Socket>>()
  #isPlanned = false

  /** A part has come. The next one is read when it is this connection’s turn. */
  pause(tenant: string, socket: Socket): void {
    let own = this.#waiting.get(tenant)
    if (own === undefined) {
      own = new Set()
      this.#waiting.set(tenant, own)
    }
    own.add(socket)
    socket.pause()
    this.#plan()
  }

  /** Nothing more is to be read from it. */
  leave(tenant: string, socket: Socket): void {
    const own = this.#waiting.get(tenant)
    if (own?.delete(socket) && own.size === 0) this.#waiting.delete(tenant)
  }

  #plan(): void {
    if (this.#isPlanned) return
    this.#isPlanned = true
    setImmediate(() => {
      this.#isPlanned = false
      this.#next()
      if (this.#waiting.size > 0) this.#plan()
    })
  }

  #next(): void {
    for (const [tenant, own] of this.#waiting) {
      this.#waiting.delete(tenant)
      for (const socket of own) {
        own.delete(socket)
        if (own.size > 0) this.#waiting.set(tenant, own)
        socket.resume()
        return
      }
    }
  }
}

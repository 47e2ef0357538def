// Ends a connection whose request was refused before its body was read. Closing at once would make the kernel send a reset, and a
// client (or the load balancer) that is still sending would lose the answer.
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'

/** As nginx’s lingering_timeout is meant, but in total. */
const lingerMs = 2000

/**
 * Connections of one owner that may stay so. V8 copies what they keep each time it collects: of a tenant that is refused 300 times a
 * second those of two seconds are 600. The load balancer is a millisecond away, so the oldest has its answer.
 */
const mostOfOne = 16

export class LingeringConnections {
  /** By owner, the oldest first. */
  readonly #open = new Map<string, Socket[]>()

  /**
   * The answer goes out at once; what still comes is left to the kernel for two seconds. Each read would allocate, which costs more than
   * the refusal.
   *
   * @param owner tenant, or `''` of a stranger
   */
  unread(request: IncomingMessage, owner: string): void {
    const { socket } = request
    request.pause()
    // Node reads to its end a request from which nobody has read.
    request.read(0)
    socket.pause()
    // Node calls it when the answer is written; its own version destroys the socket together with what was not read.
    socket.destroySoon = () => {
      socket.end()
      this.add(socket, owner)
    }
  }

  /** Ends a connection whose answer is written: a client that goes on sending would keep it half open forever. */
  add(socket: Socket, owner: string): void {
    const own = this.#open.get(owner) ?? []
    this.#open.set(owner, own)
    own.push(socket)
    const late = setTimeout(() => socket.destroy(), lingerMs)
    socket.once('close', () => {
      clearTimeout(late)
      own.splice(own.indexOf(socket), 1)
      if (own.length === 0 && this.#open.get(owner) === own) this.#open.delete(owner)
    })
    if (own.length > mostOfOne) own[0]?.destroy()
  }
}

// Ends a connection whose request was refused before its body was read. Closing at once would make the kernel send a reset, and a
// client (or the load balancer) that is still sending would lose the answer.
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'

/** As nginx’s lingering_timeout is meant, but in total. */
const lingerMs = 2000

/**
 * The answer goes out at once; what still comes is left to the kernel for two seconds. Each read would allocate, which costs more than
 * the refusal.
 */
export function linger(request: IncomingMessage): void {
  const { socket } = request
  request.pause()
  // Node reads to its end a request from which nobody has read.
  request.read(0)
  socket.pause()
  // Node calls it when the answer is written; its own version destroys the socket together with what was not read.
  socket.destroySoon = () => {
    socket.end()
    destroyLater(socket)
  }
}

/** Ends a connection whose answer is written: a client that goes on sending would keep it half open forever. */
export function destroyLater(socket: Socket): void {
  const late = setTimeout(() => socket.destroy(), lingerMs)
  socket.once('close', () => clearTimeout(late))
}

// Ends a connection whose request was refused before its body was read. Closing at once would make the kernel send a reset, and a
// client (or the load balancer) that is still sending would lose the answer.
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'

/** As nginx’s lingering_timeout is meant, but in all. */
const lingerMs = 2000
/** What is on its way when the answer leaves. Reading all that a client may send would cost more than serving it. */
const mostThrownAway = 131_072

/** The answer goes out at once; some of what still comes is thrown away until the client has ended too, or for two seconds. */
export function linger(request: IncomingMessage): void {
  const { socket } = request
  // Node calls it when the answer is written; its own version destroys the socket together with what was not read.
  socket.destroySoon = () => {
    socket.end()
    destroyLater(socket)
    let left = mostThrownAway
    // From now on nobody parses what comes: Node's own reading of it cannot be paused.
    socket.removeAllListeners('data')
    socket.on('data', (bytes: Buffer) => {
      left -= bytes.length
      if (left <= 0) socket.pause()
    })
    socket.resume()
  }
}

/** Ends a connection whose answer is written: who goes on sending would keep it half open for ever. */
export function destroyLater(socket: Socket): void {
  const late = setTimeout(() => socket.destroy(), lingerMs)
  socket.once('close', () => clearTimeout(late))
}

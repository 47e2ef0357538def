// The first port from a wanted one on that nobody listens on.
import { createServer } from 'node:net'

const tries = 100

/** Port on 127.0.0.1; undefined when a hundred in a row are taken. */
export async function freePort(wanted: number, except: readonly number[] = []): Promise<number | undefined> {
  for (let port = wanted; port < Math.min(wanted + tries, 65_536); port += 1)
    if (!except.includes(port) && (await isFree(port))) return port
  return undefined
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}

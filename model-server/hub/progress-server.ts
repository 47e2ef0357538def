// How many bytes of a model are there: asked by the gateway while the container `fetch` fills the folder, on the port of the engine that comes
// after it. The network policy of a model's pod lets the gateway in there.
import type { Dirent } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'

/** A block of `st_blocks`; the size of a file that is made before its bytes come says nothing. */
const blockBytes = 512

/** Bytes on disk, of files that are not whole too. */
export async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(() => [] as Dirent[])
  const sizes = entries.map(async (entry) => {
    if (!entry.isFile()) return 0
    // A file may be renamed just now.
    const found = await lstat(join(entry.parentPath, entry.name)).catch(() => undefined)
    return (found?.blocks ?? 0) * blockBytes
  })
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}

/** A port that is taken is no reason not to fetch. */
export function serveProgress(folder: string, port: number): Server {
  const server = createServer((request, response) => {
    if (request.url !== '/progress') {
      response.writeHead(404).end()
      return
    }
    void bytesIn(folder).then((bytes) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ bytes })),
    )
  })
  return server.on('error', () => {}).listen(port)
}

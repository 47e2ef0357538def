// A Hub on loopback, in a process of its own, that sends a given number of bytes a second on each connection.
import { createHash } from 'node:crypto'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'

const [fileBytes = 0, bytesPerSecond = 0] = process.argv.slice(2).map(Number)
const tickMs = 10
const mostLateMs = 30
const block = Buffer.alloc(2 ** 20, 'slipway')

/** Bytes from..to of a file that repeats one block. */
function slice(from: number, to: number): Buffer {
  const start = from % block.length
  return block.subarray(start, Math.min(block.length, start + to - from))
}

/** When what a connection was given has left: the next answer begins no earlier. */
const free = new WeakMap<Socket, number>()

async function send(response: ServerResponse, from: number, to: number): Promise<void> {
  const { socket } = response
  if (socket === null) return
  let end = Math.max(performance.now(), free.get(socket) ?? 0)
  for (let at = from; at < to && !socket.destroyed; ) {
    const part = slice(at, Math.min(to, at + (bytesPerSecond * tickMs) / 1000))
    // A timer that comes late takes nothing from the rate; a reader that is slow gets no more than a few ticks afterwards.
    end = Math.max(end, performance.now() - mostLateMs) + (part.length / bytesPerSecond) * 1000
    free.set(socket, end)
    const pause = end - performance.now()
    if (pause > 1) await new Promise((resolve) => setTimeout(resolve, pause))
    if (!response.write(part)) await new Promise((resolve) => response.once('drain', resolve))
    at += part.length
  }
  response.end()
}

const hash = createHash('sha256')
for (let at = 0; at < fileBytes; at += block.length) hash.update(slice(at, Math.min(fileBytes, at + block.length)))
const sha256 = hash.digest('hex')
const listing = {
  sha: '0123456789abcdef0123456789abcdef01234567',
  siblings: [{ rfilename: 'model.safetensors', size: fileBytes, lfs: { sha256, size: fileBytes } }],
}

const server = createServer((request, response) => {
  if (request.url?.startsWith('/api/')) return void response.end(JSON.stringify(listing))
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? []
  const from = Number(first ?? 0)
  const to = last ? Number(last) + 1 : fileBytes
  response.writeHead(first === undefined ? 200 : 206, {
    etag: `"${sha256}"`,
    'content-length': to - from,
    ...(first !== undefined && { 'content-range': `bytes ${from}-${to - 1}/${fileBytes}` }),
  })
  void send(response, from, to)
})
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port))

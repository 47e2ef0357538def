// The least that a proxy on Node must do: read a body, send it on with undici, pass the answer. No routes, no limits, no
// identity. What the gateway costs above it is what its features cost. Arguments: port, port of the engine.
import { createServer, type ServerResponse } from 'node:http'
import { type Dispatcher, Pool } from 'undici'

const [port = '0', upstream = '0'] = process.argv.slice(2)
const pool = new Pool(`http://127.0.0.1:${upstream}`, { connections: 4096, pipelining: 1 })

class Pass implements Dispatcher.DispatchHandler {
  readonly #res: ServerResponse

  constructor(res: ServerResponse) {
    this.#res = res
  }

  onRequestStart(): void {}

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: Record<string, unknown>): void {
    const length = headers['content-length']
    this.#res.writeHead(status, {
      'content-type': String(headers['content-type']),
      ...(typeof length === 'string' && { 'content-length': length }),
    })
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#res.write(chunk)
  }

  onResponseEnd(): void {
    this.#res.end()
  }

  onResponseError(): void {
    this.#res.destroy()
  }
}

createServer((req, res) => {
  const parts: Buffer[] = []
  req.on('data', (part: Buffer) => parts.push(part))
  req.on('end', () => {
    const body = parts.length === 1 ? parts[0] : Buffer.concat(parts)
    const headers = { 'content-type': 'application/json' }
    pool.dispatch({ path: req.url ?? '/', method: 'POST', headers, body }, new Pass(res))
  })
}).listen(Number(port), '127.0.0.1')

// Engines that answer as the recorded ones do, and fail in every way that the tests need: one fault for each model name,
// or one for a whole engine. Real HTTP on loopback.

import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

export interface SeenRequest {
  path: string
  headers: IncomingMessage['headers']
  rawHeaders: string[]
  body: string
  model: string
  /** When the client's side of it was closed before the answer was complete; 0 when it was not. */
  closedAt: number
}

export interface Answering {
  engine: FakeEngine
  seen: SeenRequest
  request: Record<string, unknown>
  req: IncomingMessage
  res: ServerResponse
  socket: Socket
}

export type Fault = (call: Answering) => unknown

/** One chunk as vLLM with forced usage sends it. */
export function chunk(content: string, count: number, finish: string | null = null, extra = ''): string {
  const stopped = finish !== null && { stop_reason: null }
  const choices = [{ index: 0, delta: { content }, logprobs: null, finish_reason: finish, ...stopped, token_ids: null }]
  const total_tokens = 30 + count
  const usage = { prompt_tokens: 30, total_tokens, completion_tokens: count, completion_tokens_details: null }
  const head = `{"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":${JSON.stringify(choices)}`
  return `data: ${head},"usage":${JSON.stringify(usage)}${extra}}\n\n`
}

export const lastCounts = (count: number): string =>
  `data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"usage":{"prompt_tokens":30,"total_tokens":${30 + count},"completion_tokens":${count}},"system_fingerprint":"vllm-0.32.0-0"}\n\n`

export const done = 'data: [DONE]\n\n'
const busy =
  'The engine is currently busy and cannot accept new requests. Please try again later or on a different instance.'
export const busyEvent = `data: {"error": {"message": "${busy}", "type": "Service Unavailable", "param": null, "code": 503}}\n\n`

/** vLLM's answer, with 30 tokens of prompt and 70 of answer; the last two fields are ours, to see that numbers stay as they are. */
export const completion = (model: string): string =>
  `{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":${JSON.stringify(model)},"choices":[{"index":0,"message":{"role":"assistant","content":"Hello.","refusal":null,"annotations":null,"audio":null,"function_call":null,"reasoning":null},"logprobs":null,"finish_reason":"stop","stop_reason":null,"token_ids":null,"routed_experts":null}],"service_tier":null,"system_fingerprint":"vllm-0.32.0-0","usage":{"prompt_tokens":30,"total_tokens":100,"completion_tokens":70,"prompt_tokens_details":{"cached_tokens":0,"created_cache_tokens":0,"multimodal_tokens":null},"completion_tokens_details":null},"prompt_logprobs":null,"prompt_token_ids":null,"prompt_text":null,"kv_transfer_params":null,"ec_transfer_params":null,"metrics":null,"big":12345678901234567890,"one":1.0}`

/** The same as an answer of /v1/completions too. */
export const textCompletion = (model: string): string =>
  completion(model).replace('"message":', '"text":"Hello.","message":')

const json = (res: ServerResponse, status: number, body: string): void => {
  res.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    server: 'uvicorn',
  })
  res.end(body)
}

const error = (res: ServerResponse, status: number, message: string, type: string, param: string | null = null): void =>
  json(res, status, JSON.stringify({ error: { message, type, param, code: status } }))

function startStream(res: ServerResponse): void {
  res.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' })
  res.flushHeaders()
}

async function stream({ res }: Answering, count: number, gapMs: number): Promise<void> {
  startStream(res)
  for (let index = 1; index <= count && !res.destroyed; index += 1) {
    res.write(chunk(`t${index}`, index, index === count ? 'stop' : null))
    await wait(gapMs)
  }
  res.write(lastCounts(count))
  res.end(done)
}

/** Ways to answer, by the model's name. */
export const faults: Record<string, Fault> = {
  ok: (call) => (call.request.stream === true ? stream(call, 5, 1) : json(call.res, 200, completion(call.seen.model))),
  // More than the buffers of two sockets hold.
  'big-answer': ({ res }) => json(res, 200, `{"text":"${'x'.repeat(30_000_000)}"}`),
  'big-completion': ({ res, seen }) =>
    json(res, 200, textCompletion(seen.model).replace('"Hello."', `"${'x'.repeat(20_000_000)}"`)),
  'slow-answer': async ({ res, seen }) => {
    await wait(2000)
    json(res, 200, completion(seen.model))
  },
  'answer-in-300ms': async ({ res, seen }) => {
    await wait(300)
    json(res, 200, completion(seen.model))
  },
  'half-an-answer-first': async ({ res, seen }) => {
    const body = textCompletion(seen.model)
    res.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) })
    res.write(body.slice(0, 40))
    await wait(300)
    res.end(body.slice(40))
  },
  'headers-first': async ({ res, seen }) => {
    res.writeHead(200, { 'content-type': 'application/json' }).flushHeaders()
    await wait(300)
    res.end(textCompletion(seen.model))
  },
  'headers-first-without-length': async ({ socket, seen }) => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n')
    await wait(300)
    socket.end(textCompletion(seen.model))
  },
  // More than a socket’s buffer takes, in many chunks, and the end of the body later.
  'much-at-once': async ({ res, socket }) => {
    startStream(res)
    await wait(20)
    const small = Array.from({ length: 40 }, (_, index) => chunk('t', 2, index === 39 ? 'stop' : null))
    const large = Array.from({ length: 2 }, () => chunk('x'.repeat(30_000), 1))
    // In one write, which Node would not make of it.
    socket.write([...large, ...small, done].map((one) => `${one.length.toString(16)}\r\n${one}\r\n`).join(''))
    await wait(30)
    res.end()
  },
  'slow-stream': (call) => stream(call, 200, 20),
  'long-stream': (call) => stream(call, 600, 5),
  'cut-after-3': async ({ res, socket }) => {
    startStream(res)
    for (let index = 1; index <= 3; index += 1) res.write(chunk(`t${index}`, index))
    await wait(20)
    socket.destroy()
  },
  'cut-inside': async ({ res, socket }) => {
    startStream(res)
    res.write(chunk('t1', 1))
    await wait(10)
    res.write(chunk('t2', 2).slice(0, 40))
    await wait(10)
    socket.destroy()
  },
  'end-without-done': ({ res }) => {
    startStream(res)
    res.end(chunk('t1', 1) + chunk('t2', 2, 'stop'))
  },
  'end-without-finish': ({ res }) => {
    startStream(res)
    res.end(chunk('t1', 1) + chunk('t2', 2))
  },
  'error-event': async ({ res }) => {
    startStream(res)
    res.write(chunk('t1', 1))
    await wait(10)
    res.end(
      `data: {"error": {"message": "EngineCore encountered an issue. See stack trace (above) for the root cause.", "type": "InternalServerError", "param": null, "code": 500}}\n\n${done}`,
    )
  },
  'silent-for-ever': ({ res }) => startStream(res),
  'silent-after-2': ({ res }) => {
    startStream(res)
    res.write(chunk('t1', 1) + chunk('t2', 2))
  },
  'fails-late': async ({ res }) => {
    await wait(100)
    error(res, 500, 'boom in /usr/lib/python3/site-packages/vllm/engine.py at 10.1.2.3:8000', 'InternalServerError')
  },
  'no-answer': () => {},
  refuse: ({ socket }) => socket.resetAndDestroy(),
  'busy-503': ({ res }) => error(res, 503, busy, 'Service Unavailable'),
  'busy-event': ({ res }) => {
    startStream(res)
    res.end(busyEvent + done)
  },
  'shutting-down': ({ res }) => error(res, 500, 'cannot schedule new futures after shutdown', 'InternalServerError'),
  'bad-request': ({ res }) =>
    error(
      res,
      400,
      'temperature must be non-negative, got -1.0. (parameter=temperature, value=-1.0)',
      'BadRequestError',
      'temperature',
    ),
  'context-length': ({ res }) =>
    error(
      res,
      400,
      "This model's maximum context length is 256 tokens. However, your prompt contains at least 257 input tokens, which exceeds this limit even without any output tokens. Please reduce the length of the input prompt. (parameter=input_tokens, value=257)",
      'BadRequestError',
      'input_tokens',
    ),
  'tei-error': ({ res }) =>
    json(res, 413, '{"message":"batch size 64 > maximum allowed batch size 32","type":"Validation"}'),
  'engine-error': ({ res }) => error(res, 500, 'Traceback File "/opt/vllm/x.py", line 3', 'InternalServerError'),
  'leaky-400': ({ res }) =>
    error(res, 400, 'cannot read /etc/vllm/secret/key.pem from 10.20.30.40:8000', 'BadRequestError'),
  'huge-error': ({ res }) => error(res, 400, 'x'.repeat(10_000_000), 'BadRequestError'),
  'garbage-status': ({ socket }) => socket.end('HTTP/9.9 ABC nonsense\r\n\r\n'),
  'bad-chunk': ({ socket }) =>
    socket.end(
      'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\nnot a chunk\r\n',
    ),
  'header-bomb': ({ socket }) => socket.end(`HTTP/1.1 200 OK\r\n${'x-bomb: 1\r\n'.repeat(20_000)}\r\n`),
  'reset-in-body': async ({ res, socket }) => {
    res.writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 })
    res.write('{"id":')
    await wait(10)
    socket.resetAndDestroy()
  },
  'stream-without-usage': async ({ res }) => {
    startStream(res)
    const bare = (text: string, finish: string | null) =>
      `data: {"id":"c","choices":[{"index":0,"delta":{"content":"${text}"},"finish_reason":${JSON.stringify(finish)}}]}\n\n`
    for (let index = 0; index < 9; index += 1) res.write(bare('x', null))
    res.end(bare('x', 'stop') + done)
  },
  tokens: ({ res }) => json(res, 200, '{"count":4,"max_model_len":256,"tokens":[523,518,261,520],"token_strs":null}'),
}

export class FakeEngine {
  readonly seen: SeenRequest[] = []
  /** Fault for every model, in place of the one of the model's name. */
  fault: Fault | undefined
  /** Connections that are open now. */
  connections = 0
  /** Connections that ever were. */
  accepted = 0
  /** Requests that came on a connection which had been idle for too long. */
  resets = 0
  /** Requests being answered now. */
  running = 0
  readonly #server: Server
  readonly #idleSince = new WeakMap<Socket, number>()
  port = 0

  /** @param idleMs a request on a connection that was idle for longer meets its end, as one does while an engine closes it */
  constructor(fault?: Fault | string, idleMs = Number.POSITIVE_INFINITY) {
    this.fault = typeof fault === 'string' ? faults[fault] : fault
    this.#server = createServer((req, res) => {
      const { socket } = req
      if (performance.now() - (this.#idleSince.get(socket) ?? Number.POSITIVE_INFINITY) > idleMs) {
        this.resets += 1
        socket.resetAndDestroy()
        return
      }
      res.on('finish', () => this.#idleSince.set(socket, performance.now()))
      void this.#answer(req, res)
    })
    // With a time of its own Node would send it in a header, which uvicorn does not.
    this.#server.keepAliveTimeout = 0
    this.#server.on('connection', (socket) => {
      this.connections += 1
      this.accepted += 1
      socket.on('close', () => {
        this.connections -= 1
      })
      socket.on('error', () => {})
    })
  }

  static async start(fault?: Fault | string, idleMs?: number): Promise<FakeEngine> {
    const engine = new FakeEngine(fault, idleMs)
    await engine.listen()
    return engine
  }

  async listen(port = 0): Promise<void> {
    this.#server.listen({ port, host: '127.0.0.1', backlog: 4096 })
    await once(this.#server, 'listening')
    this.port = (this.#server.address() as AddressInfo).port
  }

  get endpoint() {
    return { address: '127.0.0.1', port: this.port, ready: true }
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  async #answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const parts: Buffer[] = []
    for await (const part of req) parts.push(part as Buffer)
    const body = Buffer.concat(parts).toString('utf8')
    let request: Record<string, unknown> = {}
    try {
      request = JSON.parse(body) as Record<string, unknown>
    } catch {}
    const model = typeof request.model === 'string' ? request.model : ''
    const seen: SeenRequest = {
      path: req.url ?? '',
      headers: req.headers,
      rawHeaders: req.rawHeaders,
      body,
      model,
      closedAt: 0,
    }
    this.seen.push(seen)
    this.running += 1
    res.on('error', () => {})
    res.on('close', () => {
      this.running -= 1
      if (!res.writableFinished) seen.closedAt = performance.now()
    })
    const fault = this.fault ?? faults[model] ?? (faults.ok as Fault)
    await fault({ engine: this, seen, request, req, res, socket: req.socket })
  }
}

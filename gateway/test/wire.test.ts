// The gateway's own HTTP/1.1 towards engines: what it reads, what it refuses to read, and when a connection is used again.
import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import fc from 'fast-check'
import { assert, describe } from '../../test/spec.ts'
import { MalformedAnswer } from '../wire/answer-head.ts'
import { AnswerParser } from '../wire/answer-parser.ts'
import { Connections } from '../wire/connections.ts'
import type { EngineCall } from '../wire/engine-call.ts'
import { until } from './harness.ts'

interface Read {
  status: number
  body: string
  ended: boolean
}

/** What the parser makes of bytes that come in the given pieces; then, if asked, the connection ends. */
function parse(pieces: readonly string[], isClosed = false): Read {
  const read: Read = { status: 0, body: '', ended: false }
  const parser = new AnswerParser({
    onHead: ({ status }) => {
      read.status = status
    },
    onData: (bytes) => {
      read.body += bytes.toString('latin1')
    },
    onEnd: () => {
      read.ended = true
    },
  })
  for (const piece of pieces) parser.push(Buffer.from(piece, 'latin1'))
  if (isClosed) parser.close()
  return read
}

/** A text in pieces that end at the given places. */
function cut(text: string, places: readonly number[]): string[] {
  const ends = [...new Set([...places.map((place) => place % (text.length + 1)), text.length])].sort((a, b) => a - b)
  return ends.map((end, index) => text.slice(ends[index - 1] ?? 0, end)).filter((piece) => piece !== '')
}

/** Undefined when it is refused; every other error is a mistake of ours. */
function readOrRefused(text: string): Read | undefined {
  try {
    return parse([text], true)
  } catch (error) {
    if (error instanceof MalformedAnswer) return undefined
    throw error
  }
}

/** A byte put in, taken out, or in place of another. */
function damage(text: string, [place, way, byte]: [number, number, string]): string {
  const at = place % text.length
  return text.slice(0, at) + (way === 1 ? '' : byte) + text.slice(way === 0 ? at : at + 1)
}

/** What Node’s client makes of an answer; undefined when it refuses it. */
function readByNode(server: Server, port: number, text: string): Promise<{ status: number; body: string } | undefined> {
  server.once('connection', (socket) => socket.on('error', () => {}).once('data', () => socket.end(text, 'latin1')))
  return new Promise((resolve) => {
    const request = httpRequest({ port, host: '127.0.0.1', agent: false }, (response) => {
      let body = ''
      response.setEncoding('latin1').on('data', (part) => {
        body += part
      })
      response.on('error', () => resolve(undefined))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
    })
    request.on('error', () => resolve(undefined)).on('upgrade', () => resolve(undefined))
    request.end()
  })
}

const ok = 'HTTP/1.1 200 OK\r\n'

/** An answer, and what its body is. */
const answers: Record<string, { text: string; body: string; isClosed?: boolean; status?: number }> = {
  'a length': { text: `${ok}content-type: text/plain\r\nContent-Length: 5\r\n\r\nhello`, body: 'hello' },
  'no bytes at all': { text: `${ok}content-length: 0\r\n\r\n`, body: '' },
  'spaces around its length': { text: `${ok}content-length:  5 \r\n\r\nhello`, body: 'hello' },
  chunks: {
    text: `${ok}Transfer-Encoding: Chunked\r\n\r\n5\r\nhello\r\nA\r\n, my world\r\n0\r\n\r\n`,
    body: 'hello, my world',
  },
  'extensions and trailers': {
    text: `${ok}transfer-encoding: chunked\r\n\r\n5;a="b"\r\nhello\r\n0;last\r\nx-a: b\r\nx-c: d\r\n\r\n`,
    body: 'hello',
  },
  'no length': { text: `${ok}connection: close\r\n\r\nhello`, body: 'hello', isClosed: true },
  'a preliminary answer before it': {
    text: `HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n${ok}content-length: 2\r\n\r\nok`,
    body: 'ok',
  },
  'status 204': { text: 'HTTP/1.1 204 No Content\r\n\r\n', body: '', status: 204 },
  'no reason phrase': { text: 'HTTP/1.1 404\r\ncontent-length: 1\r\n\r\nx', body: 'x', status: 404 },
  'bytes that are no text': { text: `${ok}content-length: 3\r\n\r\n\u0000\u00ff\n`, body: '\u0000\u00ff\n' },
  'a header with UTF-8 in it': { text: `${ok}x: caf\u00c3\u00a9\r\ncontent-length: 1\r\n\r\nx`, body: 'x' },
}

/** Bytes that two readers could read in two ways, or without end. */
const refused: Record<string, string> = {
  'length and chunks': `${ok}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
  'two lengths': `${ok}content-length: 5\r\ncontent-length: 6\r\n\r\nhello`,
  'a list of lengths': `${ok}content-length: 5, 5\r\n\r\nhello`,
  'a length with a sign': `${ok}content-length: +5\r\n\r\nhello`,
  'another encoding': `${ok}transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
  'chunks of a status without body': 'HTTP/1.1 204 No Content\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
  'LF in place of a trailer': `${ok}transfer-encoding: chunked\r\n\r\n0\r\n\nx\r\n\r\n`,
  'two encodings': `${ok}transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n\r\n0\r\n\r\n`,
  'chunks of HTTP/1.0': 'HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
  'a tab after the encoding': `${ok}transfer-encoding: chunked\t\r\n\r\n0\r\n\r\n`,
  'a no-break space after the encoding': `${ok}transfer-encoding: chunked\u00a0\r\n\r\n0\r\n\r\n`,
  'a folded line': `${ok}x: a\r\n b\r\n\r\n`,
  'a space before the colon': `${ok}content-length : 5\r\n\r\nhello`,
  'a header without colon': `${ok}nothing\r\n\r\n`,
  'a line that ends in LF': 'HTTP/1.1 200 OK\ncontent-length: 5\r\n\r\nhello',
  'CR inside of a line': `${ok}x: a\rb\r\n\r\n`,
  'a null': `${ok}x: a\0b\r\n\r\n`,
  'another protocol': 'HTTP/2 200\r\n\r\n',
  'no protocol': 'SSH-2.0-OpenSSH_9.2\r\n\r\n\r\n',
  'a status of two digits': 'HTTP/1.1 99 Odd\r\n\r\n',
  'a change of protocol': 'HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\n\r\n',
  'bytes after the answer': `${ok}content-length: 5\r\n\r\nhelloHTTP/1.1 200 OK\r\n`,
  'bytes after the last chunk': `${ok}transfer-encoding: chunked\r\n\r\n0\r\n\r\nmore`,
  'a chunk without size': `${ok}transfer-encoding: chunked\r\n\r\n\r\nhello\r\n`,
  'a chunk with a sign': `${ok}transfer-encoding: chunked\r\n\r\n-5\r\nhello\r\n`,
  'a chunk with 0x': `${ok}transfer-encoding: chunked\r\n\r\n0x5\r\nhello\r\n`,
  'a chunk of 2^36 bytes': `${ok}transfer-encoding: chunked\r\n\r\n1000000000\r\nhello\r\n`,
  'a chunk longer than its size': `${ok}transfer-encoding: chunked\r\n\r\n4\r\nhello\r\n`,
  'a size that ends in LF': `${ok}transfer-encoding: chunked\r\n\r\n5\nhello\r\n`,
  'a chunk that ends in LF': `${ok}transfer-encoding: chunked\r\n\r\n5\r\nhello\n0\r\n\r\n`,
  'LF in an extension': `${ok}transfer-encoding: chunked\r\n\r\n5;\n\r\nhello\r\n`,
  'an extension without end': `${ok}transfer-encoding: chunked\r\n\r\n5;${'x'.repeat(300)}`,
  'trailers without end': `${ok}transfer-encoding: chunked\r\n\r\n0\r\n${'x: y\r\n'.repeat(4000)}`,
  'a head without end': `${ok}${'x: y\r\n'.repeat(4000)}`,
  'preliminary answers without end': 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(1000),
}

describe('an engine’s answer', (test) => {
  for (const [what, { text, body, isClosed = false, status = 200 }] of Object.entries(answers))
    test(`with ${what} is the same in whatever pieces it comes`, () => {
      const wanted = { status, body, ended: true }
      assert.equal(parse([text], isClosed), wanted)
      assert.equal(parse([...text], isClosed), wanted)
      fc.assert(
        fc.property(fc.array(fc.nat(), { maxLength: 6 }), (places) => {
          assert.equal(parse(cut(text, places), isClosed), wanted)
        }),
      )
    })

  test('is read as Node’s own client reads it, damaged or not; or it is refused', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    for (const { text, body, status = 200 } of Object.values(answers))
      assert.equal(await readByNode(server, port, text), { status, body })
    const damages = fc.array(fc.tuple(fc.nat(), fc.nat(2), fc.constantFrom(...'\r\n :;,0123456789aAfFxX\t\0\u00a0')), {
      minLength: 1,
      maxLength: 3,
    })
    let [accepted, refusals] = [0, 0]
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...Object.values(answers)), damages, async ({ text }, all) => {
        const damaged = all.reduce(damage, text)
        const read = readOrRefused(damaged)
        if (!read?.ended) {
          refusals += 1
          return
        }
        accepted += 1
        const node = await readByNode(server, port, damaged)
        if (node) assert.equal(node, { status: read.status, body: read.body }, JSON.stringify(damaged))
      }),
      { numRuns: 500 },
    )
    server.close()
    assert.ok(accepted > 50 && refusals > 50, `${accepted} accepted, ${refusals} refused`)
  })

  for (const [what, text] of Object.entries(refused))
    test(`with ${what} is refused, in whatever pieces it comes`, () => {
      assert.throws(
        () => parse([text]),
        (error: unknown) => error instanceof MalformedAnswer,
      )
      assert.throws(
        () => parse([...text]),
        (error: unknown) => error instanceof MalformedAnswer,
      )
    })

  test('that breaks off is not whole, wherever it does', () => {
    for (const { text, isClosed } of Object.values(answers))
      for (let end = 0; end < text.length; end += 1) {
        const isInBody = isClosed && end >= text.indexOf('\r\n\r\n') + 4
        assert.is(parse([text.slice(0, end)], true).ended, isInBody ?? false, JSON.stringify(text.slice(0, end)))
      }
  })
})

const sayOk = (socket: Socket): void => void socket.write(`${ok}content-length: 2\r\n\r\nok`)

/** A server that does as each test says with the bytes that it gets. */
class BareEngine {
  readonly server: Server
  readonly sockets: Socket[] = []
  /** Bytes of each connection, in the order of their coming. */
  readonly got: string[] = []
  onRequest: (socket: Socket, text: string) => void = sayOk

  constructor() {
    this.server = createServer((socket) => {
      const index = this.sockets.push(socket) - 1
      this.got.push('')
      socket.on('error', () => {})
      socket.on('data', (part) => {
        this.got[index] += part.toString('latin1')
        this.onRequest(socket, this.got[index] as string)
      })
    })
  }

  async listen(): Promise<number> {
    this.server.listen(0, '127.0.0.1')
    await once(this.server, 'listening')
    return (this.server.address() as AddressInfo).port
  }

  stop(): void {
    for (const socket of this.sockets) socket.destroy()
    this.server.close()
  }
}

describe('a connection to an engine', (test) => {
  let engine: BareEngine
  let port = 0
  let open: Connections[] = []

  test.before(async () => {
    engine = new BareEngine()
    port = await engine.listen()
  })
  test.after(() => {
    for (const connections of open) connections.close()
    engine.stop()
  })

  /** A fresh set of connections before an engine that has seen nothing. */
  function start(limits = {}, onRequest?: BareEngine['onRequest'], at = port): Connections {
    engine.sockets.length = 0
    engine.got.length = 0
    engine.onRequest = onRequest ?? sayOk
    const endpoint = { address: '127.0.0.1', port: at, ready: true }
    const all = { most: 10, connectMs: 1000, keepAliveMs: 4000, ...limits }
    const connections = new Connections(endpoint, `127.0.0.1:${at}`, all)
    open = [...open, connections]
    return connections
  }

  interface Asked {
    call: EngineCall
    reported: string[]
    body: string
  }

  function ask(connections: Connections, body = '{}', onFirst: (call: EngineCall) => void = () => {}): Asked {
    const asked: Partial<Asked> = { reported: [], body: '' }
    const reported = asked.reported as string[]
    asked.call = connections.dispatch(
      { path: '/v1/x', headers: ['x-request-id', 'r1'], body: Buffer.from(body) },
      {
        onSent: () => reported.push('sent'),
        onHead: ({ status }) => reported.push(String(status)),
        onData: (bytes) => {
          if (asked.body === '') onFirst(asked.call as EngineCall)
          asked.body += bytes.toString('latin1')
        },
        onEnd: () => reported.push('end'),
        onLost: () => reported.push('lost'),
        onBug: (error) => reported.push(`bug ${error}`),
      },
    )
    return asked as Asked
  }

  const ended = (asked: Asked) =>
    until(() => ['end', 'lost'].includes(asked.reported.at(-1) ?? ''), `an end after ${asked.reported.join()}`)

  async function answerOf(connections: Connections, body?: string): Promise<Asked> {
    const asked = ask(connections, body)
    await ended(asked)
    // The connection is free after its owner had its end.
    await new Promise((resolve) => setTimeout(resolve, 5))
    return asked
  }

  test('carries one request after the other, whole', async () => {
    const connections = start()
    const one = await answerOf(connections, '{"a":1}')
    const two = await answerOf(connections, '{"b":2}')
    assert.equal([one.reported, one.body], [['sent', '200', 'end'], 'ok'])
    assert.equal([two.reported, two.body], [['sent', '200', 'end'], 'ok'])
    const request = (body: string) =>
      `POST /v1/x HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\ncontent-length: 7\r\nx-request-id: r1\r\n\r\n${body}`
    assert.equal(engine.got, [request('{"a":1}') + request('{"b":2}')])
  })

  test('is not used again after an answer that closes it, or one without length', async () => {
    for (const line of [
      'connection: close',
      'connection: Keep-Alive, Close',
      'connection: x\r\nconnection: close',
      'connection: x,\tclose',
    ]) {
      const head = `${line}\r\ncontent-length: 2`
      const connections = start({}, (socket) => socket.write(`${ok}${head}\r\n\r\nok`))
      assert.equal((await answerOf(connections)).reported, ['sent', '200', 'end'])
      await answerOf(connections)
      assert.is(engine.sockets.length, 2)
    }
    const connections = start({}, (socket) => socket.end(`${ok}\r\nok`))
    const one = await answerOf(connections)
    assert.equal([one.reported, one.body], [['sent', '200', 'end'], 'ok'])
    await answerOf(connections)
    assert.is(engine.sockets.length, 2)
  })

  test('is not used again after bytes that nobody asked for', async () => {
    const connections = start({}, (socket) => {
      socket.write(`${ok}content-length: 2\r\n\r\nok`)
      setTimeout(() => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nforged'), 20)
    })
    await answerOf(connections)
    await until(() => engine.sockets[0]?.destroyed === true, 'the connection is closed')
    const two = await answerOf(connections)
    assert.equal([two.body, engine.sockets.length], ['ok', 2])
  })

  test('gives the bytes after an answer to nobody', async () => {
    const connections = start({ most: 1 }, (socket) =>
      socket.write(`${ok}content-length: 2\r\n\r\nokHTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nforged`),
    )
    const one = ask(connections)
    const two = ask(connections)
    await ended(one)
    await ended(two)
    assert.equal([one.body, two.body], ['ok', 'ok'])
    assert.is(engine.sockets.length, 2)
  })

  test('is not used again when the engine answered before it had read the request', async () => {
    const connections = start({}, (socket) => {
      socket.pause()
      if (socket.bytesWritten === 0) socket.write('HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n')
    })
    const one = await answerOf(connections, 'x'.repeat(20_000_000))
    assert.equal(one.reported, ['sent', '413', 'end'])
    assert.equal((await answerOf(connections)).reported, ['sent', '413', 'end'])
    assert.is(engine.sockets.length, 2)
  })

  test('that breaks, is refused or sends nonsense is reported once', async () => {
    const broken = start({}, (socket) => {
      socket.write(`${ok}content-length: 5\r\n\r\nhe`)
      setTimeout(() => socket.resetAndDestroy(), 10)
    })
    assert.equal((await answerOf(broken)).reported, ['sent', '200', 'lost'])
    const halfClosed = start({}, (socket) => socket.end(`${ok}transfer-encoding: chunked\r\n\r\n5\r\nhe`))
    assert.equal((await answerOf(halfClosed)).reported, ['sent', '200', 'lost'])
    const nonsense = start({}, (socket) => socket.write(`${ok}content-length: five\r\n\r\n`))
    assert.equal((await answerOf(nonsense)).reported, ['sent', 'lost'])
    await until(() => engine.sockets[0]?.destroyed === true, 'the connection is closed')
    const unused = new BareEngine()
    const freed = await unused.listen()
    unused.stop()
    const refusing = start({}, undefined, freed)
    assert.equal((await answerOf(refusing)).reported, ['lost'])
  })

  test('that cannot be made in time is reported', async () => {
    // Addresses of documentation (RFC 5737) lead nowhere; some networks say so at once.
    const connections = new Connections({ address: '192.0.2.1', port: 9, ready: true }, '192.0.2.1:9', {
      most: 1,
      connectMs: 50,
      keepAliveMs: 4000,
    })
    const started = performance.now()
    assert.equal((await answerOf(connections)).reported, ['lost'])
    assert.ok(performance.now() - started < 1000)
  })

  test('is closed by an abort, before and after the answer’s beginning, and nothing more is reported', async () => {
    const connections = start({}, (socket) => socket.write(`${ok}content-length: 5\r\n\r\nhe`))
    const one = ask(connections)
    await until(() => one.body === 'he', 'the beginning')
    one.call.abort()
    await until(() => engine.sockets[0]?.destroyed === true, 'the engine sees it')
    assert.equal(one.reported, ['sent', '200'])
    const two = ask(connections)
    two.call.abort()
    await new Promise((resolve) => setTimeout(resolve, 50))
    assert.equal(two.reported, [])
  })

  test('that carries another request by now is not closed by a late abort', async () => {
    const connections = start()
    const one = await answerOf(connections)
    engine.onRequest = (socket) =>
      setTimeout(() => socket.write(`${ok}content-length: 4\r\n\r\nlate`), 50) as unknown as undefined
    const two = ask(connections)
    one.call.abort()
    one.call.pause()
    await ended(two)
    assert.equal([two.body, engine.sockets.length], ['late', 1])
  })

  test('waits for one that is free when there are as many as allowed', async () => {
    const waiting: Socket[] = []
    const connections = start({ most: 2 }, (socket) => waiting.push(socket))
    const all = Array.from({ length: 5 }, () => ask(connections))
    await until(() => waiting.length === 2, 'two requests')
    assert.is(all[2]?.call.queue?.length, 3)
    all[2]?.call.abort()
    assert.is(all[3]?.call.queue?.length, 2)
    await new Promise((resolve) => setTimeout(resolve, 20))
    assert.is(waiting.length, 2)
    // The first breaks, and makes room for a new one; the second answers, and takes the next.
    waiting[0]?.destroy()
    waiting[1]?.write(`${ok}content-length: 2\r\n\r\nok`)
    await until(() => waiting.length === 4, 'two more')
    for (const socket of waiting.slice(2)) socket.write(`${ok}content-length: 2\r\n\r\nok`)
    await until(() => all.filter(({ reported }) => reported.includes('end')).length === 3, 'three answers')
    assert.is(engine.sockets.length, 3)
    assert.equal(all[2]?.reported, [])
  })

  test('that is idle is closed after the time of either side', async () => {
    const connections = start({ keepAliveMs: 60 })
    await answerOf(connections)
    await until(() => engine.sockets[0]?.destroyed === true, 'it is closed', 500)
    const hinted = start({ keepAliveMs: 60 }, (socket) =>
      socket.write(`${ok}keep-alive: timeout=1\r\ncontent-length: 2\r\n\r\nok`),
    )
    await answerOf(hinted)
    await answerOf(hinted)
    assert.is(engine.sockets.length, 2)
  })

  test('does not read on while it is paused', async () => {
    const large = 8_000_000
    const connections = start({}, (socket) => {
      socket.write(`${ok}content-length: ${large}\r\n\r\n`)
      socket.write('x'.repeat(large))
    })
    const one = ask(connections)
    await until(() => one.body.length > 0, 'the beginning')
    one.call.pause()
    const at = one.body.length
    await new Promise((resolve) => setTimeout(resolve, 50))
    assert.is(one.body.length, at)
    one.call.resume()
    await ended(one)
    assert.is(one.body.length, large)
    await answerOf(connections)
    assert.is(engine.sockets.length, 1)
  })

  test('is not used again when the end of its answer lay unread for long', async () => {
    const large = 400_000
    const connections = start({ most: 1 }, (socket) => {
      if (engine.sockets.length > 1) socket.write(`${ok}content-length: 2\r\n\r\nok`)
      // As an engine does that keeps idle connections for a shorter time than its client was away.
      else socket.end(`${ok}content-length: ${large}\r\n\r\n${'x'.repeat(large)}`)
    })
    const one = ask(connections, '{}', (call) => call.pause())
    const two = ask(connections)
    await new Promise((resolve) => setTimeout(resolve, 1100))
    one.call.resume()
    await ended(one)
    await ended(two)
    assert.equal([one.body.length, two.reported, two.body], [large, ['sent', '200', 'end'], 'ok'])
  })

  test('that the engine resets while it is idle is not used in the moment before its close', async () => {
    const connections = start()
    await answerOf(connections)
    const near = connect(port, '127.0.0.1')
    await until(() => engine.sockets.length === 2, 'another socket')
    const asked = new Promise<Asked>((resolve) => near.once('data', () => resolve(ask(connections))))
    // Both are there when this process looks next: the reset, then the reason to ask.
    engine.sockets[0]?.resetAndDestroy()
    engine.sockets[1]?.write('x')
    const two = await asked
    await ended(two)
    assert.equal(two.reported, ['sent', '200', 'end'])
    near.destroy()
  })

  test('ends with its answer when the endpoint is gone', async () => {
    const connections = start(
      {},
      (socket) => setTimeout(() => socket.write(`${ok}content-length: 2\r\n\r\nok`), 50) as unknown as undefined,
    )
    const idle = await answerOf(connections)
    assert.is(idle.body, 'ok')
    const one = ask(connections)
    connections.close()
    await ended(one)
    assert.is(one.body, 'ok')
    await until(() => engine.sockets.every((socket) => socket.destroyed), 'all are closed')
  })

  for (const [where, answer] of [
    ['onHead', 'content-length: 2\r\n\r\nok'],
    ['onData', 'content-length: 2\r\n\r\nok'],
    ['onEnd', 'content-length: 2\r\n\r\nok'],
    ['onEnd', '\r\nok'],
    ['onLost', 'content-length: 9\r\n\r\nok'],
  ] as const)
    test(`is closed by a mistake in ${where} of an answer ${JSON.stringify(answer)}, which is reported`, async () => {
      const connections = start({}, (socket) => socket.end(`${ok}${answer}`))
      const reported: string[] = []
      const say = (what: string) => () => {
        if (what === where) throw new Error('ours')
        reported.push(what)
      }
      connections.dispatch(
        { path: '/', headers: [], body: Buffer.alloc(0) },
        {
          onSent: () => {},
          onHead: say('onHead'),
          onData: say('onData'),
          onEnd: say('onEnd'),
          onLost: say('onLost'),
          onBug: (error) => reported.push((error as Error).message),
        },
      )
      await until(() => reported.includes('ours'), 'the mistake')
      await until(() => engine.sockets[0]?.destroyed === true, 'the connection is closed')
      assert.is(reported.at(-1), 'ours')
    })
})

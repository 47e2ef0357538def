// A bad endpoint loses its traffic within seconds, whatever is bad about it: real engines with one fault each, beside one
// that is well, and clients that ask twenty times a second.
import { setTimeout as pause } from 'node:timers/promises'
import { assert, describe } from '../../test/spec.ts'
import { memberOf } from '../call/pass-reader.ts'
import { bodyRoutes, pathRoutes } from '../request/route-table.ts'
import { chunk, completion, FakeEngine, type Fault, faults } from './fake-engine.ts'
import { chat, model, startGateway, type TestGateway } from './harness.ts'

const role = chunk('', 0).replace('"delta":{', '"delta":{"role":"assistant",')

const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Fault =>
  ({ res }) =>
    void res.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))

const refusal = (status: number, message: string, more: Record<string, unknown> = {}): Fault =>
  json(status, { error: { message, type: 'error', param: null, code: status, ...more } })

/** A stream that begins as others do, and then does that. */
const stream =
  (then: Fault): Fault =>
  async (call) => {
    if (call.request.stream !== true) return then(call)
    call.res.writeHead(200, { 'content-type': 'text/event-stream' }).write(role)
    await pause(20)
    await then(call)
  }

/** What may be wrong with an endpoint. None of it depends on the request. */
const bad: Record<string, Fault> = {
  'a full queue': faults['busy-503'] as Fault,
  'a full queue with Retry-After': json(503, {}, { 'retry-after': '2' }),
  'too many requests': json(429, {}, { 'retry-after': '1' }),
  'errors of its own': faults['engine-error'] as Fault,
  'errors in HTML': ({ res }) => void res.writeHead(500, { 'content-type': 'text/html' }).end('<h1>Error</h1>'),
  'no such route': refusal(404, 'Not Found'),
  'no such model': refusal(404, 'The model `m` does not exist.', { code: 'model_not_found' }),
  'another key': refusal(401, 'Unauthorized'),
  'no permission': refusal(403, 'Forbidden'),
  'a wrong method': refusal(405, 'Method Not Allowed'),
  'a 400 about the model': refusal(400, 'The model `m` does not exist.', { param: 'model' }),
  'a 400 about the route': refusal(400, 'Unknown endpoint: /v1/chat/completions'),
  'a 400 about credentials': refusal(400, 'Incorrect API key provided.'),
  'a redirect': ({ res }) => void res.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
  'no content': ({ res }) => void res.writeHead(204).end(),
  'another content type': ({ res }) => void res.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Hi</h1>'),
  'an empty answer': ({ res, request }) =>
    void res.writeHead(200, { 'content-type': request.stream ? 'text/event-stream' : 'application/json' }).end(),
  'half an answer': ({ res, seen }) =>
    void res.writeHead(200, { 'content-type': 'application/json' }).end(completion(seen.model).slice(0, 300)),
  'less than it announced': ({ res, socket, seen }) => {
    res.writeHead(200, { 'content-type': 'application/json', 'content-length': 5000 }).write(completion(seen.model))
    setTimeout(() => socket.end(), 20)
  },
  'an error in place of the answer': json(200, { error: { message: 'Out of memory', code: 500 } }),
  'an error event': stream(({ res, request }) =>
    request.stream
      ? void res.end('data: {"error":{"message":"no","code":500}}\n\n')
      : json(200, { object: 'error' })({ res } as never),
  ),
  'one body for a stream': ({ res, seen, request }) =>
    request.stream
      ? void res.writeHead(200, { 'content-type': 'application/json' }).end(completion(seen.model))
      : json(500, {})({ res } as never),
  'a stream for one body': (call) =>
    call.request.stream ? json(500, {})(call) : faults.ok?.({ ...call, request: { stream: true } }),
  silence: () => {},
  'silence after its headers': ({ res, request }) =>
    res.writeHead(200, { 'content-type': request.stream ? 'text/event-stream' : 'application/json' }).flushHeaders(),
  'silence before the first token': stream(() => {}),
  'an end before the first token': stream(({ res }) => void res.end()),
  'a reset before the first token': stream(({ socket }) => void socket.resetAndDestroy()),
  resets: ({ socket }) => void socket.resetAndDestroy(),
  'slow headers': async ({ socket }) => {
    for (const piece of 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-a: '.padEnd(200, 'a')) {
      if (socket.destroyed) return
      socket.write(piece)
      await pause(100)
    }
  },
  'another protocol': ({ socket }) => void socket.end('220 mail ESMTP\r\n'),
  'an encoding': ({ res, seen }) =>
    void res
      .writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
      .end(completion(seen.model)),
  'a head that breaks off': ({ socket }) => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-type: applica')
    setTimeout(() => socket.resetAndDestroy(), 20)
  },
  'TLS in place of HTTP': ({ socket }) => void socket.end(Buffer.from('15030300020246', 'hex')),
  'interim answers without end': async ({ socket }) => {
    while (!socket.destroyed) {
      socket.write('HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'.repeat(50))
      await pause(50)
    }
  },
  'more than it announced': ({ socket, seen }) =>
    void socket.end(
      `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 300\r\n\r\n${completion(seen.model)}`,
    ),
  'two lengths': ({ socket, seen }) =>
    void socket.end(
      `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 900\r\ncontent-length: 901\r\n\r\n${completion(seen.model)}`,
    ),
  'chunks that are none': ({ socket }) =>
    void socket.end(
      'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n-5\r\n{}\r\n0\r\n\r\n',
    ),
  'comments alone': ({ res, request }) =>
    request.stream
      ? void res.writeHead(200, { 'content-type': 'text/event-stream' }).end(': one\n\n: two\n\n')
      : json(500, {})({ res } as never),
  'comments without end': async ({ res, request, socket }) => {
    if (!request.stream) return json(500, {})({ res } as never)
    res.writeHead(200, { 'content-type': 'text/event-stream' })
    while (!socket.destroyed) {
      res.write(': still here\n\n')
      await pause(100)
    }
  },
  '[DONE] alone': ({ res, request }) =>
    request.stream
      ? void res.writeHead(200, { 'content-type': 'text/event-stream' }).end('data: [DONE]\n\n')
      : json(200, { choices: [] })({ res } as never),
  'an error as its first event': ({ res, request }) =>
    request.stream
      ? void res
          .writeHead(200, { 'content-type': 'text/event-stream' })
          .end('event: error\ndata: {"message":"no","code":500}\n\n')
      : json(200, null)({ res } as never),
  'half an event': stream(({ res }) => void res.end('data: {"choices":[{"index":0,"del')),
  'a cut in the middle of a stream': stream(async ({ res, socket, request }) => {
    if (!request.stream) return socket.destroy()
    for (const index of [1, 2]) res.write(chunk(`t${index}`, index))
    await pause(20)
    socket.destroy()
  }),
  'a list in place of an answer': json(200, []),
  'an answer of another route': ({ res, request }) =>
    request.stream
      ? void res
          .writeHead(200, { 'content-type': 'text/event-stream' })
          .end('data: {"object":"list","data":[]}\n\ndata: [DONE]\n\n')
      : json(200, { object: 'list', data: [] })({ res } as never),
  'a request time-out': refusal(408, 'Request Timeout'),
  'a conflict': refusal(409, 'Conflict'),
  'too early': refusal(425, 'Too Early'),
  'a bad gateway': refusal(502, 'Bad Gateway'),
  'a gateway time-out': refusal(504, 'Gateway Timeout'),
  'what is not implemented': refusal(501, 'Not Implemented'),
  'storage that is full': refusal(507, 'Insufficient Storage'),
  'a status that is none': ({ socket }) => void socket.end('HTTP/1.1 999 What\r\ncontent-length: 0\r\n\r\n'),
  'a pause without end': json(503, {}, { 'retry-after': '999999999' }),
  'a pause of less than nothing': json(429, {}, { 'retry-after': '-5' }),
  'a pause until a day that is past': json(503, {}, { 'retry-after': 'Wed, 21 Oct 2015 07:28:00 GMT' }),
  'a pause in words': json(429, {}, { 'retry-after': 'soon' }),
  'now this and now that': (call) => {
    const ways = [faults['busy-503'], faults['engine-error'], faults.refuse, faults.ok, faults['garbage-status']]
    return ways[call.engine.seen.length % ways.length]?.(call)
  },
}

const well: Fault = async (call) => {
  await pause(30)
  await faults.ok?.(call)
}

/** Whether a request is answered as its client wants it, within ten seconds. */
async function isAnswered(gateway: TestGateway, name: string, isStream: boolean): Promise<boolean> {
  try {
    const body = chat(name, { stream: isStream })
    const response = await gateway.post('/v1/chat/completions', body, {}, AbortSignal.timeout(10_000))
    const text = await response.text()
    return response.status === 200 && (isStream ? text.endsWith('data: [DONE]\n\n') : text.endsWith('"one":1.0}'))
  } catch {
    return false
  }
}

/** Twenty requests a second for this long; those that were not answered. */
async function lost(gateway: TestGateway, name: string, seconds: number): Promise<number[]> {
  const began = performance.now()
  const asked: Promise<boolean>[] = []
  for (let index = 0; index < seconds * 20; index += 1) {
    await pause(Math.max(0, began + index * 50 - performance.now()))
    asked.push(isAnswered(gateway, name, index % 2 === 0))
  }
  const answered = await Promise.all(asked)
  return answered.flatMap((one, index) => (one ? [] : [index / 20]))
}

describe('one endpoint that is well', (test) => {
  const names = Object.keys(bad)
  const seconds = 6
  const groups = Array.from({ length: Math.ceil(names.length / 8) }, (_, index) =>
    names.slice(index * 8, index * 8 + 8),
  )
  for (const group of groups)
    test(`answers for others that have ${group.join(', ')}`, async () => {
      const engines: FakeEngine[] = []
      const start = async (fault: Fault) => {
        const engine = await FakeEngine.start(fault)
        engines.push(engine)
        return engine.endpoint
      }
      const models = []
      for (const [index, name] of group.entries())
        for (const count of [2, 4]) {
          const fault = bad[name] as Fault
          const endpoints = [await start(well)]
          while (endpoints.length < count) endpoints.push(await start(fault))
          models.push(model(`m${index}-of-${count}`, endpoints))
        }
      const gateway = await startGateway(models, { config: { SLOW_START_SECONDS: 0.001 } })
      try {
        const results = await Promise.all(
          models.map(async ({ name }) => ({ name, lost: await lost(gateway, name, seconds) })),
        )
        for (const { name, lost: at } of results) {
          const where = `${group[Number(name[1])]}, ${name}: lost at ${at} s`
          // At the start nothing is known: with three of four bad, some requests meet two of those.
          assert.ok(at.length <= 7, where)
          assert.ok(at.filter((second) => second >= 2).length <= (seconds - 2) * 20 * 0.01, where)
        }
      } finally {
        await gateway.stop()
        for (const engine of engines) await engine.stop()
      }
    })
})

describe('an answer that passes as it is', (test) => {
  test('has a member by which it is known, on every route', () => {
    for (const { path, passes } of [...bodyRoutes, ...pathRoutes])
      if (passes?.apis.includes('openai')) assert.ok(memberOf[passes.path] !== undefined, path)
  })
})

// What a pod holds in memory: no request, and no tenant, can make it more than the budgets say.
import { connect, type Socket } from 'node:net'
import { assert, describe } from '../../test/spec.ts'
import { FakeEngine, textCompletion } from './fake-engine.ts'
import { chat, model, startGateway, type TestGateway, until } from './harness.ts'

const error = async (response: Response): Promise<string> => JSON.stringify(await response.json())

describe('memory', (test) => {
  let engine: FakeEngine
  let pieces: FakeEngine
  let gateway: TestGateway

  test.before(async () => {
    engine = await FakeEngine.start()
    // An answer in thousands of pieces.
    pieces = await FakeEngine.start(async ({ res, seen }) => {
      const body = textCompletion(seen.model).replace('"Hello."', `"${'x'.repeat(100_000)}"`)
      res.writeHead(200, { 'content-type': 'application/json' })
      for (let at = 0; at < body.length; at += 20) {
        res.write(body.slice(at, at + 20))
        if (at % 20_000 === 0) await new Promise((resolve) => setImmediate(resolve))
      }
      res.end()
    })
    const reader = { ...model('x', []).spec, maxOutput: 0 }
    gateway = await startGateway(
      [
        ...['ok', 'headers-first', 'big-completion'].map((name) => model(name, [engine.endpoint])),
        model('pieces', [pieces.endpoint]),
        model('embedder', [engine.endpoint], { task: 'feature-extraction', spec: reader }),
        model('reranker', [engine.endpoint], { task: 'text-ranking', spec: reader }),
      ],
      { config: { ANSWER_LIMIT: 25_000_000, ANSWER_BUDGET: 100_000_000 } },
    )
  })
  test.after(async () => {
    await gateway.stop()
    await engine.stop()
    await pieces.stop()
  })

  test('is not given to bodies that have more lists than any request needs', async () => {
    const seen = engine.seen.length
    const lists = (count: number) => `[${'[],'.repeat(count)}[]]`
    for (const [path, body] of [
      ['/v1/chat/completions', `{"model":"ok","messages":${lists(100_000)}}`],
      ['/models/org/ok', `{"inputs":"x","zzz":${lists(100_000)}}`],
      ['/models/org/ok/generate', `{"inputs":"x","a":${lists(60_000)},"b":${lists(60_000)}}`],
    ] as const) {
      const response = await gateway.post(path, body)
      assert.is(response.status, 400, path)
      assert.match(await error(response), 'more than 100000 lists and objects')
    }
    assert.is(engine.seen.length, seen)
  })

  test('is not given to bodies that are parsed and larger than Text Generation Inference takes', async () => {
    const text = 'x'.repeat(2_000_000)
    for (const [path, body] of [
      ['/models/org/ok', { inputs: text }],
      ['/models/org/ok/generate', { inputs: text }],
      ['/models/org/embedder', { inputs: text }],
      ['/models/org/embedder/embed', { inputs: text }],
      ['/v1/embeddings', { model: 'embedder', input: text }],
    ] as const) {
      const response = await gateway.post(path, body)
      assert.is(response.status, 413, path)
      assert.match(await error(response), 'larger than 2000000 bytes')
    }
    assert.is((await gateway.post('/v1/chat/completions', chat('ok', { user: text }))).status, 200)
  })

  test('is not given to lists of more texts than one call may have', async () => {
    const seen = engine.seen.length
    const texts = Array.from({ length: 2049 }, () => 'x')
    for (const [path, field, body] of [
      ['/v1/embeddings', 'input', { model: 'embedder', input: texts }],
      ['/v1/rerank', 'documents', { model: 'reranker', query: 'x', documents: texts }],
      ['/models/org/embedder', 'inputs', { inputs: texts }],
      ['/models/org/embedder', 'sentences', { inputs: { source_sentence: 'x', sentences: texts } }],
      ['/models/org/reranker', 'texts', { query: 'x', texts }],
    ] as const) {
      const response = await gateway.post(path, body)
      assert.ok(response.status === 400 || response.status === 422, `${path} ${response.status}`)
      assert.match(await error(response), `${field} must hold at most 2048 texts`)
    }
    assert.is(engine.seen.length, seen)
  })

  test('of a body that does not say its length is charged what came, while it streams too', async () => {
    const before = gateway.app.gateway.bodies.held
    const text = JSON.stringify(chat('ok', { stream: true }))
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(Buffer.from(text))
        controller.close()
      },
    })
    engine.fault = async ({ res }) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
      await until(() => gateway.app.gateway.bodies.held === before + text.length, 'the body is charged as it is')
      res.destroy()
    }
    const { bodies } = gateway.app.gateway
    const response = await fetch(`${gateway.url}/stream/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${gateway.token}`, 'content-type': 'application/json' },
      body,
      duplex: 'half',
    } as RequestInit)
    await response.text()
    engine.fault = undefined
    await until(() => bodies.held === before, 'it is given back')
  })

  test('of an answer in thousands of small pieces is that of its bytes', async () => {
    const response = await gateway.post('/models/org/pieces', { inputs: 'x' })
    assert.equal(await response.json(), [{ generated_text: 'x'.repeat(100_000) }])
    assert.is(gateway.app.gateway.answers.held, 0)
  })

  test('of answers that are held is refused to a tenant beyond its half, and others get theirs', async () => {
    const ask = (token: string): Socket => {
      const body = JSON.stringify({ inputs: 'x' })
      const head = `POST /stream/models/org/big-completion HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${token}\r\n`
      const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1').pause()
      socket.on('error', () => {})
      socket.write(`${head}content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`)
      return socket
    }
    const { answers } = gateway.app.gateway
    const slow = [ask(gateway.token), ask(gateway.token)]
    await until(() => answers.held >= 40_000_000, 'two answers are held for a client that does not read')
    const refused = await gateway.post('/models/org/big-completion', { inputs: 'x' })
    assert.is(refused.status, 429)
    assert.match(await error(refused), 'research is given too many large answers at once')
    assert.match(gateway.log(), 'quota_answer_bytes')
    assert.is((await gateway.post('/models/org/headers-first', { inputs: 'x' })).status, 200)
    const other = ask(await gateway.identity.token({ client_id: 'support' }))
    await until(() => answers.held >= 60_000_000, 'the other tenant gets its answer')
    for (const socket of [...slow, other]) socket.destroy()
    await until(() => answers.held === 0, 'all is given back')
    assert.is((await gateway.post('/models/org/big-completion', { inputs: 'x' })).status, 200)
  })
})

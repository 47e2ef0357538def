// The shapes of OpenAI’s Responses and Anthropic’s Messages: a real vLLM’s bytes, what is counted, how a stream ends and breaks
// off, and what is refused in words.
import { readFileSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import OpenAI, { APIError } from 'openai'
import { assert, describe } from '../../test/spec.ts'
import { FakeEngine, type Fault } from './fake-engine.ts'
import { apiKey, metricValue, model, startGateway, type TestGateway, until } from './harness.ts'

const sample = (file: string): string => readFileSync(new URL(`recorded/${file}`, import.meta.url), 'utf8')

/** In pieces that end anywhere; `cut` ends the connection after this many bytes. */
const replay =
  (file: string, pieceBytes: number, cut = Number.POSITIVE_INFINITY): Fault =>
  async ({ res, socket }) => {
    const bytes = Buffer.from(sample(file)).subarray(0, cut)
    res.writeHead(Number(file.split('.')[1]), {
      'content-type': file.endsWith('sse') ? 'text/event-stream; charset=utf-8' : 'application/json',
    })
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      res.write(bytes.subarray(at, at + pieceBytes))
      await nextTurn()
    }
    if (cut < Number.POSITIVE_INFINITY) socket.destroy()
    else res.end()
  }

interface Surface {
  path: string
  body: Record<string, unknown>
  whole: string
  stream: string
  /** The last event, which alone says that a stream is complete. */
  last: RegExp
  /** The event that ends a broken one. */
  broken(code: string): RegExp
}

const messages = [{ role: 'user', content: 'Tell me a story.' }]
const surfaces: readonly Surface[] = [
  {
    path: '/v1/responses',
    body: { input: 'Tell me a story.' },
    whole: 'responses.200.json',
    stream: 'responses-stream.200.sse',
    last: /\nevent: response\.completed\ndata: \{.*\}\n\n$/,
    broken: (code) =>
      new RegExp(`\n\nevent: error\ndata: \\{"type":"error","code":"${code}",.*"error":\\{.*\\}\\}\n\n$`),
  },
  {
    path: '/v1/messages',
    body: { messages, max_tokens: 12 },
    whole: 'messages.200.json',
    stream: 'messages-stream.200.sse',
    last: /\nevent: message_stop\ndata: \{"type":"message_stop"\}\n+$/,
    broken: () => /\n\nevent: error\ndata: \{"type":"error","error":\{"type":"api_error","message":"[^"]+"\}\}\n\n$/,
  },
]

describe('the surfaces beside chat', (test) => {
  let gateway: TestGateway
  const engine = new FakeEngine()
  const other = new FakeEngine()

  test.before(async () => {
    await Promise.all([engine.listen(), other.listen()])
    gateway = await startGateway([
      model('m', [engine.endpoint]),
      model('two', [engine.endpoint, other.endpoint]),
      model('vectors', [engine.endpoint], { api: 'tei', engine: 'tei', task: 'feature-extraction' }),
      model('of-tei', [engine.endpoint], { api: 'tei', engine: 'tei' }),
    ])
  })
  test.after(async () => {
    await gateway.stop()
    await Promise.all([engine.stop(), other.stop()])
  })

  const ask = async ({ path, body }: Pick<Surface, 'path' | 'body'>, more: object = {}, headers = {}) => {
    gateway.clearLog()
    const response = await gateway.post(`/stream${path}`, { model: 'm', ...body, ...more }, headers)
    const text = await response.text()
    await until(() => gateway.log().includes('"event"'), 'the log has its line')
    const line = JSON.parse(gateway.log().trim().split('\n').at(-1) ?? '') as Record<string, unknown>
    return { status: response.status, headers: response.headers, text, line }
  }

  for (const surface of surfaces) {
    const { path, whole, stream, last, broken } = surface

    test(`${path} answers vLLM’s bytes, and its tokens are counted`, async () => {
      for (const pieceBytes of [1e6, 97]) {
        engine.fault = replay(whole, pieceBytes)
        const { status, text, line } = await ask(surface)
        assert.equal([status, text], [200, sample(whole)])
        assert.equal([line.route, line.inputTokens, line.outputTokens, line.stream], [path, 7, 12, false])
        assert.is(engine.seen.at(-1)?.path, path)
        assert.is(JSON.parse(engine.seen.at(-1)?.body ?? '').model, 'm')
      }
    })

    test(`${path} streams vLLM’s events to their own end, and their tokens are counted`, async () => {
      for (const pieceBytes of [1e6, 97]) {
        engine.fault = replay(stream, pieceBytes)
        const { status, headers, text, line } = await ask(surface, { stream: true })
        assert.is(status, 200)
        assert.match(headers.get('content-type') ?? '', /^text\/event-stream/)
        assert.is(text.trimEnd(), sample(stream).trimEnd())
        assert.match(text, last)
        assert.not.match(text, /\[DONE\]/)
        assert.equal([line.inputTokens, line.outputTokens, line.outcome], [7, 6, 'ok'])
      }
    })

    test(`${path} ends a stream that breaks off with an error event of its own form`, async () => {
      const bytes = Buffer.from(sample(stream))
      engine.fault = replay(stream, 97, bytes.indexOf(' quiet') + 200)
      const { text, line } = await ask(surface, { stream: true })
      assert.match(text, /One/)
      assert.not.match(text, last)
      assert.match(text, broken('upstream_disconnected'))
      assert.equal([line.outcome, line.reason], ['error', 'upstream_disconnected'])
      // Its last event alone says that it is complete.
      engine.fault = ({ res }) => {
        res.writeHead(200, { 'content-type': 'text/event-stream' })
        res.end(sample(stream).slice(0, sample(stream).lastIndexOf('event: ')))
      }
      assert.match((await ask(surface, { stream: true })).text, broken('stream_truncated'))
    })

    test(`${path} is tried elsewhere while nothing of its answer is there`, async () => {
      const opening = sample(stream).indexOf('\n\n') + 2
      engine.fault = replay(stream, 1e6, opening)
      other.fault = replay(stream, 1e6)
      for (let round = 0; round < 4; round += 1) {
        const { status, text } = await ask(surface, { model: 'two', stream: true })
        assert.is(status, 200)
        assert.is(text.trimEnd(), sample(stream).trimEnd())
      }
    })

    test(`${path} ends the engine’s work when its client leaves`, async () => {
      engine.fault = async ({ res }) => {
        const text = sample(stream)
        res.writeHead(200, { 'content-type': 'text/event-stream' })
        res.write(text.slice(0, text.lastIndexOf('event: ')))
      }
      const abort = new AbortController()
      const body = { model: 'm', ...surface.body, stream: true }
      const response = await gateway.post(`/stream${path}`, body, {}, abort.signal)
      await response.body?.getReader().read()
      abort.abort()
      await until(() => (engine.seen.at(-1)?.closedAt ?? 0) > 0, 'the engine’s connection is closed')
    })

    test(`${path} knows the query, the path’s model and metrics as chat does`, async () => {
      engine.fault = replay(whole, 1e6)
      const before = metricValue(await gateway.metrics(), 'slipway_gateway_requests_total', { route: path })
      assert.is((await gateway.post(`/stream${path}?beta=true`, { model: 'm', ...surface.body })).status, 200)
      assert.is(engine.seen.at(-1)?.path, path)
      assert.is((await gateway.post(`/stream/models/m${path}`, surface.body)).status, 200)
      assert.is(JSON.parse(engine.seen.at(-1)?.body ?? '').model, 'm')
      const page = await gateway.metrics()
      assert.is(metricValue(page, 'slipway_gateway_requests_total', { route: path }), before + 1)
    })

    test(`${path} says in words that an engine has no such call, and that a model does something else`, async () => {
      const lacking = await ask(surface, { model: 'of-tei' })
      assert.is(lacking.status, 422)
      assert.match(lacking.text, `The engine of of-tei, tei, has no ${path}.`)
      const { status, text } = await ask(surface, { model: 'vectors' })
      assert.is(status, 422, text)
    })
  }

  test('/v1/responses keeps nothing, and says so to who asks for it', async () => {
    const [surface] = surfaces
    if (!surface) throw new Error('no surface')
    engine.fault = replay('responses.200.json', 1e6)
    const none = { store: false, background: false, previous_response_id: null, conversation: null, prompt: null }
    for (const fields of [{}, none, { store: null }]) assert.is((await ask(surface, fields)).status, 200)
    const asked = {
      store: true,
      background: true,
      previous_response_id: 'resp_1',
      conversation: 'conv_1',
      prompt: { id: 'pmpt_1' },
    }
    for (const [field, value] of Object.entries(asked)) {
      const seen = engine.seen.length
      const { status, text } = await ask(surface, { [field]: value })
      const { error } = JSON.parse(text) as { error: Record<string, unknown> }
      assert.equal([status, error.param], [400, field])
      assert.match(String(error.message), /nothing is kept between requests: \w/)
      assert.is(engine.seen.length, seen)
    }
  })

  test('/v1/responses answers OpenAI’s client: whole, parsed, as events and by its helper; it throws when a stream breaks off', async () => {
    const client = new OpenAI({ baseURL: `${gateway.url}/stream/v1`, apiKey: gateway.token, maxRetries: 0 })
    const input = { model: 'm', input: 'Tell me a story.' }
    const [surface] = surfaces
    if (!surface) throw new Error('no surface')
    engine.fault = replay(surface.whole, 1e6)
    for (const answer of [await client.responses.create(input), await client.responses.parse(input)]) {
      assert.match(answer.output_text, 'One quiet day Anna')
      assert.equal([answer.usage?.input_tokens, answer.usage?.output_tokens], [7, 12])
    }
    engine.fault = replay(surface.stream, 97)
    const types: string[] = []
    for await (const { type } of await client.responses.create({ ...input, stream: true })) types.push(type)
    assert.equal([types[0], types.at(-1)], ['response.created', 'response.completed'])
    const final = await client.responses.stream(input).finalResponse()
    assert.equal([final.output_text, final.usage?.output_tokens], ['One quiet day Anna went to', 6])
    engine.fault = replay(surface.stream, 97, Buffer.from(sample(surface.stream)).indexOf(' quiet') + 200)
    const thrown = await (async () => {
      for await (const _ of await client.responses.create({ ...input, stream: true }));
    })().catch((error: unknown) => error)
    assert.instance(thrown, APIError)
    assert.is((thrown as APIError).code, 'upstream_disconnected')
  })

  test('/v1/messages/count_tokens counts, and costs the prompt alone', async () => {
    engine.fault = replay('count-tokens.200.json', 1e6)
    const path = '/v1/messages/count_tokens'
    const long = [{ role: 'user', content: 'Tell me a story. '.repeat(5000) }]
    const used = async (asked: object[]) => {
      const { status, text, headers, line } = await ask({ path, body: { messages: asked } })
      assert.equal([status, text, line.route], [200, sample('count-tokens.200.json'), path])
      return Number(headers.get('x-ratelimit-limit-tokens')) - Number(headers.get('x-ratelimit-remaining-tokens'))
    }
    // Four bytes a token, less what the bucket gets back while a slow machine answers.
    assert.ok((await used(long)) >= 10_000)
  })

  test('an engine’s refusal has the shape of the surface', async () => {
    engine.fault = replay('error-messages-max-tokens.400.json', 1e6)
    const { status, text, headers } = await ask({ path: '/v1/messages', body: { messages, max_tokens: 1e5 } })
    const { type, error } = JSON.parse(text) as { type: string; error: { type: string; message: string } }
    assert.equal([status, type, error.type], [400, 'error', 'invalid_request_error'])
    assert.match(error.message, /max_model_len=256/)
    assert.is(headers.get('request-id'), headers.get('x-request-id'))
    engine.fault = replay('error-responses-max-tokens.400.json', 1e6)
    const refused = await ask({ path: '/v1/responses', body: { input: 'x' } })
    assert.is((JSON.parse(refused.text) as { error: { param: string } }).error.param, 'max_output_tokens')
  })

  test('fields that need permission need it here too', async () => {
    for (const surface of surfaces) {
      const { status, text } = await ask(surface, { kv_transfer_params: {} })
      assert.is(status, 400)
      assert.match(text, 'kv_transfer_params is not allowed')
    }
  })

  test('an API key may come as x-api-key; where both are sent Authorization decides, and two are none', async () => {
    engine.fault = replay('messages.200.json', 1e6)
    const body = JSON.stringify({ model: 'm', messages, max_tokens: 9 })
    const post = (headers: [string, string][]) =>
      fetch(`${gateway.url}/stream/v1/messages`, {
        method: 'POST',
        headers: [['content-type', 'application/json'], ['anthropic-version', '2023-06-01'], ...headers],
        body,
      })
    assert.is((await post([['x-api-key', apiKey]])).status, 200)
    assert.is((await post([['x-api-key', gateway.token]])).status, 200)
    assert.is((await post([])).status, 401)
    assert.is((await post([['x-api-key', 'wrong']])).status, 401)
    const both: [string, string][] = [
      ['x-api-key', apiKey],
      ['authorization', 'Bearer wrong'],
    ]
    assert.is((await post(both)).status, 401)
    const twice = await post([
      ['x-api-key', apiKey],
      ['x-api-key', apiKey],
    ])
    assert.is(twice.status, 401)
    assert.not.match(gateway.log(), new RegExp(apiKey.slice(-20)))
    assert.is(engine.seen.at(-1)?.headers['x-api-key'], undefined)
  })
})

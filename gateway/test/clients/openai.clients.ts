// openai-python against the gateway: it gets its own types, raises the right class for every failure, and repeats only
// what may be repeated.
import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { assert, describe } from '../../../test/spec.ts'
import { makeApiKey } from '../../auth/api-key-form.ts'
import { FakeEngine, faults } from '../fake-engine.ts'
import { vllm } from '../fake-servers.ts'
import { apiKey, metricValue, model, startGateway, type TestGateway, tenant, until } from '../harness.ts'
import { type Answer, PythonClient, pythonWithClients } from './python-client.ts'

const environment = await pythonWithClients()
const spentKey = makeApiKey('support')

/** Engines that fail as their model's name says. */
const failing = [
  'bad-request',
  'busy-503',
  'busy-event',
  'context-length',
  'cut-after-3',
  'cut-inside',
  'end-without-done',
  'end-without-finish',
  'engine-error',
  'error-event',
  'no-answer',
  'ok',
  'refuse',
  'slow-answer',
  'slow-stream',
  'tei-error',
]

interface Chunk {
  choices: { delta: { content?: string }; text?: string; finish_reason: string | null }[]
  usage?: { prompt_tokens: number; completion_tokens: number } | null
}

describe('openai-python', (test) => {
  if ('missing' in environment) {
    test.skip('every call', environment.missing)
    return
  }
  let python: PythonClient
  let engine: FakeEngine
  let server: FakeEngine
  let gateway: TestGateway

  test.before(async () => {
    python = new PythonClient(environment.python, 'openai-client.py')
    engine = await FakeEngine.start()
    server = await FakeEngine.start(vllm)
    const small = { ...model('x', []).spec, maxOutput: 0 }
    const models = [
      ...failing.map((name) => model(name, [engine.endpoint])),
      model('writer', [server.endpoint]),
      model('embedder', [server.endpoint], { task: 'feature-extraction', spec: small }),
      model('too-large', [], { unavailable: { reason: 'it needs a GPU' } }),
    ]
    const support = tenant('support', {
      apiKeys: [{ id: 'spent', sha256: hash('sha256', spentKey, 'hex'), expires: '2099-12-31', tokenBudget: 50 }],
    })
    gateway = await startGateway(models, {
      tenants: [tenant('research'), support],
      config: { BODY_LIMIT: 20_000, API_LANE_SECONDS: 1 },
    })
  })
  test.after(async () => {
    await python.stop()
    await gateway.stop()
    await engine.stop()
    await server.stop()
  })

  interface Options {
    lane?: '' | '/stream'
    client?: Record<string, unknown>
    closeAfter?: number
  }

  function call<Result = unknown>(
    method: string,
    input: Record<string, unknown>,
    { lane = '/stream', client, closeAfter }: Options = {},
  ): Promise<Answer<Result, Chunk>> {
    return python.ask<Result, Chunk>({
      client: { base_url: `${gateway.url}${lane}/v1`, api_key: gateway.token, max_retries: 0, ...client },
      call: method,
      arguments: input,
      ...(closeAfter !== undefined && { closeAfter }),
    })
  }

  const chat = (name: string, extra: Record<string, unknown> = {}, options?: Options) =>
    call<{ choices: { message: { content: string } }[]; usage: { total_tokens: number } }>(
      'chat.completions.create',
      { model: name, messages: [{ role: 'user', content: 'Hello' }], ...extra },
      options,
    )

  const textOf = (answer: Answer<unknown, Chunk>): string =>
    (answer.chunks ?? []).map(({ choices }) => choices[0]?.delta.content ?? '').join('')

  /** Requests that the gateway got during a call. */
  async function requestsDuring(work: () => Promise<unknown>): Promise<number> {
    gateway.clearLog()
    await work()
    await until(() => gateway.app.gateway.openCalls === 0, 'the call ends')
    return gateway.log().match(/"event":"(?:request|refused)"/g)?.length ?? 0
  }

  test('lists the tenant’s models, and finds one by its id with a slash', async () => {
    const { result } = await call<{ data: { id: string }[] }>('models.list', {})
    assert.ok(result?.data.some(({ id }) => id === 'writer'))
    const one = await call<{ id: string; object: string }>('models.retrieve', { model: 'org/writer' })
    assert.equal([one.result?.id, one.result?.object], ['writer', 'model'])
  })

  test('gets a chat answer, by API key too', async () => {
    const answer = await chat('ok', {}, { client: { api_key: apiKey } })
    assert.is(answer.result?.choices[0]?.message.content, 'Hello.')
    assert.is(answer.result?.usage.total_tokens, 100)
  })

  test('gets a chat stream without counts when it does not ask for them', async () => {
    const answer = await chat('ok', { stream: true })
    assert.is(answer.error, undefined)
    assert.is(textOf(answer), 't1t2t3t4t5')
    assert.ok(answer.chunks?.every(({ choices, usage }) => choices.length === 1 && usage === undefined))
  })

  test('gets a chat stream with counts when it asks for them', async () => {
    const answer = await chat('ok', { stream: true, stream_options: { include_usage: true } })
    assert.is(textOf(answer), 't1t2t3t4t5')
    const last = answer.chunks?.at(-1)
    assert.equal(last?.choices, [])
    assert.equal([last?.usage?.prompt_tokens, last?.usage?.completion_tokens], [30, 5])
  })

  test('completes a text, whole and as a stream', async () => {
    const input = { model: 'org/writer', prompt: 'Hi' }
    const whole = await call<{ choices: { text: string }[] }>('completions.create', input)
    assert.is(whole.result?.choices[0]?.text, ' Grüße from here.')
    const { chunks } = await call('completions.create', { ...input, stream: true })
    assert.is(chunks?.map(({ choices }) => choices[0]?.text ?? '').join(''), ' Grüße from here.')
  })

  test('gets embeddings, which it asks for as base64 unless asked otherwise', async () => {
    const input = { model: 'embedder', input: ['four', 'x'] }
    for (const extra of [{}, { encoding_format: 'float' }]) {
      const { result } = await call<{ data: { index: number; embedding: number[] }[] }>('embeddings.create', {
        ...input,
        ...extra,
      })
      const rows = result?.data.sort((a, b) => a.index - b.index).map(({ embedding }) => embedding)
      assert.equal(rows, [
        [4, 1, 2],
        [1, 1, 2],
      ])
      assert.is(server.seen.at(-1)?.body.includes('"base64"'), !('encoding_format' in extra))
    }
  })

  test('raises the class that belongs to each failure, with code and request id', async () => {
    const cases: [class_: string, status: number, code: string, ask: () => Promise<Answer<unknown, Chunk>>][] = [
      ['BadRequestError', 400, 'context_length_exceeded', () => chat('context-length')],
      ['BadRequestError', 400, 'context_length_exceeded', () => chat('context-length', { stream: true })],
      ['BadRequestError', 400, 'invalid_request', () => chat('bad-request')],
      ['AuthenticationError', 401, 'invalid_api_key', () => chat('ok', {}, { client: { api_key: 'nonsense' } })],
      ['AuthenticationError', 401, 'invalid_api_key', () => chat('ok', {}, { lane: '', client: { api_key: 'x.y.z' } })],
      ['NotFoundError', 404, 'model_not_found', () => chat('nobody')],
      ['NotFoundError', 404, 'model_not_found', () => call('models.retrieve', { model: 'org/nobody' })],
      ['NotFoundError', 404, 'not_found', () => call('moderations.create', { input: 'x' })],
      ['ConflictError', 409, 'model_unavailable', () => chat('too-large')],
      ['APIStatusError', 413, 'request_too_large', () => chat('ok', { user: 'x'.repeat(20_000) })],
      ['UnprocessableEntityError', 422, 'unsupported_task', () => chat('embedder')],
      ['RateLimitError', 429, 'model_overloaded', () => chat('busy-503')],
      ['RateLimitError', 429, 'model_overloaded', () => chat('busy-event', { stream: true })],
      ['InternalServerError', 502, 'upstream_error', () => chat('engine-error')],
      ['InternalServerError', 502, 'upstream_unreachable', () => chat('refuse')],
      ['InternalServerError', 504, 'gateway_timeout', () => chat('no-answer', {}, { lane: '' })],
    ]
    for (const [name, status, code, ask] of cases) {
      const { error } = await ask()
      assert.equal([error?.class, error?.status, error?.code], [name, status, code])
      assert.ok(error?.bases.includes('APIStatusError'))
      assert.match(error?.request_id ?? '', /^\S{8,}$/, code)
    }
  })

  test('gets responses: whole, parsed, as events and by its helper, and an error when one breaks off', async () => {
    const recorded = (file: string) => readFileSync(new URL(`../recorded/${file}`, import.meta.url), 'utf8')
    const events = recorded('responses-stream.200.sse')
    const text = 'One quiet day Anna went to'
    let end = events.length
    const responding = await FakeEngine.start(({ res, request, socket }) => {
      const type = request.stream === true ? 'text/event-stream' : 'application/json'
      res.writeHead(200, { 'content-type': type })
      if (request.stream !== true) res.end(recorded('responses.200.json'))
      else if (end === events.length) res.end(events)
      else {
        res.write(events.slice(0, end))
        setTimeout(() => socket.destroy(), 20)
      }
    })
    gateway.directory.setEndpoints('ok', [responding.endpoint])
    const input = { model: 'ok', input: 'Tell me a story.' }
    interface Response {
      output: { content: { text: string }[] }[]
      usage: { input_tokens: number; output_tokens: number }
    }
    for (const method of ['responses.create', 'responses.parse']) {
      const { result, error } = await call<Response>(method, input)
      assert.is(error, undefined, error?.message)
      assert.match(result?.output[0]?.content[0]?.text ?? '', 'One quiet day Anna')
      assert.equal([result?.usage.input_tokens, result?.usage.output_tokens], [7, 12])
    }
    const streamed = await call('responses.create', { ...input, stream: true })
    const [first, last] = [streamed.chunks?.[0], streamed.chunks?.at(-1)] as unknown as { type: string }[]
    assert.equal([first?.type, last?.type], ['response.created', 'response.completed'])
    const helped = await call<Response>('responses.stream', input)
    assert.is(helped.result?.output[0]?.content[0]?.text, text, helped.error?.message)
    const refused = await call('responses.create', { ...input, store: true })
    assert.equal([refused.error?.class, refused.error?.status], ['BadRequestError', 400])
    end = events.indexOf('event: response.output_text.done')
    const broken = await call('responses.create', { ...input, stream: true })
    assert.equal([broken.error?.class, broken.error?.code], ['APIError', 'upstream_disconnected'])
    gateway.directory.setEndpoints('ok', [engine.endpoint])
    await responding.stop()
  })

  test('raises PermissionDeniedError when it goes around the edge', async () => {
    const hidden = await startGateway([model('ok', [engine.endpoint])], { config: { ORIGIN_SECRET: 'edge-only' } })
    const base = { base_url: `${hidden.url}/v1`, api_key: hidden.token }
    const { error } = await chat('ok', {}, { client: base })
    assert.equal([error?.class, error?.status, error?.code], ['PermissionDeniedError', 403, 'forbidden'])
    await hidden.stop()
  })

  test('raises APIError when a stream is cut off or fails, after what had arrived', async () => {
    const cases: [name: string, arrived: string, code: string][] = [
      ['cut-after-3', 't1t2t3', 'upstream_disconnected'],
      ['cut-inside', 't1', 'upstream_disconnected'],
      ['end-without-finish', 't1t2', 'stream_truncated'],
      ['error-event', 't1', 'upstream_error'],
    ]
    for (const [name, arrived, code] of cases) {
      const answer = await chat(name, { stream: true }, { client: { max_retries: 2 } })
      assert.is(textOf(answer), arrived, name)
      assert.equal([answer.error?.class, answer.error?.code], ['APIError', code], name)
    }
    const whole = await chat('end-without-done', { stream: true })
    assert.equal([textOf(whole), whole.error], ['t1t2', undefined])
  })

  test('waits as long as it is asked to when the engine is full, then succeeds', async () => {
    let calls = 0
    const busyOnce = await FakeEngine.start((answering) => {
      calls += 1
      return (calls === 1 ? faults['busy-503'] : faults.ok)?.(answering)
    })
    gateway.directory.setEndpoints('busy-503', [busyOnce.endpoint])
    const answer = await chat('busy-503', {}, { client: { max_retries: 2 } })
    assert.is(answer.error, undefined)
    // Its own pause before a first repetition is at most half a second.
    assert.ok(answer.seconds >= 1 && answer.seconds < 7, `${answer.seconds} s`)
    assert.is(busyOnce.seen.length, 2)
    gateway.directory.setEndpoints('busy-503', [engine.endpoint])
    await busyOnce.stop()
  })

  test('repeats what may succeed later', async () => {
    const repeated = async () => metricValue(await gateway.metrics(), 'slipway_gateway_client_retries_total')
    const before = await repeated()
    const sent = await requestsDuring(() => chat('engine-error', {}, { client: { max_retries: 1 } }))
    assert.is(sent, 2)
    assert.is(await repeated(), before + 1)
  })

  test('repeats nothing that is marked as final, though its status would allow it', async () => {
    const client = { max_retries: 3 }
    const cases: [what: string, status: number, ask: () => Promise<Answer<unknown, Chunk>>][] = [
      ['conflict', 409, () => chat('too-large', {}, { client })],
      ['time limit of the lane', 504, () => chat('no-answer', {}, { lane: '', client })],
    ]
    for (const [what, status, ask] of cases) {
      let answer: Answer<unknown, Chunk> | undefined
      const sent = await requestsDuring(async () => {
        answer = await ask()
      })
      assert.equal([answer?.error?.status, sent], [status, 1], what)
    }
    await chat('ok', {}, { client: { api_key: spentKey } })
    const refused = await requestsDuring(async () => {
      const { error } = await chat('ok', {}, { client: { ...client, api_key: spentKey } })
      assert.equal([error?.class, error?.code], ['RateLimitError', 'insufficient_quota'])
    })
    assert.is(refused, 1)
  })

  test('frees the engine when it leaves a stream, or gives up waiting', async () => {
    const left = await chat('slow-stream', { stream: true }, { closeAfter: 2 })
    assert.is(left.chunks?.length, 2)
    await until(() => engine.running === 0, 'the engine stops', 500)
    const impatient = await chat('slow-answer', {}, { client: { timeout: 0.3 } })
    assert.is(impatient.error?.class, 'APITimeoutError')
    await until(() => engine.running === 0, 'the engine stops', 500)
    assert.ok((engine.seen.at(-1)?.closedAt ?? 0) > 0)
  })
})

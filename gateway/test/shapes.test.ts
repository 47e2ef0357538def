// Every status that a route of data may answer, on every such route and both lanes: the shape that the clients of the route read, and
// nothing of the inside.
import { assert, describe } from '../../test/spec.ts'
import type { Family } from '../request/received.ts'
import { bodyRoutes, pathRoutes, routeTemplate } from '../request/route-table.ts'
import { FakeEngine, type Fault } from './fake-engine.ts'
import { vllm } from './fake-servers.ts'
import { model, startGateway, type TestGateway, tenant } from './harness.ts'

interface Route {
  template: string
  family: Family
  /** What the route’s models do. */
  kind: 'generate' | 'embed'
  body(name: string): object
}

const route = (template: string, family: Family, kind: Route['kind'], body: (name: string) => object): Route => ({
  template,
  family,
  kind,
  body,
})

const messages = [{ role: 'user', content: 'x' }]
const ranked = { query: 'x', texts: ['y'] }

/** The contract, written out: the code under test has a table of its own. */
const routes: readonly Route[] = [
  route('/v1/chat/completions', 'openai', 'generate', (name) => ({ model: name, messages })),
  route('/v1/completions', 'openai', 'generate', (name) => ({ model: name, prompt: 'x' })),
  route('/v1/responses', 'openai', 'generate', (name) => ({ model: name, input: 'x' })),
  route('/v1/messages', 'anthropic', 'generate', (name) => ({ model: name, max_tokens: 9, messages })),
  route('/v1/messages/count_tokens', 'anthropic', 'generate', (name) => ({ model: name, messages })),
  route('/v1/embeddings', 'openai', 'embed', (name) => ({ model: name, input: 'x' })),
  route('/v1/rerank', 'openai', 'embed', (name) => ({ model: name, query: 'x', documents: ['y'] })),
  route('/v2/rerank', 'openai', 'embed', (name) => ({ model: name, query: 'x', documents: ['y'] })),
  route('/v1/score', 'openai', 'embed', (name) => ({ model: name, queries: 'x', documents: ['y'] })),
  route('/rerank', 'huggingface', 'embed', (name) => ({ model: name, ...ranked })),
  route('/models/{model}/v1/chat/completions', 'openai', 'generate', () => ({ model: 'dummy', messages })),
  route('/models/{model}/v1/completions', 'openai', 'generate', () => ({ prompt: 'x' })),
  route('/models/{model}/v1/responses', 'openai', 'generate', () => ({ input: 'x' })),
  route('/models/{model}/v1/messages', 'anthropic', 'generate', () => ({ max_tokens: 9, messages })),
  route('/models/{model}/v1/messages/count_tokens', 'anthropic', 'generate', () => ({ messages })),
  route('/models/{model}/v1/embeddings', 'openai', 'embed', () => ({ input: 'x' })),
  route('/models/{model}/v1/rerank', 'openai', 'embed', () => ({ query: 'x', documents: ['y'] })),
  route('/models/{model}/v2/rerank', 'openai', 'embed', () => ({ query: 'x', documents: ['y'] })),
  route('/models/{model}/v1/score', 'openai', 'embed', () => ({ text_1: 'x', text_2: 'y' })),
  route('/models/{model}', 'huggingface', 'generate', () => ({ inputs: 'x' })),
  route('/models/{model}/generate', 'huggingface', 'generate', () => ({ inputs: 'x' })),
  route('/models/{model}/generate_stream', 'huggingface', 'generate', () => ({ inputs: 'x' })),
  route('/models/{model}/embed', 'huggingface', 'embed', () => ({ inputs: 'x' })),
  route('/models/{model}/similarity', 'huggingface', 'embed', () => ({
    inputs: { source_sentence: 'x', sentences: ['y'] },
  })),
  route('/models/{model}/predict', 'huggingface', 'embed', () => ({ inputs: 'x' })),
  route('/models/{model}/rerank', 'huggingface', 'embed', () => ranked),
]

/** They pass to engines of OpenAI’s API alone. */
const tokenRoutes: readonly Route[] = [
  route('/tokenize', 'openai', 'generate', (name) => ({ model: name, prompt: 'x' })),
  route('/detokenize', 'openai', 'generate', (name) => ({ model: name, tokens: [1] })),
]

/** What each case expects: the same on every route. */
interface Case {
  sentence: string
  status: number
  /** `error.code` of OpenAI’s shape. */
  code: string
  /** `error.type` of OpenAI’s shape. */
  type: string
  /** `error_type` of Hugging Face’s: its client knows these words. */
  errorType: string
  /** Name of the model that is asked for; that of a generating one, `-embed` is added for the others. */
  name?: string
  /** In place of the route’s own body. */
  body?: string
  query?: string
  headers?: Record<string, string>
  as?: 'poor' | 'broken'
  /** Routes that know no such case. */
  except?: readonly string[]
}

const client = (status: number, code: string, errorType = 'validation') => ({
  status,
  code,
  type: 'invalid_request_error',
  errorType,
})
const server = (status: number, code: string, errorType = 'generation') => ({
  status,
  code,
  type: 'server_error',
  errorType,
})

const cases: readonly Case[] = [
  { sentence: 'a body that is no JSON', ...client(400, 'invalid_request'), body: '{' },
  {
    sentence: 'an engine that refuses',
    ...client(400, 'invalid_request'),
    type: 'BadRequestError',
    name: 'leaky-400',
  },
  {
    sentence: 'a token that is none',
    ...client(401, 'invalid_api_key', 'unauthorized'),
    type: 'authentication_error',
    headers: { authorization: 'Bearer nonsense' },
  },
  {
    sentence: 'a way past the edge',
    ...client(403, 'forbidden', 'forbidden'),
    type: 'permission_error',
    headers: { 'x-origin-verify': 'guessed' },
  },
  { sentence: 'a model that is not there', ...client(404, 'model_not_found', 'not_found'), name: 'nobody' },
  { sentence: 'a model that cannot run', ...client(409, 'model_unavailable'), name: 'gpu-only' },
  { sentence: 'a body that is too large', ...client(413, 'request_too_large'), body: ' '.repeat(5000) },
  {
    sentence: 'a URL that is too long',
    ...client(414, 'uri_too_long'),
    query: `?x=${'x'.repeat(3000)}`,
  },
  {
    sentence: 'a body of another type',
    ...client(415, 'unsupported_media_type'),
    headers: { 'content-type': 'text/plain' },
  },
  {
    sentence: 'a task that the route does not offer',
    ...client(422, 'unsupported_task'),
    name: 'other-task',
    except: ['/tokenize', '/detokenize'],
  },
  {
    sentence: 'a limit that is reached',
    ...client(429, 'rate_limit_exceeded', 'overloaded'),
    type: 'rate_limit_error',
    as: 'poor',
  },
  {
    sentence: 'an engine that is busy',
    ...client(429, 'model_overloaded', 'overloaded'),
    type: 'rate_limit_error',
    name: 'busy-503',
  },
  { sentence: 'a mistake of ours at the door', ...server(500, 'internal_error'), as: 'broken' },
  {
    sentence: 'a mistake of ours on the way',
    ...server(500, 'internal_error'),
    name: 'mistaken',
  },
  { sentence: 'an engine that fails', ...server(502, 'upstream_error'), name: 'engine-error' },
  { sentence: 'an engine that is gone', ...server(502, 'upstream_unreachable'), name: 'gone' },
  { sentence: 'an engine that breaks off', ...server(502, 'upstream_unreachable'), name: 'refuse' },
  { sentence: 'an engine that says nothing', ...server(504, 'upstream_timeout'), name: 'no-answer' },
  { sentence: 'a model that does not wake', ...server(504, 'model_starting'), name: 'asleep' },
]

/** As https://docs.anthropic.com/en/api/errors lists them. */
const anthropicTypes: Record<number, string> = {
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  504: 'timeout_error',
}

const secret = 'boom in /srv/gateway/secret.ts at 10.1.2.3:8000'
const inside =
  /boom|Traceback|node:internal|node_modules|\n\s+at |\b\d{1,3}(?:\.\d{1,3}){3}\b|localhost:|:\d{4,5}\b|\/(?:opt|etc|srv|usr|work|tmp|home)\/|\.(?:ts|js|py|pem)\b/

describe('the shape of an error', (test) => {
  const engines: FakeEngine[] = []
  let gateway: TestGateway

  const start = async (fault?: Fault | string) => {
    const engine = await FakeEngine.start(fault)
    engines.push(engine)
    return engine.endpoint
  }

  test.before(async () => {
    const { spec } = model('x', [])
    const quick = { ...spec, timeouts: { firstTokenSeconds: 1.5 } }
    const both = (
      name: string,
      ...[endpoints, changes = {}]: [Parameters<typeof model>[1], Parameters<typeof model>[2]?]
    ) => [
      model(name, endpoints, { spec: quick, ...changes }),
      model(`${name}-embed`, endpoints, {
        task: 'text-classification',
        ...changes,
        spec: { ...quick, ...changes.spec, maxOutput: 0 },
      }),
    ]
    const answering = await start(vllm)
    const gone = { address: '127.0.0.1', port: 1, ready: true }
    const named = ['leaky-400', 'busy-503', 'engine-error', 'refuse', 'no-answer']
    const failing = await Promise.all(named.map(async (name) => both(name, [await start(name)])))
    gateway = await startGateway(
      [
        ...both('ok', [answering]),
        ...failing.flat(),
        ...both('mistaken', [answering]),
        ...both('gone', [gone]),
        ...both('gpu-only', [], { unavailable: { reason: 'it needs a GPU' } }),
        ...both('asleep', [], { spec: { ...quick, minReplicas: 0 } }),
        model('other-task-embed', [answering], { task: 'automatic-speech-recognition', spec: quick }),
        model('other-task', [answering], { task: 'automatic-speech-recognition', spec: { ...quick, maxOutput: 0 } }),
      ],
      {
        config: {
          BODY_LIMIT: 4000,
          EMBEDDING_BODY_LIMIT: 4000,
          ORIGIN_SECRET: 'edge',
          ANSWER_SECONDS: 1.5,
          STREAM_HEADERS_SECONDS: 1.5,
          HOLD_SECONDS: 0.2,
          API_LANE_SECONDS: 4,
        },
        tenants: [
          tenant('research'),
          tenant('poor', { limits: { requestsPerMinute: 10, tokensPerMinute: 1_000_000, concurrency: 0 } }),
          tenant('broken'),
        ],
      },
    )
    const { quota, runtimes } = gateway.app.gateway
    const reserve = quota.reserve.bind(quota)
    quota.reserve = (request) => {
      if (request.tenant.name === 'broken') throw new Error(secret)
      return reserve(request)
    }
    for (const runtime of runtimes.all())
      if (runtime.entry.name.startsWith('mistaken'))
        runtime.acquire = () => {
          throw new Error(secret)
        }
  })
  test.after(async () => {
    await gateway.stop()
    for (const engine of engines) await engine.stop()
  })

  const ask = async (lane: string, { template, kind, body }: Route, one: Case): Promise<Response> => {
    const name = `${one.name ?? 'ok'}${kind === 'embed' ? '-embed' : ''}`
    const as = one.as && { authorization: `Bearer ${await gateway.identity.token({ client_id: one.as })}` }
    return gateway.post(lane + template.replace('{model}', name) + (one.query ?? ''), one.body ?? body(name), {
      'x-origin-verify': 'edge',
      ...as,
      ...one.headers,
    })
  }

  const check = async (lane: string, each: Route, one: Case): Promise<void> => {
    const where = `${one.status} of ${lane}${each.template}`
    const response = await ask(lane, each, one)
    const text = await response.text()
    assert.is(response.status, one.status, `${where}: ${response.status} ${text}`)
    assert.match(response.headers.get('content-type') ?? '', /^application\/json/, where)
    assert.match(response.headers.get('x-request-id') ?? '', /^[0-9a-f]{32}$/, where)
    assert.not.match(text, inside, `${where}: ${text}`)
    const value = JSON.parse(text) as Record<string, unknown>
    if (each.family === 'huggingface') {
      assert.equal(Object.keys(value).sort(), ['error', 'error_type'], `${where}: ${text}`)
      assert.is(typeof value.error, 'string', where)
      assert.is(value.error_type, one.errorType, `${where}: ${text}`)
      return
    }
    const error = value.error as Record<string, unknown>
    if (each.family === 'anthropic') {
      assert.equal([Object.keys(value), value.type], [['type', 'error'], 'error'], `${where}: ${text}`)
      assert.equal(Object.keys(error), ['type', 'message'], `${where}: ${text}`)
      assert.is(
        error.type,
        anthropicTypes[one.status] ?? (one.status < 500 ? 'invalid_request_error' : 'api_error'),
        where,
      )
      assert.ok(typeof error.message === 'string' && error.message !== '', where)
      assert.is(response.headers.get('request-id'), response.headers.get('x-request-id'), where)
      return
    }
    assert.equal(Object.keys(value), ['error'], `${where}: ${text}`)
    assert.equal(Object.keys(error).sort(), ['code', 'message', 'param', 'type'], `${where}: ${text}`)
    assert.equal([error.code, error.type], [one.code, one.type], where)
    assert.ok(typeof error.message === 'string' && error.message !== '', where)
    assert.ok(error.param === null || typeof error.param === 'string', where)
  }

  test('is named for every route of data', () => {
    assert.equal(
      routes.map(({ template }) => template).sort(),
      // Forms have a test of their own.
      [...bodyRoutes.filter(({ form }) => !form), ...pathRoutes].map(routeTemplate).sort(),
    )
  })

  test('is not asked of requests that were wrong from the beginning: each route serves its own', async () => {
    const nothing = { sentence: '', status: 200, code: '', type: '', errorType: '' }
    for (const lane of ['', '/stream'])
      for (const each of [...routes, ...tokenRoutes]) {
        const response = await ask(lane, each, nothing)
        const text = await response.text()
        assert.is(response.status, 200, `${lane}${each.template}: ${text}`)
      }
  })

  test('has nothing to say of the examples in the OpenAPI document: each route answers its own', async () => {
    const document = (await (
      await fetch(`${gateway.url}/openapi.json`, { headers: { 'x-origin-verify': 'edge' } })
    ).json()) as {
      paths: Record<
        string,
        { post?: { requestBody?: { content: Record<string, { example?: object; schema: { required: string[] } }> } } }
      >
    }
    const ids = JSON.stringify(document).match(/"operationId":"[^"]*"/g) ?? []
    assert.is(new Set(ids).size, ids.length)
    for (const each of routes) {
      const { example, schema } = document.paths[each.template]?.post?.requestBody?.content['application/json'] ?? {}
      assert.ok(example, each.template)
      assert.equal(
        (schema?.required ?? ['none']).filter((name) => !(name in (example ?? {}))),
        [],
      )
      const name = each.kind === 'embed' ? 'ok-embed' : 'ok'
      const body = 'model' in (example ?? {}) ? { ...example, model: name } : example
      const response = await gateway.post(`/stream${each.template.replace('{model}', name)}`, body, {
        'x-origin-verify': 'edge',
      })
      assert.is(response.status, 200, `${each.template}: ${await response.text()}`)
    }
  })

  for (const one of cases)
    test(`after ${one.sentence} is that of the route, with ${one.status}`, async () => {
      const asked = [...routes, ...tokenRoutes].filter(({ template }) => !one.except?.includes(template))
      await Promise.all(['', '/stream'].flatMap((lane) => asked.map((each) => check(lane, each, one))))
    })

  test('of a path that is no route is OpenAI’s, and Hugging Face’s below /models', async () => {
    for (const lane of ['', '/stream']) {
      const nowhere = route('/nowhere', 'openai', 'generate', () => ({}))
      const code = 'not_found'
      await check(lane, nowhere, { sentence: '', ...client(404, code, code) })
      const below = route('/models/{model}/nothing', 'huggingface', 'generate', () => ({}))
      await check(lane, below, { sentence: '', ...client(404, 'model_not_found', code) })
    }
  })
})

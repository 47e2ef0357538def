// Requests that end before they become a call: what the client hears, and who can see that it happened.
import { assert, describe } from '../../test/spec.ts'
import { keyReporter } from '../auth/key-reporter.ts'
import { statusFailure } from '../call/failure.ts'
import { readConfig } from '../read-config.ts'
import { AccessLog, makeLog } from '../telemetry/access-log.ts'
import { onSocket } from './bare-socket.ts'
import { FakeEngine } from './fake-engine.ts'
import { chat, metricValue, model, startGateway, tenant } from './harness.ts'

describe('a refusal', (test) => {
  let engine: FakeEngine
  let gateway: Awaited<ReturnType<typeof startGateway>>

  const lastLine = () => JSON.parse(gateway.log().trim().split('\n').at(-1) ?? '{}') as Record<string, unknown>
  const counted = async (labels: string) =>
    metricValue(await gateway.metrics(), `slipway_gateway_refusals_total{${labels}}`)

  test.before(async () => {
    engine = await FakeEngine.start()
    gateway = await startGateway([model('ok', [engine.endpoint])], {
      tenants: [tenant('research'), { ...tenant('support'), models: [] }],
      config: { ORIGIN_SECRET: '' },
    })
  })
  test.after(async () => {
    await gateway.stop()
    await engine.stop()
  })

  test('is logged and counted with tenant and model where they are known', async () => {
    const refused = await gateway.post('/v1/embeddings', { model: 'ok', input: 'x' })
    assert.is(refused.status, 422)
    const { event, route, status, reason, tenant: caller, model: which } = lastLine()
    assert.equal(
      [event, route, status, reason, caller, which],
      ['refused', '/v1/embeddings', 422, 'unsupported_task', 'research', 'ok'],
    )
    assert.is(
      await counted('model="ok",tenant="research",route="/v1/embeddings",status="422",reason="unsupported_task"'),
      1,
    )
  })

  test('of a token has no tenant, and that of a model no name that a client made up', async () => {
    await gateway.post('/v1/chat/completions', chat('ok'), { authorization: 'Bearer nonsense' })
    assert.equal([lastLine().tenant, lastLine().model, lastLine().status], [undefined, undefined, 401])
    await gateway.post('/v1/chat/completions', chat('invented-by-a-client'))
    assert.equal([lastLine().tenant, lastLine().model, lastLine().reason], ['research', undefined, 'model_not_found'])
    assert.not.match(gateway.log(), 'invented-by-a-client')
  })

  test('meets every way to the privileged fields, and a value that would be long to read', async () => {
    const seen = engine.seen.length
    for (const [field, body] of [
      ['prompt_logprobs', { prompt: 'x', prompt_logprobs: 1 }],
      ['echo', { prompt: 'x', echo: true, logprobs: 1 }],
      ['echo', { prompt: 'x', echo: true, logprobs: true, top_logprobs: 3 }],
      ['kv_transfer_params', { prompt: 'x', kv_transfer_params: {} }],
      ['ec_transfer_params', { prompt: 'x', ec_transfer_params: {} }],
      ['logprob_token_ids', { prompt: 'x', logprobs: 1, logprob_token_ids: [1] }],
      ['logprobs', { prompt: 'x', logprobs: '5' }],
      ['logprobs', { prompt: 'x', logprobs: 21 }],
      ['n', { prompt: 'x', n: Array.from({ length: 5000 }, () => []) }],
      ['model', { prompt: 'x', model: 'x'.repeat(10_000) }],
    ] as const) {
      const response = await gateway.post('/v1/completions', { model: 'ok', ...body })
      const { error } = (await response.json()) as { error: { param: string } }
      assert.equal([response.status, error.param], [400, field], JSON.stringify(body).slice(0, 80))
    }
    assert.is(engine.seen.length, seen)
    for (const body of [{ echo: true }, { echo: false, logprobs: 5 }, { logprobs: null }, { top_logprobs: 20 }])
      assert.is((await gateway.post('/v1/completions', { model: 'ok', prompt: 'x', ...body })).status, 200)
  })

  test('of an unknown path is logged and counted under one route, whatever the path', async () => {
    for (const path of ['/wp-login.php', '/.env', '/v1/nothing']) {
      const response = await gateway.get(path)
      assert.is(response.status, 404)
      assert.equal([lastLine().route, lastLine().reason], ['_unknown', 'not_found'])
    }
    assert.is(await counted('model="",tenant="",route="_unknown",status="404",reason="not_found"'), 3)
    assert.not.match(gateway.log(), 'wp-login')
  })

  for (const [sentence, request, status, code] of [
    ['of a request without Host', 'GET /v1/models HTTP/1.1\r\n\r\n', 400, 'malformed_request'],
    ['of a request with two Hosts', 'GET /v1/models HTTP/1.1\r\nhost: x\r\nHost: y\r\n\r\n', 400, 'malformed_request'],
    ['of what is no HTTP', 'HELLO\r\n\r\n', 400, 'malformed_request'],
    [
      'of an expectation',
      'POST /v1/models HTTP/1.1\r\nhost: x\r\nexpect: a-miracle\r\n\r\n',
      417,
      'expectation_failed',
    ],
    ['of a URL that is none', 'GET /v1/%zz HTTP/1.1\r\nhost: x\r\n\r\n', 404, 'not_found'],
    ['of too many headers', `GET / HTTP/1.1\r\nhost: x\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`, 431, 'headers_too_large'],
  ] as const)
    test(`${sentence} is JSON with a request id and the security headers, counted and logged`, async () => {
      const refusals = async () =>
        metricValue(await gateway.metrics(), 'slipway_gateway_refusals_total', { status: String(status), reason: code })
      const before = await refusals()
      const { text } = await onSocket(gateway.url, [request])
      const [head = '', body = ''] = text.split('\r\n\r\n')
      assert.match(head, new RegExp(`^HTTP/1\\.1 ${status} `))
      assert.match(head, /^x-request-id: [\w-]{1,64}\r?$/im)
      assert.match(head, /^x-content-type-options: nosniff\r?$/im)
      assert.is((JSON.parse(body) as { error: { code: string } }).error.code, code)
      assert.equal([lastLine().requestId, lastLine().reason], [/x-request-id: (\S+)/i.exec(head)?.[1], code])
      assert.is(await refusals(), before + 1)
    })

  test('of a broken URL below /models has Hugging Face’s shape', async () => {
    const { text } = await onSocket(gateway.url, ['GET /models/%zz HTTP/1.1\r\nhost: x\r\n\r\n'])
    const { error, error_type } = JSON.parse(text.split('\r\n\r\n')[1] ?? '') as Record<string, unknown>
    assert.equal([typeof error, error_type], ['string', 'not_found'])
  })

  test('and every answer says that it depends on the page that asks', async () => {
    for (const response of [
      await gateway.get('/openapi.json'),
      await gateway.get('/v1/models'),
      await gateway.get('/x'),
    ])
      assert.match(response.headers.get('vary') ?? '', /Origin/)
  })
})

describe('the canary', (test) => {
  test('is answered without credentials, refused with bad ones, and may say hardly anything', async () => {
    const gateway = await startGateway([], {})
    try {
      const ask = async (headers: Record<string, string>, body = '{}', path = '/canary') =>
        (
          await fetch(`${gateway.url}${path}`, {
            method: 'POST',
            headers: { 'content-type': 'application/json', ...headers },
            body,
          })
        ).status
      const good = { authorization: `Bearer ${gateway.token}` }
      assert.equal([await ask({}), await ask(good), await ask(good, '{}', '/stream/canary')], [204, 204, 204])
      assert.equal([await ask({ authorization: 'Bearer a.b.c' }), await ask({ authorization: '' })], [401, 401])
      assert.is(await ask({}, `"${'x'.repeat(2000)}"`), 413)
    } finally {
      await gateway.stop()
    }
  })
})

describe('the secret of the edge', (test) => {
  test('is asked for before a preflight is answered', async () => {
    const gateway = await startGateway([], { config: { ORIGIN_SECRET: 'right', DOMAIN: 'models.example.com' } })
    try {
      const ask = (headers: Record<string, string>) =>
        fetch(`${gateway.url}/v1/models`, {
          method: 'OPTIONS',
          headers: { origin: 'https://models.example.com', ...headers },
        })
      const stranger = await ask({})
      assert.equal([stranger.status, stranger.headers.get('access-control-allow-methods')], [403, null])
      const edge = await ask({ 'x-origin-verify': 'right' })
      assert.is(edge.status, 204)
      assert.match(edge.headers.get('access-control-allow-methods') ?? '', 'POST')
    } finally {
      await gateway.stop()
    }
  })
})

describe('a client that speaks out of turn', (test) => {
  test('never finds one answer within another, and may name nothing but a path', async () => {
    const engine = await FakeEngine.start()
    const gateway = await startGateway([model('slow-stream', [engine.endpoint])], { config: { ORIGIN_SECRET: '' } })
    const body = JSON.stringify(chat('slow-stream', { stream: true }))
    const head = `POST /stream/v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${gateway.token}\r\n`
    const request = `${head}content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`
    const { text } = await onSocket(gateway.url, [request, 'GARBAGE\r\n\r\n'], 200)
    assert.match(text, '"content":"t1"')
    assert.is(text.match(/HTTP\/1\.1/g)?.length, 1)
    const absolute = await onSocket(gateway.url, [request.replace('POST /', 'POST http://x/')])
    assert.match(absolute.text, /^HTTP\/1\.1 400 .*The request target must be a path/s)
    await gateway.stop()
    await engine.stop()
  })

  test('is not given leave to call from another origin by what it writes elsewhere', async () => {
    const gateway = await startGateway([], { config: { ORIGIN_SECRET: '', CORS_ORIGINS: '' } })
    for (const headers of [
      { origin: 'https://evil.example', 'x-request-id': 'access-control-allow-origin' },
      { origin: '', 'x-request-id': 'a' },
    ]) {
      const answer = await fetch(`${gateway.url}/v1/models`, { method: 'OPTIONS', headers })
      assert.is(answer.status, 204)
      assert.is(answer.headers.get('access-control-allow-methods'), null)
      assert.is(answer.headers.get('access-control-allow-origin'), null)
    }
    await gateway.stop()
  })
})

describe('after the drain', (test) => {
  test('a request on an open connection gets 502 with Retry-After, and no engine is asked', async () => {
    const engine = await FakeEngine.start()
    const gateway = await startGateway([model('ok', [engine.endpoint])])
    try {
      await gateway.app.gateway.drain(0)
      const seen = engine.seen.length
      const response = await gateway.post('/v1/chat/completions', chat('ok'))
      assert.equal([response.status, response.headers.get('retry-after')], [502, '1'])
      assert.match(await response.text(), '"code":"gateway_shutting_down"')
      assert.is(engine.seen.length, seen)
    } finally {
      await gateway.stop()
      await engine.stop()
    }
  })
})

describe('an engine’s message', (test) => {
  const shown = (message: string, param?: string): { message: string; param: string | null } => {
    const { error } = statusFailure('m', 400, Buffer.from(JSON.stringify({ error: { message, param } })))
    return { message: error.message, param: error.param }
  }
  for (const [inside, outside] of [
    ['cannot reach 10.1.2.3:8000 now', 'cannot reach (address) now'],
    ['cannot reach [fd00:1234::12]:8000 now', 'cannot reach (address) now'],
    ['bound to fe80:0:0:0:1:2:3:4', 'bound to (address)'],
    ['at gpt2.models.svc.cluster.local:8000', 'at (address)'],
    ['host ip-10-0-1-2.ec2.internal', 'host (address)'],
    ['http://169.254.169.254/latest/meta-data failed', '(address) failed'],
    ['no file in /models', 'no file in (path)'],
    ['no file in /usr/lib/python3/site-packages/vllm/engine.py', 'no file in (path)'],
    ['cannot open C:\\models\\x.bin', 'cannot open (path)'],
    [
      'std::bad_alloc and/or input/output at 12:30:45, 3::tuple',
      'std::bad_alloc and/or input/output at 12:30:45, 3::tuple',
    ],
    ["'max_tokens' must be at least 1, got -1.", "'max_tokens' must be at least 1, got -1."],
  ] as const)
    test(`"${inside}" is shown as "${outside}"`, () => assert.is(shown(inside).message, outside))

  test('is cleaned in its param too', () => assert.is(shown('wrong', '/models/x/config.json').param, '(path)'))
})

describe('a 400 of an engine', (test) => {
  const refusal = (message: string, more: Record<string, unknown> = {}) =>
    statusFailure('m', 400, Buffer.from(JSON.stringify({ error: { message, type: 'BadRequestError', ...more } })))

  test('that is about the request is its client’s, and nobody else is asked', () => {
    for (const message of [
      'temperature must be non-negative, got -1.0. (parameter=temperature, value=-1.0)',
      "This model's maximum context length is 256 tokens. However, your prompt contains at least 257 input tokens.",
      'The model does not support image inputs.',
      'Input validation error: `inputs` must have less than 512 tokens. Given: 600',
      "[{'type': 'missing', 'loc': ('body', 'messages'), 'msg': 'Field required'}]",
      'tool_choice "auto" needs a parser, which was not given at the start.',
      'Your request was rejected as a result of our safety system.',
      'Invalid token id: 99999999',
    ])
      assert.equal([refusal(message).retryable, refusal(message).endpointFault], [false, false], message)
  })

  test('that speaks of the model, the route or credentials is its endpoint’s, and another is asked', () => {
    for (const [message, more] of [
      ['The model `m` does not exist.', {}],
      ['Model m not found', { code: 'model_not_found' }],
      ['No.', { param: 'model' }],
      ['model "m" is not loaded', {}],
      ['Unknown endpoint: /v1/chat/completions', {}],
      ['Route POST:/v1/chat/completions not found', {}],
      ['Invalid URL (POST /v1/chat/completions)', {}],
      ['Incorrect API key provided: sk-1234.', {}],
      ['Could not validate credentials', {}],
      ['No.', { code: 'invalid_api_key' }],
    ] as const)
      assert.equal([refusal(message, more).retryable, refusal(message, more).endpointFault], [true, true], message)
  })
})

describe('an engine with another model', (test) => {
  test('is named as such, and not as one that failed', () => {
    const failure = (text: string) => statusFailure('m', 404, Buffer.from(JSON.stringify({ error: { message: text } })))
    const { error, retryable, endpointFault } = failure('The model `m` does not exist.')
    assert.equal([error.status, error.code, error.reason], [502, 'model_not_served', 'other_model'])
    assert.equal([retryable, endpointFault], [true, true])
    assert.is(failure('Not Found').error.code, 'upstream_error')
  })
})

describe('an engine that is busy', (test) => {
  test('says for how long in seconds or as a date, and is believed for a minute at most', () => {
    const busyMs = (retryAfter?: string) => statusFailure('m', 503, Buffer.from(''), retryAfter).busyMs ?? 0
    assert.is(busyMs(), 1000)
    assert.is(busyMs('7'), 7000)
    assert.is(busyMs('0'), 0)
    assert.is(busyMs('soon'), 1000)
    assert.is(busyMs('86400'), 60_000)
    const date = busyMs(new Date(Date.now() + 5000).toUTCString())
    assert.ok(date > 3000 && date <= 5000, `${date}`)
  })
})

describe('settings', (test) => {
  const problems = (env: Record<string, string>) =>
    readConfig(env).problems.map(({ name, message }) => `${name}: ${message}`)
  const issuer = { issuer: 'https://a', audiences: ['x'], jwksUri: 'https://a/jwks', scopes: ['s'] }

  test('that contradict each other are refused', () => {
    assert.equal(problems({ HEADERS_RECEIVE_SECONDS: '10', REQUEST_RECEIVE_SECONDS: '3', EJECT_MAX_SECONDS: '1' }), [
      'REQUEST_RECEIVE_SECONDS: 3: must be at least HEADERS_RECEIVE_SECONDS, which is 10',
      'EJECT_MAX_SECONDS: 1: must be at least EJECT_SECONDS, which is 5',
    ])
  })

  test('that name no collector and no origin are refused', () => {
    const names = (env: Record<string, string>) => readConfig(env).problems.map(({ name }) => name)
    for (const endpoint of ['foo', 'collector:4318', 'http://', 'http://collector:4318/v1/traces'])
      assert.equal(names({ OTLP_ENDPOINT: endpoint }), ['OTLP_ENDPOINT'], endpoint)
    assert.equal(
      names({ OTLP_ENDPOINT: 'http://collector:4318', CORS_ORIGINS: 'https://a.example, https://b.example:8443' }),
      [],
    )
    for (const origins of ['*', 'a.example', 'https://a.example/', 'https://a.example,'])
      assert.equal(names({ CORS_ORIGINS: origins }), ['CORS_ORIGINS'], origins)
    const [secret] = problems({ ORIGIN_SECRET: 'half\nwhole' })
    assert.match(secret ?? '', /^ORIGIN_SECRET: not of the form: Value that the edge sends/)
    assert.not.match(secret ?? '', 'half')
  })

  test('with an issuer twice are refused', () => {
    assert.equal(problems({ OIDC_ISSUERS: JSON.stringify([issuer, issuer]) }), [
      'OIDC_ISSUERS: https://a is given twice',
    ])
  })
})

describe('keys that cannot be read', (test) => {
  test('are reported at once, then every ten minutes, and when they can be read again', () => {
    let now = 0
    const reported: string[] = []
    const reporter = keyReporter(
      'https://a',
      (event, _, problem) => reported.push(`${event} ${problem ?? ''}`.trim()),
      () => now,
    )
    reporter.onRead()
    for (const minute of [0, 1, 9, 11, 12]) {
      now = minute * 60_000
      reporter.onFailure(new Error(`at ${minute}`))
    }
    reporter.onRead()
    reporter.onRead()
    assert.equal(reported, ['jwks_failed at 0', 'jwks_failed at 11', 'jwks_read_again'])
  })
})

describe('a line of the access log', (test) => {
  const asked = {
    received: { id: 'r', traceId: 't', lane: 'api' },
    identity: { tenant: { name: 'research' } },
    request: { entry: { name: 'm"' }, route: '/v1/x', stream: false, body: Buffer.from('{}') },
  }
  const record = {
    status: 200,
    outcome: 'complete',
    reason: '',
    attempts: 1,
    endpoint: '',
    startedAt: 1,
    firstByteAt: 0,
    endedAt: 2.3456,
    answerBytes: 3,
  }
  const written = (level: string, audit: boolean): string[] => {
    const lines: string[] = []
    const log = new AccessLog(makeLog(level, { write: (line: string) => void lines.push(line) }), audit)
    log.ended(asked as never, record as never)
    log.refused({ requestId: 'r', route: '/x', status: 404, reason: 'not_found', tenant: undefined, model: undefined })
    return lines
  }

  test('is JSON, whatever is in a name, and leaves out what is not known', () => {
    const [line = ''] = written('info', true)
    const { time, ...rest } = JSON.parse(line) as Record<string, unknown>
    assert.match(String(time), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
    assert.equal(rest, {
      level: 'info',
      event: 'request',
      requestId: 'r',
      traceId: 't',
      tenant: 'research',
      model: 'm"',
      route: '/v1/x',
      lane: 'api',
      stream: false,
      status: 200,
      outcome: 'complete',
      attempts: 1,
      durationMs: 1.35,
      bodyBytes: 2,
      answerBytes: 3,
      audit: true,
    })
    assert.ok(line.endsWith('}\n'))
  })

  test('of an audit is written whatever the level; others follow it', () => {
    const events = (lines: string[]) => lines.map((line) => (JSON.parse(line) as { event: string }).event)
    assert.equal(events(written('warn', true)), ['request'])
    assert.equal(events(written('warn', false)), [])
    assert.equal(events(written('info', false)), ['request', 'refused'])
  })
})

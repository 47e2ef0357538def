// What may come in, what goes on to an engine, and what comes back: bytes, headers, errors.
import { hash } from 'node:crypto'
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { connect } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { assert, describe } from '../../test/spec.ts'
import { makeApiKey } from '../auth/api-key-form.ts'
import type { Tenant } from '../discovery/directory.ts'
import { metricNames } from '../metric-names.ts'
import { onSocket } from './bare-socket.ts'
import { completion, FakeEngine, faults } from './fake-engine.ts'
import { apiKey, chat, metricValue, model, startGateway, type TestGateway, tenant, until } from './harness.ts'

interface Raw {
  status: number
  headers: IncomingHttpHeaders
  body: string
}

/** A request whose path and headers are sent as they are. */
function raw(
  url: string,
  path: string,
  method = 'GET',
  headers: Record<string, string | string[]> = {},
  body = '',
): Promise<Raw> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url)
    const req = httpRequest({ hostname, port, path, method, headers, agent: false }, async (res) => {
      const parts: Buffer[] = []
      for await (const part of res) parts.push(part as Buffer)
      resolve({ status: res.statusCode ?? 0, headers: res.headers, body: Buffer.concat(parts).toString('utf8') })
    })
    req.on('error', reject)
    req.end(body)
  })
}

describe('a request', (test) => {
  let engine: FakeEngine
  let other: FakeEngine
  let tei: FakeEngine
  let gateway: TestGateway

  test.before(async () => {
    engine = await FakeEngine.start()
    other = await FakeEngine.start()
    tei = await FakeEngine.start('tei-error')
    gateway = await startGateway(
      [
        model('ok', [engine.endpoint], { aliases: ['friend'] }),
        model('m', [engine.endpoint], { modelId: 'org/m' }),
        model('tokens', [engine.endpoint]),
        model('secret', [other.endpoint], { tenants: ['support'] }),
        model('asleep', [], { spec: { ...model('x', []).spec, minReplicas: 0 } }),
        model('down', []),
        model('gpu-only', [], { unavailable: { reason: 'it needs a GPU' } }),
        model('embedder', [tei.endpoint], {
          task: 'feature-extraction',
          api: 'tei',
          engine: 'tei',
          spec: { ...model('x', []).spec, maxOutput: 0 },
        }),
      ],
      {
        config: {
          BODY_LIMIT: 100_000,
          EMBEDDING_BODY_LIMIT: 10_000,
          HEADERS_RECEIVE_SECONDS: 0.4,
          REQUEST_RECEIVE_SECONDS: 0.8,
          CORS_ORIGINS: 'https://app.example.com',
        },
        tenants: [tenant('research'), tenant('support'), tenant('clerk', { models: ['ok'] })],
      },
    )
  })
  test.after(async () => {
    await gateway.stop()
    await engine.stop()
    await other.stop()
    await tei.stop()
  })

  const auth = () => ({ authorization: `Bearer ${gateway.token}`, 'content-type': 'application/json' })

  test('comes back with the engine’s bytes, an id and its content type', async () => {
    const response = await gateway.post('/v1/chat/completions', chat('friend'), { 'x-request-id': 'my-id.1' })
    assert.is(response.status, 200)
    assert.is(response.headers.get('content-type'), 'application/json')
    assert.is(response.headers.get('x-request-id'), 'my-id.1')
    assert.is(await response.text(), completion('ok'))
    assert.is(engine.seen.at(-1)?.headers['x-request-id'], 'my-id.1')
    const replaced = await gateway.post('/v1/chat/completions', chat('ok'), { 'x-request-id': 'a b' })
    assert.match(replaced.headers.get('x-request-id') ?? '', /^[0-9a-f]{32}$/)
  })

  test('comes back with bytes and a content type that nobody but the engine would choose', async () => {
    // Spaces around it, an escape, a byte that is no UTF-8: whatever reads and writes JSON would change them.
    const bytes = Buffer.from(`\r\n ${completion('ok').replace('Hello.', 'Gr\\u00fc\u00dfe \xff')} \n`, 'latin1')
    for (const [declared, path] of [
      [true, '/v1/chat/completions'],
      [false, '/stream/v1/chat/completions'],
    ] as const) {
      engine.fault = ({ res }) => {
        const length = declared && { 'content-length': bytes.length }
        res.writeHead(200, { 'content-type': 'application/json; x=y', ...length }).end(bytes)
      }
      const response = await gateway.post(path, chat('ok')).finally(() => {
        engine.fault = undefined
      })
      assert.equal([response.status, response.headers.get('content-type')], [200, 'application/json; x=y'])
      const body = Buffer.from(await response.arrayBuffer())
      assert.is(body.toString('latin1'), bytes.toString('latin1'))
    }
  })

  test('without a valid token gets 401, and no engine sees it', async () => {
    const seen = engine.seen.length
    const expired = await gateway.identity.token({}, '-2m')
    for (const authorization of [
      undefined,
      'Bearer nonsense',
      `Bearer ${expired}`,
      'Basic eDp5',
      `Bearer ${gateway.token}x`,
      `Bearer ${apiKey}x`,
    ]) {
      const response = await raw(
        gateway.url,
        '/v1/chat/completions',
        'POST',
        {
          'content-type': 'application/json',
          ...(authorization && { authorization }),
        },
        JSON.stringify(chat('ok')),
      )
      assert.is(response.status, 401)
      assert.is((JSON.parse(response.body) as { error: { code: string } }).error.code, 'invalid_api_key')
      assert.match(response.headers['www-authenticate'] ?? '', /^Bearer/)
    }
    assert.is(engine.seen.length, seen)
  })

  test('with an API key is served like one with a token', async () => {
    const response = await gateway.post('/stream/v1/chat/completions', chat('ok'), {
      authorization: `Bearer ${apiKey}`,
    })
    assert.is(response.status, 200)
    assert.ok(gateway.log().includes('"keyId":"k1"'))
  })

  test('that is no JSON, or names no model, or has a wrong type gets 400 with the field’s name', async () => {
    const seen = engine.seen.length
    const cases: [body: string, param: string | null][] = [
      ['', null],
      ['{"model":', null],
      ['[1]', null],
      ['{"messages":[]}', 'model'],
      ['{"model":7}', 'model'],
      ['{"model":"ok","model":"secret"}', 'model'],
      ['{"model":"ok","stream":"yes"}', 'stream'],
      ['{"model":"ok","max_tokens":-1}', 'max_tokens'],
      ['{"model":"ok","n":1000}', 'n'],
      ['{"model":"ok","priority":1}', 'priority'],
      ['{"model":"ok","prior\\u0069ty":1}', 'priority'],
    ]
    for (const [body, param] of cases) {
      const response = await gateway.post('/v1/chat/completions', body)
      assert.is(response.status, 400, body)
      const { error } = (await response.json()) as { error: { param: string | null; type: string } }
      assert.is(error.param, param, body)
      assert.is(error.type, 'invalid_request_error')
    }
    assert.is(engine.seen.length, seen)
  })

  test('for an unknown model and one for a forbidden model get the same answer', async () => {
    const answers = await Promise.all(
      ['nobody', 'secret'].map(async (name) => {
        const response = await gateway.post('/v1/chat/completions', chat(name))
        return { status: response.status, body: (await response.text()).replaceAll(name, 'NAME') }
      }),
    )
    assert.is(answers[0]?.status, 404)
    assert.is((JSON.parse(answers[0]?.body ?? '') as { error: { code: string } }).error.code, 'model_not_found')
    assert.equal(answers[0], answers[1])
  })

  test('of one tenant for a model of another gets 404', async () => {
    const asSupport = { authorization: `Bearer ${await gateway.identity.token({ client_id: 'support' })}` }
    assert.is((await gateway.post('/v1/chat/completions', chat('secret'), asSupport)).status, 200)
    assert.is((await gateway.post('/v1/chat/completions', chat('secret'))).status, 404)
    const asClerk = { authorization: `Bearer ${await gateway.identity.token({ client_id: 'clerk' })}` }
    assert.is((await gateway.post('/v1/chat/completions', chat('ok'), asClerk)).status, 200)
    assert.is((await gateway.post('/v1/chat/completions', chat('m'), asClerk)).status, 404)
  })

  test('with a key that Git no longer holds is refused at once, the other key is not', async () => {
    const [first, second] = [makeApiKey('research'), makeApiKey('research')] as const
    const entry = (id: string, key: string) => ({ id, sha256: hash('sha256', key, 'hex'), expires: '2099-12-31' })
    const [one, two] = [entry('r1', first), entry('r2', second)]
    const { models, tenants } = gateway.directory.snapshot
    const hold = (...apiKeys: Tenant['apiKeys']) =>
      gateway.directory.set(
        [...models.values()],
        tenants.map((each) => (each.name === 'research' ? { ...each, apiKeys } : each)),
      )
    const statuses = () =>
      Promise.all(
        [first, second, gateway.token].map(async (credentials) => {
          const headers = { authorization: `Bearer ${credentials}` }
          return (await gateway.post('/stream/v1/chat/completions', chat('ok'), headers)).status
        }),
      )
    // The whole of a rotation: the new key beside the old one, and then without it.
    hold(one)
    assert.equal(await statuses(), [200, 401, 200])
    hold(one, two)
    assert.equal(await statuses(), [200, 200, 200])
    hold(two)
    assert.equal(await statuses(), [401, 200, 200])
    hold(one)
    assert.equal(await statuses(), [200, 401, 200])
    gateway.directory.set([...models.values()], tenants)
    assert.equal(await statuses(), [401, 401, 200])
  })

  test('that names a dummy in its body goes to the model of its path, and nothing else of it changes', async () => {
    const body =
      ' {"messages" : [ {"role":"user","content":"a \\"model\\": \\u00e9"} ],"model":"dummy", "seed": 12345678901234567890, "top_p":1.0,\n"x":{"model":"inner"} } '
    const response = await gateway.post('/models/org/m/v1/chat/completions', body)
    assert.is(response.status, 200)
    assert.is(engine.seen.at(-1)?.body, body.replace('"model":"dummy"', '"model":"m"'))
    assert.is(engine.seen.at(-1)?.path, '/v1/chat/completions')
    await gateway.post('/v1/chat/completions', chat('friend'))
    assert.is(engine.seen.at(-1)?.model, 'ok')
  })

  test('that is too large gets 413 at once or at the limit, its connection ends, and no engine is called', async () => {
    const seen = engine.seen.length
    const { port } = new URL(gateway.url)
    const head = `POST /v1/chat/completions HTTP/1.1\r\nhost: x:${port}\r\nauthorization: Bearer ${gateway.token}\r\ncontent-type: application/json\r\n`
    const declared = await onSocket(gateway.url, [`${head}content-length: 200000\r\n\r\n{`])
    assert.match(declared.text, /^HTTP\/1\.1 413 /)
    assert.ok(declared.text.includes('request_too_large'))
    assert.ok(declared.closed)
    const piece = `${(50_000).toString(16)}\r\n${'x'.repeat(50_000)}\r\n`
    const chunked = await onSocket(gateway.url, [`${head}transfer-encoding: chunked\r\n\r\n`, piece, piece, piece], 20)
    assert.match(chunked.text, /^HTTP\/1\.1 413 /)
    assert.ok(chunked.closed)
    const embedding = await gateway.post(
      '/v1/embeddings',
      JSON.stringify({ model: 'embedder', input: 'x'.repeat(20_000) }),
    )
    assert.is(embedding.status, 413)
    assert.is(engine.seen.length, seen)
    assert.is(tei.seen.length, 0)
  })

  test('that is too large keeps its answer for a client that reads only when it has sent everything', async () => {
    const { port } = new URL(gateway.url)
    const socket = connect(Number(port), '127.0.0.1')
    let text = ''
    const ended = new Promise<string>((resolve) => {
      socket.once('end', () => resolve('end'))
      socket.once('error', ({ message }) => resolve(message))
    })
    const piece = Buffer.alloc(100_000, 'x')
    const head = `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${gateway.token}\r\ncontent-type: application/json\r\ncontent-length: ${40 * piece.length}\r\n\r\n`
    socket.pause()
    socket.write(head)
    for (let sent = 0; sent < 40; sent += 1) {
      socket.write(piece)
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
    socket.on('data', (part) => {
      text += part
    })
    socket.resume()
    assert.is(await ended, 'end')
    assert.match(text, /^HTTP\/1\.1 413 /)
  })

  test('whose headers or body come too slowly is ended', async () => {
    const slowHeaders = await onSocket(
      gateway.url,
      ['POST /v1/models HTTP/1.1\r\n', ...Array.from({ length: 100 }, () => 'x: y\r\n')],
      20,
      1500,
    )
    assert.ok(slowHeaders.closed)
    assert.ok(slowHeaders.ms < 1500, `${slowHeaders.ms}`)
    const head = `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${gateway.token}\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n`
    const slowBody = await onSocket(gateway.url, [head, ...Array.from({ length: 200 }, () => ' ')], 20, 2000)
    assert.ok(slowBody.closed)
    assert.ok(slowBody.ms > 600 && slowBody.ms < 2500, `${slowBody.ms}`)
    assert.match(slowBody.text, /^HTTP\/1\.1 408 /)
  })

  test('that is too slow and goes on after its answer is ended too', async () => {
    const socket = connect({ port: Number(new URL(gateway.url).port), host: '127.0.0.1', allowHalfOpen: true })
    let text = ''
    socket.on('data', (part) => {
      text += part
    })
    const broken = new Promise<string>((resolve) => socket.once('error', ({ message }) => resolve(message)))
    const started = performance.now()
    socket.write('POST /v1/models HTTP/1.1\r\n')
    const drips = setInterval(() => socket.write('x: y\r\n'), 100)
    assert.match(await Promise.race([broken, wait(8000, 'still open')]), /EPIPE|ECONNRESET/)
    assert.ok(performance.now() - started < 6000)
    assert.match(text, /^HTTP\/1\.1 408 /)
    clearInterval(drips)
    socket.destroy()
  })

  test('that tries to smuggle another one gets 400 alone, and no engine sees either of them', async () => {
    const seen = engine.seen.length
    const body = JSON.stringify(chat('ok'))
    const head = `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${gateway.token}\r\ncontent-type: application/json\r\n`
    const declared = `content-length: ${body.length}\r\n`
    const size = body.length.toString(16)
    const chunks = `${size}\r\n${body}\r\n0\r\n\r\n`
    // Whole and allowed: a server that takes the first for a request would answer both.
    const hidden = `${head}${declared}\r\n${body}`
    const plain = await onSocket(gateway.url, [hidden + hidden])
    assert.is(plain.text.match(/HTTP\/1\.1 200 /g)?.length, 2)
    assert.is(engine.seen.length, seen + 2)
    for (const [what, outer] of [
      ['a length and chunks', `${head}${declared}transfer-encoding: chunked\r\n\r\n${chunks}`],
      ['chunks and a length', `${head}transfer-encoding: chunked\r\n${declared}\r\n${chunks}`],
      ['two lengths', `${head}${declared}content-length: ${body.length + hidden.length}\r\n\r\n${body}`],
      ['one length twice', `${head}${declared}${declared}\r\n${body}`],
      ['a folded header', `${head}x-a: b\r\n c\r\n${declared}\r\n${body}`],
      ['a folded encoding', `${head}transfer-encoding:\r\n chunked\r\n\r\n${chunks}`],
      ['a chunk extension', `${head}transfer-encoding: chunked\r\n\r\n${size};\n${body}\r\n0\r\n\r\n`],
      ['a bare line feed', `${head}transfer-encoding: chunked\r\n\r\n${size}\n${body}\r\n0\r\n\r\n`],
      ['a space after a size', `${head}transfer-encoding: chunked\r\n\r\n${size} \r\n${body}\r\n0\r\n\r\n`],
      ['another last encoding', `${head}transfer-encoding: chunked, identity\r\n\r\n${chunks}`],
    ] as const) {
      const { text, closed } = await onSocket(gateway.url, [outer + hidden])
      assert.equal(text.match(/HTTP\/1\.1 \d+/g), ['HTTP/1.1 400'], what)
      assert.ok(text.includes('application/json') && closed, what)
    }
    assert.is(engine.seen.length, seen + 2)
  })

  test('that names its own headers as the connection’s loses none of ours, and gets none of its own through', async () => {
    const listed = await raw(
      gateway.url,
      '/v1/chat/completions',
      'POST',
      { ...auth(), connection: 'x-request-id, x-tenant', 'x-tenant': 'admin', 'x-request-id': 'abc' },
      JSON.stringify(chat('ok')),
    )
    assert.is(listed.status, 200)
    assert.is(engine.seen.at(-1)?.headers['x-tenant'], undefined)
    assert.is(engine.seen.at(-1)?.headers['x-request-id'], 'abc')
  })

  test('that comes before the answer to the one before it, on the same connection, waits its turn', async () => {
    for (const stream of [false, true]) {
      const body = JSON.stringify(chat('ok', { stream }))
      const head = (id: string, more = '') =>
        `POST /stream/v1/chat/completions HTTP/1.1\r\nhost: x\r\nx-request-id: ${id}\r\nauthorization: Bearer ${gateway.token}\r\ncontent-type: application/json\r\n${more}content-length: ${body.length}\r\n\r\n${body}`
      const { text } = await onSocket(gateway.url, [head('one') + head('two') + head('three', 'connection: close\r\n')])
      assert.equal(
        [...text.matchAll(/^x-request-id: (\w+)\r$/gm)].map(([, id]) => id),
        ['one', 'two', 'three'],
      )
      assert.is(text.match(/HTTP\/1\.1 200 /g)?.length, 3)
      const whole = stream ? /data: \[DONE\]\n\n/g : /"one":1\.0\}/g
      assert.is(text.match(whole)?.length, 3)
    }
  })

  test('keeps its identity headers to itself: the engine gets only the gateway’s, on every route', async () => {
    const own = ['accept', 'content-length', 'content-type', 'host', 'traceparent', 'x-request-id']
    const inferred = [...own, 'x-session-id']
    for (const lane of ['', '/stream'])
      for (const [path, body, allowed] of [
        ['/v1/chat/completions', chat('ok'), inferred],
        ['/models/ok/generate', { inputs: 'x' }, inferred],
        ['/tokenize', { model: 'm', prompt: 'x' }, own],
        ['/detokenize', { model: 'm', tokens: [1] }, own],
      ] as const) {
        const seen = engine.seen.length
        const response = await gateway.post(lane + path, body, {
          'x-forwarded-for': '1.2.3.4',
          'x-forwarded-host': 'evil',
          forwarded: 'for=1.2.3.4',
          'x-tenant-id': 'support',
          cookie: 'a=b',
          'x-session-id': 'talk-1',
          'accept-encoding': 'gzip',
          accept: 'text/evil',
          'x-request-id': 'mine',
          traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
        })
        await response.arrayBuffer()
        assert.is(engine.seen.length, seen + 1, `${lane}${path}: ${response.status}`)
        const headers = engine.seen.at(-1)?.headers ?? {}
        // Whether the connection stays open is between the two.
        const names = Object.keys(headers).filter((name) => name !== 'connection')
        assert.equal(names.sort(), allowed, lane + path)
        assert.is(headers.host, `127.0.0.1:${engine.port}`)
        assert.equal([headers.accept, headers['x-request-id']], ['application/json', 'mine'])
        assert.not(headers.traceparent?.includes('0af7651916cd43dd8448eb211c80319c'))
      }
  })

  test('names a model in its path by id, encoded or not, and nothing like a path escapes', async () => {
    const seen = engine.seen.length
    const get = (path: string) => raw(gateway.url, path, 'GET', auth())
    for (const path of ['/v1/models/org%2Fm', '/v1/models/org/m', '/stream/v1/models/org%2Fm']) {
      const { status, body } = await get(path)
      assert.is(status, 200, path)
      assert.is((JSON.parse(body) as { id: string }).id, 'm')
    }
    const odd = [
      '..%2f',
      '..%2f..%2fmetrics',
      '/',
      '//',
      '%00',
      '%',
      'a'.repeat(300),
      'org%2F..%2Fm',
      'org\\m',
      'm/../m',
      'x'.repeat(2100),
    ]
    for (const name of odd) {
      for (const [method, path] of [
        ['GET', `/v1/models/${name}`],
        ['POST', `/models/${name}/generate`],
      ] as const) {
        const { status, body } = await raw(gateway.url, path, method, auth(), method === 'POST' ? '{"inputs":"x"}' : '')
        assert.ok([400, 404, 414].includes(status), `${path}: ${status}`)
        JSON.parse(body)
      }
    }
    assert.is(engine.seen.length, seen)
  })

  test('for an engine’s own controls gets 404', async () => {
    const seen = engine.seen.length
    for (const path of [
      '/invocations',
      '/metrics',
      '/load',
      '/v1/load_lora_adapter',
      '/sleep',
      '/collective_rpc',
      '/health',
      '/readyz',
      '/livez',
    ]) {
      for (const lane of ['', '/stream']) {
        assert.is((await gateway.post(lane + path, '{"model":"ok"}')).status, 404)
        assert.is((await gateway.get(lane + path)).status, 404)
      }
    }
    assert.is(engine.seen.length, seen)
  })

  test('for the list of models gets those the tenant may use and that are ready or can be woken, and asks no engine', async () => {
    const seen = engine.seen.length
    const response = await gateway.get('/v1/models')
    const { data } = (await response.json()) as { data: { id: string; object: string; owned_by: string }[] }
    assert.equal(data.map(({ id }) => id).sort(), ['asleep', 'embedder', 'm', 'ok', 'tokens'])
    assert.ok(data.every(({ object, owned_by }) => object === 'model' && owned_by === 'org'))
    const page = await gateway.metrics()
    const labels = { http_route: '/v1/models', http_response_status_code: '200' }
    assert.is(metricValue(page, 'http_server_request_duration_count', labels), 1)
    assert.is(engine.seen.length, seen)
  })

  test('for the model’s own tokens passes through the proxy, and its failures are ours', async () => {
    const response = await gateway.post('/tokenize', { model: 'tokens', prompt: 'Once upon a time' })
    assert.is(response.status, 200)
    assert.is(((await response.json()) as { count: number }).count, 4)
    assert.is(engine.seen.at(-1)?.path, '/tokenize')
    assert.is(engine.seen.at(-1)?.headers.authorization, undefined)
    assert.ok(response.headers.has('x-ratelimit-remaining-requests'))
    assert.is((await gateway.post('/tokenize', { model: 'nobody', prompt: 'x' })).status, 404)
    const lacking = await gateway.post('/tokenize', { model: 'embedder', prompt: 'x' })
    assert.is(lacking.status, 422)
    assert.match(await lacking.text(), 'The engine of embedder, tei, has no /tokenize.')
    assert.is((await gateway.post('/tokenize', { model: 'tokens', prompt: 'x', chat_template: 'x' })).status, 400)
    engine.fault = faults['huge-error']
    assert.is((await gateway.post('/tokenize', { model: 'tokens', prompt: 'x' })).status, 400)
    engine.fault = faults.refuse
    assert.is((await gateway.post('/stream/detokenize', { model: 'tokens', tokens: [1] })).status, 502)
    engine.fault = undefined
    await until(() => (gateway.app.gateway.runtimes.get('tokens')?.inflight ?? 1) === 0, 'the place is given back')
    const labels = { model: 'tokens', route: '/tokenize' }
    const count = async (outcome: string) =>
      metricValue(await gateway.metrics(), 'slipway_gateway_requests_total', { ...labels, outcome })
    assert.equal([await count('ok'), await count('client_error')], [1, 1])
    assert.match(gateway.log(), /"event":"request".*"route":"\/tokenize".*"outcome":"ok"/)
  })

  test('for the model’s own tokens follows no redirect, and an answer that breaks off is the engine’s failure', async () => {
    engine.fault = ({ res }) => res.writeHead(302, { location: 'http://elsewhere.example/' }).end()
    const redirected = await gateway.post('/tokenize', { model: 'tokens', prompt: 'x' })
    assert.equal([redirected.status, redirected.headers.get('location')], [502, null])
    engine.fault = faults['reset-in-body']
    gateway.clearLog()
    const broken = await gateway.post('/tokenize', { model: 'tokens', prompt: 'x' }).then(
      (response) => response.text().catch(() => 'broken off'),
      () => 'broken off',
    )
    assert.is(broken, 'broken off')
    await until(() => gateway.log().includes('"route":"/tokenize"'), 'it is logged')
    assert.match(gateway.log(), /"route":"\/tokenize".*"outcome":"error"/)
    engine.fault = undefined
  })

  test('for the model’s own tokens ends at the engine when the client leaves', async () => {
    engine.fault = faults['no-answer']
    const abort = new AbortController()
    const asked = engine.seen.length
    const answer = gateway.post('/tokenize', { model: 'tokens', prompt: 'x' }, {}, abort.signal).catch(() => 'left')
    await until(() => engine.seen.length > asked, 'the engine is asked')
    abort.abort()
    assert.is(await answer, 'left')
    await until(() => (gateway.app.gateway.runtimes.get('tokens')?.inflight ?? 1) === 0, 'the place is given back')
    await until(() => /"route":"\/tokenize".*"status":499/.test(gateway.log()), 'it is logged')
    engine.fault = undefined
  })

  test('from a browser of an allowed origin gets CORS headers, from others none; preflights need no token', async () => {
    const preflight = await raw(gateway.url, '/v1/chat/completions', 'OPTIONS', {
      origin: 'https://app.example.com',
      'access-control-request-method': 'POST',
    })
    assert.is(preflight.status, 204)
    assert.is(preflight.headers['access-control-allow-origin'], 'https://app.example.com')
    assert.match(String(preflight.headers['access-control-allow-headers']), /authorization/)
    const foreign = await raw(gateway.url, '/v1/chat/completions', 'OPTIONS', { origin: 'https://evil.example.com' })
    assert.is(foreign.headers['access-control-allow-origin'], undefined)
    const answer = await gateway.post('/v1/chat/completions', chat('ok'), { origin: 'https://app.example.com' })
    assert.is(answer.headers.get('access-control-allow-origin'), 'https://app.example.com')
    assert.match(answer.headers.get('access-control-expose-headers') ?? '', /x-ratelimit-remaining-tokens/)
    assert.is(answer.headers.get('x-content-type-options'), 'nosniff')
  })

  test('for the documents needs no token', async () => {
    const { status, body } = await raw(gateway.url, '/openapi.json')
    assert.is(status, 200)
    const document = JSON.parse(body) as { paths: Record<string, unknown> }
    assert.ok('/v1/chat/completions' in document.paths)
    assert.ok('/models/{model}/generate' in document.paths)
    const page = await raw(gateway.url, '/docs')
    assert.match(String(page.headers['content-type']), /^text\/html/)
    assert.ok(page.body.includes('/v1/chat/completions'))
  })

  test('with a wrong base URL hears the right one', async () => {
    const cases: [path: string, meant: string, base: string][] = [
      ['/chat/completions', '/v1/chat/completions', '/stream/v1'],
      ['/stream/chat/completions', '/v1/chat/completions', '/stream/v1'],
      ['/v1/v1/chat/completions', '/v1/chat/completions', '/stream/v1'],
      ['/stream/v1/v1/messages?beta=true', '/v1/messages', '/stream'],
      ['/stream/v1//chat/completions', '/v1/chat/completions', '/stream/v1'],
      ['//v1/chat/completions', '/v1/chat/completions', '/stream/v1'],
      ['/v1/chat/completions/', '/v1/chat/completions', '/stream/v1'],
      ['/stream/stream/v1/responses', '/v1/responses', '/stream/v1'],
      ['/v1/stream/embeddings', '/v1/embeddings', '/stream/v1'],
      ['/messages', '/v1/messages', '/stream'],
      ['/models', '/v1/models', '/stream/v1'],
      ['/openai/v1/chat/completions', '/v1/chat/completions', '/stream/v1'],
      ['/api/chat/completions', '/v1/chat/completions', '/stream/v1'],
      ['/V1/Chat/Completions', '/v1/chat/completions', '/stream/v1'],
      ['/anthropic/v1/messages', '/v1/messages', '/stream'],
      ['/v1/v2/rerank', '/v2/rerank', '/stream'],
    ]
    for (const [path, meant, base] of cases) {
      const response = path === '/models' ? await gateway.get(path) : await gateway.post(path, chat('ok'))
      assert.is(response.status, 404, path)
      const { error } = (await response.json()) as { error: { message: string } }
      const said = `did you mean ${meant}? The base URL of `
      assert.ok(error.message.includes(said), `${path}: ${error.message}`)
      assert.ok(error.message.endsWith(` clients is ${gateway.url}${base}.`), error.message)
    }
    const meant: [path: string, method: string, said: string][] = [
      ['/v1/tokenize', 'POST', 'There is no such route; did you mean /tokenize?'],
      ['/v1/chat/completions', 'GET', '/v1/chat/completions takes POST, not GET.'],
      ['/stream/v1/models', 'POST', '/v1/models takes GET, not POST.'],
      ['/models/ok/chat/completions', 'POST', 'did you mean /models/ok/v1/chat/completions?'],
      ['/stream/models/org/ok/v1/messages/', 'POST', 'did you mean /models/org/ok/v1/messages?'],
    ]
    for (const [path, method, said] of meant) {
      const response = method === 'GET' ? await gateway.get(path) : await gateway.post(path, chat('ok'))
      const text = await response.text()
      assert.is(response.status, 404, path)
      assert.ok(text.includes(said), `${path}: ${text}`)
    }
    const nowhere = (await (await gateway.post('/v1/nothing', {})).json()) as { error: { message: string } }
    assert.is(nowhere.error.message, 'There is no such route; /docs lists them.')
  })

  test('may fill in fields that need permission with what asks for nothing', async () => {
    const nothing = [
      { best_of: 1, priority: null, chat_template: null, kv_transfer_params: null },
      { priority: 0, chat_template_kwargs: {}, prompt_logprobs: null },
      { chat_template_kwargs: { enable_thinking: false } },
      { chat_template_kwargs: { enable_thinking: true } },
    ]
    for (const fields of nothing)
      assert.is((await gateway.post('/v1/chat/completions', chat('ok', fields))).status, 200)
    const something = [
      { best_of: 2 },
      { priority: -1 },
      { chat_template_kwargs: { enable_thinking: 'yes' } },
      { chat_template_kwargs: { enable_thinking: true, tools: [] } },
      { chat_template_kwargs: [] },
      { prompt_logprobs: 0 },
    ]
    for (const fields of something) {
      const response = await gateway.post('/v1/chat/completions', chat('ok', fields))
      assert.is(response.status, 400, JSON.stringify(fields))
      const { error } = (await response.json()) as { error: { message: string; param: string } }
      assert.equal([error.param], Object.keys(fields))
      assert.match(error.message, /is not allowed for research: .*\. allowFields of its tenant file permits it\./)
    }
  })

  test('with a compressed body is asked to send it as it is', async () => {
    for (const encoding of ['gzip', 'br', 'deflate', 'identity, gzip']) {
      const response = await gateway.post('/v1/chat/completions', chat('ok'), { 'content-encoding': encoding })
      assert.is(response.status, 415)
      assert.match(await response.text(), /without content-encoding/)
    }
    const plain = await gateway.post('/v1/chat/completions', chat('ok'), { 'content-encoding': 'identity' })
    assert.is(plain.status, 200)
  })

  test('for what is here at all needs no token, and gets links as JSON or as a page', async () => {
    for (const path of ['/', '/stream', '/stream/']) {
      const { status, body } = await raw(gateway.url, path)
      assert.is(status, 200, path)
      const { links, base_urls: bases } = JSON.parse(body) as Record<string, Record<string, string>>
      assert.is(bases?.openai, `${gateway.url}/stream/v1`)
      assert.is(bases?.anthropic, `${gateway.url}/stream`)
      for (const url of Object.values(links ?? {}))
        assert.is((await fetch(url, { headers: { authorization: `Bearer ${gateway.token}` } })).status, 200, url)
      const head = await fetch(gateway.url + path, { method: 'HEAD' })
      assert.equal([head.status, await head.text()], [200, ''])
      const page = await raw(gateway.url, path, 'GET', { accept: 'text/html,*/*' })
      assert.match(String(page.headers['content-type']), /^text\/html/)
      assert.match(page.body, `href="${gateway.url}/docs"`)
    }
    const odd = await raw(gateway.url, '/docs', 'GET', { host: 'x"><script>' })
    assert.not.match(odd.body, '<script')
    assert.match((await raw(gateway.url, '/openapi.json')).body, `"url": "${gateway.url}/stream"`)
  })

  test('for the status shows the tenant’s models, quota and last minute', async () => {
    const response = await gateway.get('/v1/slipway/status')
    const status = (await response.json()) as {
      tenant: string
      models: { name: string; state: string; pricePerHour: number }[]
      samples: { requests: number }[]
    }
    assert.is(status.tenant, 'research')
    const states = Object.fromEntries(status.models.map(({ name, state }) => [name, state]))
    assert.equal(states, {
      ok: 'ready',
      m: 'ready',
      tokens: 'ready',
      asleep: 'asleep',
      down: 'starting',
      'gpu-only': 'unavailable',
      embedder: 'ready',
    })
    assert.is(status.samples.length, 60)
    assert.ok(status.samples.reduce((sum, { requests }) => sum + requests, 0) > 5)
  })
})

describe('a request for the list of models', (test) => {
  test('needs no engine, no waiting and no quota', async () => {
    const engine = await FakeEngine.start()
    const sleeping = { spec: { ...model('x', []).spec, minReplicas: 0 } }
    const limits = { requestsPerMinute: 2, tokensPerMinute: 1_000_000, concurrency: 1 }
    const gateway = await startGateway([model('asleep', [], sleeping), model('ready', [engine.endpoint])], {
      tenants: [tenant('research', { limits })],
      config: { HOLD_SECONDS: 20 },
    })
    const [research] = gateway.directory.snapshot.tenants as [Tenant]
    const lists = async () => {
      for (const path of ['/v1/models', '/stream/v1/models', '/v1/models', '/stream/v1/models']) {
        const response = await gateway.get(path)
        assert.is(response.status, 200, path)
        const { object, data } = (await response.json()) as { object: string; data: { id: string }[] }
        assert.is(object, 'list')
        assert.equal(data.map(({ id }) => id).sort(), ['asleep', 'ready'])
      }
    }
    const quota = () => gateway.app.gateway.quota.status(research, 'generate')
    const waiting = () => gateway.app.gateway.runtimes.get('asleep')?.waiting

    try {
      // Nothing was asked for yet, and nothing is after it.
      await lists()
      assert.equal([engine.accepted, waiting(), quota().requestsLeft], [0, 0, 2])
      assert.is(metricValue(await gateway.metrics(), metricNames.wakes), 0)

      // One call waits for a model, and with it the tenant has all that it may have at once.
      const leave = new AbortController()
      const held = gateway.post('/stream/v1/chat/completions', chat('asleep'), {}, leave.signal).catch(() => 'left')
      await until(() => waiting() === 1, 'a call waits')
      assert.is((await gateway.post('/v1/chat/completions', chat('ready'))).status, 429)
      await lists()
      assert.equal([waiting(), quota().concurrency], [1, 1])
      leave.abort()
      assert.is(await held, 'left')
      await until(() => quota().concurrency === 0, 'the place is given back')

      // The last request of the minute.
      assert.is((await gateway.post('/v1/chat/completions', chat('nobody'))).status, 404)
      assert.is((await gateway.post('/v1/chat/completions', chat('ready'))).status, 429)
      await lists()
      assert.is(engine.accepted, 0)
    } finally {
      await gateway.stop()
      await engine.stop()
    }
  })
})

describe('a request past the edge', (test) => {
  test('is refused without the origin secret; both values of a rotation are valid', async () => {
    const gateway = await startGateway([], {
      config: { ORIGIN_SECRET: 'new-secret', ORIGIN_SECRET_PREVIOUS: 'old-secret' },
    })
    for (const [secret, status] of [
      [undefined, 403],
      ['wrong', 403],
      ['new-secret', 200],
      ['old-secret', 200],
    ] as const) {
      const response = await gateway.get('/v1/models', secret ? { 'x-origin-verify': secret } : {})
      assert.is(response.status, status)
    }
    await gateway.stop()
  })
})

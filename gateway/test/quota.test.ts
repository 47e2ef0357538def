// Limits of tenants: what is admitted, what is charged, and what a refused client reads.
import { connect } from 'node:net'
import { InferenceClient } from '@huggingface/inference'
import OpenAI, { RateLimitError } from 'openai'
import { assert, describe } from '../../test/spec.ts'
import type { Tenant } from '../discovery/directory.ts'
import { goDuration, MemoryQuota } from '../quota/quota.ts'
import { TokenBucket } from '../quota/token-bucket.ts'
import { FakeEngine, faults } from './fake-engine.ts'
import { apiKey, chat, metricValue, model, startGateway, tenant, until } from './harness.ts'

const limited = (limits: Partial<Tenant['limits']>, changes: Partial<Tenant> = {}): Tenant => {
  const base = tenant('research')
  return { ...base, ...changes, limits: { ...base.limits, ...limits } }
}

const code = async (response: Response): Promise<string> =>
  ((await response.json()) as { error: { code: string } }).error.code

const rateHeaders = [
  'x-ratelimit-limit-requests',
  'x-ratelimit-remaining-requests',
  'x-ratelimit-reset-requests',
  'x-ratelimit-limit-tokens',
  'x-ratelimit-remaining-tokens',
  'x-ratelimit-reset-tokens',
]

describe('a quota', (test) => {
  test('of 1000 tokens a minute admits no more than it holds, however many requests come at once', async () => {
    const engine = await FakeEngine.start('answer-in-300ms')
    const gateway = await startGateway([model('m', [engine.endpoint])], {
      tenants: [limited({ tokensPerMinute: 1000 })],
    })
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => gateway.post('/v1/chat/completions', chat('m', { max_tokens: 480 }))),
    )
    const admitted = answers.filter(({ status }) => status === 200).length
    assert.ok(admitted >= 1 && admitted <= 2, `${admitted}`)
    assert.ok(answers.every(({ status }) => status === 200 || status === 429))
    assert.is(engine.seen.length, admitted)
    await gateway.stop()
    await engine.stop()
  })

  test('of requests at once is shared in whole requests, however many pods there are', () => {
    const quota = new MemoryQuota(0.1, () => 0)
    quota.setReplicas(4)
    const request = { tenant: limited({ concurrency: 4 }), modelClass: 'generate' as const, tokens: 1 }
    quota.reserve(request)
    assert.throws(() => quota.reserve(request), /at once/)
  })

  test('reserves the larger of two limits that a request may give for its answer', async () => {
    const engine = await FakeEngine.start('answer-in-300ms')
    const gateway = await startGateway([model('m', [engine.endpoint])], {
      tenants: [limited({ tokensPerMinute: 5000 })],
    })
    const body = { model: 'm', prompt: 'x', max_completion_tokens: 1, max_tokens: 4096 }
    const answers = await Promise.all([1, 2].map(() => gateway.post('/v1/completions', body)))
    assert.equal(answers.map(({ status }) => status).sort(), [200, 429])
    await gateway.stop()
    await engine.stop()
  })

  test('is charged for what an answer may have cost that its client did not wait for', async () => {
    const engine = await FakeEngine.start('slow-answer')
    // Refilled by one a second: what is missing was charged.
    const gateway = await startGateway([model('m', [engine.endpoint])], { tenants: [limited({ tokensPerMinute: 60 })] })
    const abort = new AbortController()
    const asked = gateway.post('/v1/chat/completions', chat('m'), {}, abort.signal).catch(() => {})
    await until(() => engine.seen.length === 1, 'the engine is asked')
    await new Promise((resolve) => setTimeout(resolve, 1000))
    abort.abort()
    await asked
    await until(() => gateway.app.gateway.openCalls === 0, 'the call ends')
    const { quota } = (await (await gateway.get('/v1/slipway/status')).json()) as {
      quota: { generate: { tokensLeft: number } }
    }
    const prompt = Math.ceil(JSON.stringify(chat('m')).length / 4)
    assert.ok(
      60 - quota.generate.tokensLeft >= prompt + 15,
      `${60 - quota.generate.tokensLeft} with ${prompt} of the prompt`,
    )
    await gateway.stop()
    await engine.stop()
  })

  test('reserves no more for an answer in Hugging Face’s shape than the model gives', async () => {
    const engine = await FakeEngine.start('answer-in-300ms')
    const gateway = await startGateway([model('m', [engine.endpoint])], {
      tenants: [limited({ tokensPerMinute: 10_000 })],
    })
    const body = { inputs: 'x', parameters: { max_new_tokens: Number.MAX_SAFE_INTEGER } }
    const answers = await Promise.all([1, 2].map(() => gateway.post('/models/org/m/generate', body)))
    assert.equal(
      answers.map(({ status }) => status === 429),
      [false, false],
    )
    await gateway.stop()
    await engine.stop()
  })

  test('of requests counts those that are refused as well', async () => {
    const engine = await FakeEngine.start()
    const gateway = await startGateway([model('m', [engine.endpoint])], {
      tenants: [limited({ requestsPerMinute: 4 })],
    })
    const bodies = [chat('m', { n: 1000 }), chat('no-such-model'), '{"model":', chat('m', { kv_transfer_params: {} })]
    const statuses: number[] = []
    for (const body of [...bodies, ...bodies]) statuses.push((await gateway.post('/v1/chat/completions', body)).status)
    assert.equal(statuses, [400, 404, 400, 400, 429, 429, 429, 429])
    assert.is((await gateway.post('/v1/chat/completions', chat('m'))).status, 429)
    assert.is(engine.seen.length, 0)
    await gateway.stop()
    await engine.stop()
  })

  test('is charged nothing for what no engine ever took', async () => {
    const engine = await FakeEngine.start('slow-answer')
    const closed = await FakeEngine.start()
    await closed.stop()
    const gateway = await startGateway([model('m', [engine.endpoint]), model('gone', [closed.endpoint])], {
      config: { MODEL_SLOTS: 1, UPSTREAM_CONNECTIONS: 1 },
      // Refilled by one a second: what is missing was charged.
      tenants: [limited({ tokensPerMinute: 60 }), tenant('support')],
    })
    const tokensLeft = async (): Promise<number> => {
      await until(() => gateway.app.gateway.openCalls <= others, 'the call ends')
      const status = await (await gateway.get('/v1/slipway/status')).json()
      return (status as { quota: { generate: { tokensLeft: number } } }).quota.generate.tokensLeft
    }
    let others = 0
    const refused = await gateway.post('/v1/chat/completions', chat('gone', { max_tokens: 40 }))
    assert.is(refused.status, 502)
    assert.is(await tokensLeft(), 60, 'an engine that refuses the connection')
    engine.fault = faults['busy-503']
    assert.is((await gateway.post('/v1/chat/completions', chat('m', { max_tokens: 40 }))).status, 429)
    assert.is(await tokensLeft(), 60, 'an engine that is busy')

    engine.fault = faults['slow-answer']
    const other = await gateway.identity.token({ client_id: 'support' })
    const before = engine.seen.length
    const held = gateway.post('/v1/chat/completions', chat('m'), { authorization: `Bearer ${other}` })
    await until(() => engine.seen.length === before + 1, 'another tenant has the only place')
    others = 1
    const abort = new AbortController()
    const waiting = gateway
      .post('/v1/chat/completions', chat('m', { max_tokens: 40 }), {}, abort.signal)
      .catch(() => 'left')
    await until(() => gateway.app.gateway.openCalls === 2, 'the call waits')
    abort.abort()
    assert.is(await waiting, 'left')
    assert.is(await tokensLeft(), 60, 'a client that leaves the queue')
    assert.is(engine.seen.length, before + 1)
    await held
    await gateway.stop()
    await engine.stop()
  })

  test('of bytes holds back bodies that are announced and not sent, and no other tenant’s', async () => {
    const engine = await FakeEngine.start()
    const gateway = await startGateway([model('ok', [engine.endpoint])], {
      config: { BODY_LIMIT: 1_000_000, BODY_BUDGET: 4_000_000 },
    })
    const { port } = new URL(gateway.url)
    const head = `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${gateway.token}\r\ncontent-type: application/json\r\n`
    const sockets = ['content-length: 900000', 'transfer-encoding: chunked'].map((length) => {
      const socket = connect(Number(port), '127.0.0.1')
      socket.on('error', () => {})
      socket.write(`${head}${length}\r\n\r\n`)
      return socket
    })
    await until(() => gateway.app.gateway.bodies.held === 1_900_000, 'both are counted')
    const large = JSON.stringify(chat('ok', { user: 'x'.repeat(200_000) }))
    const refused = await gateway.post('/v1/chat/completions', large)
    assert.is(refused.status, 429)
    assert.is(refused.headers.get('retry-after'), '1')
    assert.is((await gateway.post('/v1/chat/completions', chat('ok'))).status, 200)
    const authorization = `Bearer ${await gateway.identity.token({ client_id: 'support' })}`
    assert.is((await gateway.post('/v1/chat/completions', large, { authorization })).status, 200)
    for (const socket of sockets) socket.destroy()
    await until(() => gateway.app.gateway.bodies.held === 0, 'all is given back')
    assert.is((await gateway.post('/v1/chat/completions', large)).status, 200)
    await gateway.stop()
    await engine.stop()
  })

  test('of 500 tokens admits a first request that does not say how long its answer may be', async () => {
    const engine = await FakeEngine.start()
    const gateway = await startGateway([model('m', [engine.endpoint])], {
      tenants: [limited({ tokensPerMinute: 500 })],
    })
    assert.is((await gateway.post('/v1/chat/completions', chat('m'))).status, 200)
    await gateway.stop()
    await engine.stop()
  })

  test('is charged with what the engine counted, and so are metric and log', async () => {
    const engine = await FakeEngine.start()
    const tokensPerMinute = 200
    const gateway = await startGateway([model('m', [engine.endpoint])], { tenants: [limited({ tokensPerMinute })] })
    const started = performance.now()
    assert.is((await gateway.post('/v1/chat/completions', chat('m'))).status, 200)
    const [research] = gateway.directory.snapshot.tenants
    if (!research) throw new Error('no tenant')
    const left = gateway.app.gateway.quota.status(research, 'generate').tokensLeft
    // 30 of input and 70 of output; the bucket gains three tokens a second.
    const refilled = ((performance.now() - started) / 60_000) * tokensPerMinute
    assert.ok(left >= 100 && left <= 100 + refilled, `${left}`)
    const page = await gateway.metrics()
    assert.is(metricValue(page, 'slipway_gateway_tokens_total', { tenant: 'research', type: 'input' }), 30)
    assert.is(metricValue(page, 'slipway_gateway_tokens_total', { tenant: 'research', type: 'output' }), 70)
    const line = JSON.parse(gateway.log().trim().split('\n').at(-1) ?? '') as Record<string, unknown>
    assert.equal([line.inputTokens, line.outputTokens, line.audit], [30, 70, true])
    await gateway.stop()
    await engine.stop()
  })

  test('that is used up answers 429 with the time to wait and all six headers', async () => {
    const engine = await FakeEngine.start()
    const gateway = await startGateway([model('m', [engine.endpoint])], {
      tenants: [limited({ requestsPerMinute: 2 })],
    })
    const first = await gateway.post('/v1/chat/completions', chat('m'))
    for (const name of rateHeaders) assert.ok(first.headers.get(name), name)
    assert.is(first.headers.get('x-ratelimit-remaining-requests'), '1')
    await gateway.post('/v1/chat/completions', chat('m'))
    const refused = await gateway.post('/v1/chat/completions', chat('m'))
    assert.is(refused.status, 429)
    for (const name of rateHeaders) assert.ok(refused.headers.get(name), name)
    assert.is(refused.headers.get('x-ratelimit-limit-requests'), '2')
    assert.is(refused.headers.get('x-ratelimit-remaining-requests'), '0')
    const wait = refused.headers.get('retry-after') ?? 'missing'
    const waitMs = refused.headers.get('retry-after-ms') ?? 'missing'
    assert.match(wait, /^[1-9]\d*$/)
    assert.match(waitMs, /^[1-9]\d*$/)
    // One request is refilled in half a minute, a little of which has passed; both give the same time.
    assert.is(Number(wait), Math.ceil(Number(waitMs) / 1000))
    assert.ok(Number(waitMs) <= 30_000 && Number(waitMs) > 20_000, waitMs)
    assert.is(await code(refused), 'rate_limit_exceeded')
    await gateway.stop()
    await engine.stop()
  })

  test('of a key that is spent answers insufficient_quota, and the SDK asks once', async () => {
    const engine = await FakeEngine.start()
    const [key] = tenant('research').apiKeys
    if (!key) throw new Error('no key')
    const gateway = await startGateway([model('m', [engine.endpoint])], {
      tenants: [limited({}, { apiKeys: [{ ...key, tokenBudget: 150 }] })],
    })
    const client = new OpenAI({ baseURL: `${gateway.url}/stream/v1`, apiKey })
    const ask = () => client.chat.completions.create({ model: 'm', messages: [{ role: 'user', content: 'Hi' }] })
    await ask()
    await ask()
    try {
      await ask()
      assert.unreachable('the budget was passed')
    } catch (error) {
      assert.instance(error, RateLimitError)
      assert.is((error as RateLimitError).code, 'insufficient_quota')
      assert.is((error as RateLimitError).headers?.get('x-should-retry'), 'false')
    }
    assert.is(gateway.log().match(/insufficient_quota/g)?.length, 1)
    await gateway.stop()
    await engine.stop()
  })

  test('of requests at once is given back when they end', async () => {
    const engine = await FakeEngine.start('answer-in-300ms')
    const gateway = await startGateway([model('m', [engine.endpoint])], { tenants: [limited({ concurrency: 2 })] })
    const answers = await Promise.all([1, 2, 3].map(() => gateway.post('/v1/chat/completions', chat('m'))))
    assert.equal(answers.map(({ status }) => status).sort(), [200, 200, 429])
    assert.is((await gateway.post('/v1/chat/completions', chat('m'))).status, 200)
    await gateway.stop()
    await engine.stop()
  })

  test('is shared between the pods of the gateway', () => {
    const now = 0
    const quota = new MemoryQuota(0.1, () => now)
    quota.setReplicas(4)
    const one = limited({ requestsPerMinute: 40, tokensPerMinute: 4000, concurrency: 8 })
    assert.is(quota.headers(one, 'generate')[1], '11')
    let admitted = 0
    try {
      for (;;) {
        quota.reserve({ tenant: one, modelClass: 'generate', tokens: 1 }).settle(1)
        admitted += 1
      }
    } catch {}
    assert.is(admitted, 11)
  })

  test('makes Hugging Face’s client ask once when a model is full', async () => {
    const engine = await FakeEngine.start('busy-503')
    const gateway = await startGateway([model('m', [engine.endpoint])])
    const client = new InferenceClient(gateway.token)
    try {
      await client.chatCompletion({
        endpointUrl: `${gateway.url}/models/org/m`,
        model: 'm',
        messages: [{ role: 'user', content: 'Hi' }],
      })
      assert.unreachable('it was answered')
    } catch (error) {
      assert.is((error as { httpResponse?: { status: number } }).httpResponse?.status, 429)
    }
    assert.is(engine.seen.length, 1)
    await gateway.stop()
    await engine.stop()
  })
})

describe('a token bucket', (test) => {
  test('refills steadily and never above its size', () => {
    const bucket = new TokenBucket(600, 0)
    bucket.take(600, 0)
    assert.is(bucket.waitFor(10, 0), 1000)
    assert.is(bucket.level(1000), 10)
    assert.is(bucket.level(10_000_000), 600)
    bucket.take(900, 10_000_000)
    assert.is(bucket.level(10_000_000), -300)
    bucket.resize(1200, 10_000_000)
    assert.is(bucket.level(10_000_000), -600)
  })

  test('writes durations as Go does', () => {
    assert.equal([12, 1500, 360_000, 61_000, 0].map(goDuration), ['12ms', '1.5s', '6m0s', '1m1s', '0ms'])
  })
})

// What can be seen of a request: spans, metrics, one log line; and what must never be seen.
import { readFileSync } from 'node:fs'
import { SpanKind } from '@opentelemetry/api'
import { assert, describe } from '../../test/spec.ts'
import { metricNames } from '../metric-names.ts'
import { chunk, completion, done, FakeEngine, lastCounts } from './fake-engine.ts'
import { apiKey, chat, metricValue, model, startGateway, until } from './harness.ts'

describe('telemetry', (test) => {
  test(
    'of 1000 requests that end in every way: all gauges return to zero and never go below',
    async () => {
      const engine = await FakeEngine.start()
      const names = [
        'ok',
        'bad-request',
        'refuse',
        'no-answer',
        'cut-after-3',
        'slow-stream',
        'busy-event',
        'engine-error',
      ]
      const gateway = await startGateway(
        names.map((name) =>
          model(name, [engine.endpoint], { spec: { ...model('x', []).spec, timeouts: { firstTokenSeconds: 0.2 } } }),
        ),
        { config: { ANSWER_SECONDS: 0.2, STREAM_HEADERS_SECONDS: 0.2 } },
      )
      let lowest = 0
      const watch = setInterval(() => {
        for (const { inflight, endpoints } of gateway.app.gateway.runtimes.all())
          for (const value of [inflight, ...endpoints.map((one) => one.inflight), ...endpoints.map((one) => one.load)])
            lowest = Math.min(lowest, value)
      }, 2)
      let left = 1000
      const worker = async () => {
        while (left > 0) {
          left -= 1
          const abort = new AbortController()
          const name = names[left % names.length] as string
          if (left % 5 === 0 || name === 'slow-stream') setTimeout(() => abort.abort(), left % 40)
          const stream = left % 2 === 0 || name === 'slow-stream'
          await gateway
            .post('/stream/v1/chat/completions', chat(name, { stream }), {}, abort.signal)
            .then((response) => response.text())
            .catch(() => {})
        }
      }
      await Promise.all(Array.from({ length: 40 }, worker))
      await until(() => gateway.app.gateway.openCalls === 0, 'all calls end')
      clearInterval(watch)
      assert.is(lowest, 0)
      for (const { inflight, waiting, endpoints } of gateway.app.gateway.runtimes.all()) {
        assert.equal([inflight, waiting], [0, 0])
        for (const endpoint of endpoints) assert.equal([endpoint.inflight, endpoint.load], [0, 0])
      }
      const [research] = gateway.directory.snapshot.tenants
      if (research) assert.is(gateway.app.gateway.quota.status(research, 'generate').concurrency, 0)
      // A client that left before its request arrived made none.
      const counted = metricValue(await gateway.metrics(), 'slipway_gateway_requests_total')
      assert.is(counted, gateway.log().match(/"event":"request"/g)?.length)
      assert.ok(counted > 950, `${counted}`)
      await gateway.stop()
      await engine.stop()
    },
    { timeoutSeconds: 60 },
  )

  test(
    'of one stream: a server span, a client span, the engine’s traceparent, and times and tokens as metrics',
    async () => {
      const engine = await FakeEngine.start()
      const gateway = await startGateway([model('ok', [engine.endpoint])], { config: { TRACE_SAMPLE_RATIO: 1 } })
      const given = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
      await (
        await gateway.post('/stream/v1/chat/completions', chat('ok', { stream: true }), { traceparent: given })
      ).text()
      await until(() => gateway.app.gateway.openCalls === 0, 'the call ends')
      await gateway.app.gateway.tracing.flush()
      const spans = gateway.spans.getFinishedSpans()
      assert.is(spans.length, 2)
      const server = spans.find(({ kind }) => kind === SpanKind.SERVER)
      const client = spans.find(({ kind }) => kind === SpanKind.CLIENT)
      assert.is(server?.name, 'POST /v1/chat/completions')
      assert.is(client?.name, 'chat ok')
      assert.is(client?.parentSpanContext?.spanId, server?.spanContext().spanId)
      assert.is(
        engine.seen[0]?.headers.traceparent,
        `00-${client?.spanContext().traceId}-${client?.spanContext().spanId}-01`,
      )
      // The client's trace is linked, not continued: otherwise it could force sampling.
      assert.is(server?.links[0]?.context.traceId, '0af7651916cd43dd8448eb211c80319c')
      assert.not.equal(server?.spanContext().traceId, '0af7651916cd43dd8448eb211c80319c')
      assert.is(client?.attributes['gen_ai.usage.output_tokens'], 5)
      assert.is(client?.attributes['gen_ai.request.model'], 'ok')
      const page = await gateway.metrics()
      for (const name of [
        'gen_ai_server_time_to_first_token',
        'gen_ai_server_time_per_output_token',
        'gen_ai_server_request_duration',
      ])
        assert.is(metricValue(page, `${name}_count`, { gen_ai_request_model: 'ok' }), 1, name)
      const tokens = (type: string) => metricValue(page, metricNames.tokens, { model: 'ok', tenant: 'research', type })
      // As the engine counted them with its last event, not the sum of what it counted with each.
      assert.equal([tokens('input'), tokens('output')], [30, 5])
      assert.is(metricValue(page, metricNames.tokens), 35)
      for (let index = 0; index < 10_000; index += 100)
        await Promise.all(
          Array.from({ length: 100 }, (_, at) =>
            gateway
              .post('/v1/chat/completions', chat(`made-up-${index + at}`))
              .then((response) => response.arrayBuffer()),
          ),
        )
      const series = (await gateway.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#')).length
      assert.ok(series <= 2000, `${series}`)
      await gateway.stop()
      await engine.stop()
    },
    { timeoutSeconds: 60 },
  )

  test('of requests that are held at an engine: each is in flight until it ends, and then its tokens are counted', async () => {
    const answers: (() => void)[] = []
    const engine = await FakeEngine.start(({ res, request, seen }) => {
      if (request.stream !== true) {
        answers.push(() => res.writeHead(200, { 'content-type': 'application/json' }).end(completion(seen.model)))
        return
      }
      res.writeHead(200, { 'content-type': 'text/event-stream' }).write(chunk('t1', 1))
      answers.push(() => res.end(chunk('t2', 7, 'stop') + lastCounts(7) + done))
    })
    const gateway = await startGateway([model('ok', [engine.endpoint]), model('idle', [engine.endpoint])])
    const gauge = async (name: string, labels: Record<string, string>) =>
      metricValue(await gateway.metrics(), name, labels)
    const inflight = () => gauge(metricNames.inflightRequests, { model: 'ok' })
    const tokens = async () =>
      Promise.all(
        ['input', 'output'].map((type) => gauge(metricNames.tokens, { model: 'ok', tenant: 'research', type })),
      )
    try {
      assert.is(await inflight(), 0)
      const asked: Promise<string>[] = []
      for (const [index, stream] of [false, true, false].entries()) {
        const request = gateway.post('/stream/v1/chat/completions', chat('ok', { stream }))
        asked.push(request.then((response) => response.text()).catch(() => 'broken off'))
        await until(() => answers.length === index + 1, 'the engine has it', 4000)
        assert.is(await inflight(), index + 1)
      }
      assert.is(await gauge(metricNames.inflightRequests, { model: 'idle' }), 0)
      assert.is(await gauge(metricNames.waitingRequests, { model: 'ok' }), 0)
      assert.equal(await tokens(), [0, 0])
      for (const [index, counted] of [
        [30, 70],
        [60, 77],
        [90, 147],
      ].entries()) {
        answers[index]?.()
        assert.not.equal(await asked[index], 'broken off')
        await until(async () => (await inflight()) === 2 - index, 'one fewer is in flight', 4000)
        assert.equal(await tokens(), counted)
      }
    } finally {
      await gateway.stop()
      await engine.stop()
    }
  })

  test('shows every metric of metric-names.ts under that name', async () => {
    const engine = await FakeEngine.start()
    const gateway = await startGateway(
      [
        model('ok', [engine.endpoint]),
        model('refuse', [engine.endpoint, { ...engine.endpoint, address: 'localhost' }]),
        model('none', []),
      ],
      {
        config: { HOLD_SECONDS: 0.02, EJECT_FAILURES: 1 },
      },
    )
    await (
      await gateway.post('/stream/v1/chat/completions', chat('ok', { stream: true }), {
        'x-stainless-retry-count': '1',
      })
    ).text()
    await gateway.post('/v1/chat/completions', chat('refuse'))
    await gateway.post('/v1/chat/completions', chat('none'))
    await gateway.post('/v1/chat/completions', chat('ok'), { authorization: 'Bearer x' })
    const page = await gateway.metrics()
    for (const name of Object.values(metricNames)) assert.ok(new RegExp(`^${name}(_count)?[{ ]`, 'm').test(page), name)
    const shown = new Set([...page.matchAll(/^# TYPE (\S+)/gm)].map((match) => match[1]))
    const known = new Set<string>(Object.values(metricNames))
    assert.equal(
      [...shown].filter((name) => name !== undefined && !known.has(name)),
      [],
    )
    await gateway.stop()
    await engine.stop()
  })

  test(
    'of 1000 requests with secret prompts and keys: no line holds any of them, each says who used how much',
    async () => {
      const engine = await FakeEngine.start()
      const gateway = await startGateway([model('ok', [engine.endpoint]), model('bad-request', [engine.endpoint])])
      for (let index = 0; index < 1000; index += 50)
        await Promise.all(
          Array.from({ length: 50 }, async (_, at) => {
            const name = at % 10 === 0 ? 'bad-request' : at % 10 === 1 ? 'PROMPT-OF-A-MODEL' : 'ok'
            const response = await gateway.post(
              `/stream/v1/chat/completions?secret=QUERY-${index}`,
              {
                model: name,
                messages: [{ role: 'user', content: 'PROMPT-SECRET' }],
                stream: at % 2 === 0,
                user: 'USER-SECRET',
              },
              { authorization: at % 3 === 0 ? `Bearer ${apiKey}` : `Bearer ${gateway.token}`, cookie: 'COOKIE-SECRET' },
            )
            await response.text()
          }),
        )
      await until(() => gateway.app.gateway.openCalls === 0, 'all calls end')
      const log = gateway.log()
      for (const secret of [
        'SECRET',
        'PROMPT',
        'QUERY',
        'Hello.',
        't1',
        apiKey,
        apiKey.slice(-8),
        gateway.token,
        gateway.token.slice(-20),
      ])
        assert.not(log.includes(secret), `the log holds ${secret.slice(0, 12)}`)
      const lines = log
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>)
      const requests = lines.filter(({ event }) => event === 'request')
      assert.is(requests.length + lines.filter(({ event }) => event === 'refused').length, 1000)
      for (const line of requests) {
        for (const key of ['requestId', 'tenant', 'model', 'outcome', 'route']) assert.ok(line[key], key)
        if (line.outcome === 'ok') assert.ok(Number(line.inputTokens) > 0 && Number(line.outputTokens) > 0)
      }
      await gateway.stop()
      await engine.stop()
    },
    { timeoutSeconds: 60 },
  )

  test('names come from one table', () => {
    const text = readFileSync(new URL('../telemetry/span-names.ts', import.meta.url), 'utf8')
    const tracing = readFileSync(new URL('../telemetry/tracing.ts', import.meta.url), 'utf8')
    assert.ok(text.includes("'gen_ai.operation.name'"))
    assert.not(/'gen_ai\.|'http\.|'server\./.test(tracing))
  })
})

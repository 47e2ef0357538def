// The gateway’s process before a real vLLM: what the fakes of the other tests replace.
import { assert, describe } from '../../../test/spec.ts'
import { until } from '../harness.ts'
import { GatewayProcess, startIdentityProvider } from '../process.ts'
import { addonConfig, attributeOf, collectorProgram, RealCollector, withoutCollector } from '../real-collector.ts'
import { type VllmServer, vllmServer } from './vllm-server.ts'

const collector =
  collectorProgram === undefined ? undefined : await RealCollector.start(collectorProgram, addonConfig())
// As synth renders them: generators/engines/vllm.ts, `traces`.
const server = await vllmServer(
  process.env,
  collector && {
    flags: [`--otlp-traces-endpoint=${collector.url}/v1/traces`],
    env: { OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/protobuf' },
  },
)

const identity = server === undefined ? undefined : await startIdentityProvider()

describe('the gateway before vLLM', (test) => {
  if (server === undefined || identity === undefined) {
    test.skip('all of it', 'set SLIPWAY_VLLM, VLLM_COMMAND or VLLM_URL')
    return
  }
  const engine: VllmServer = server
  const gateway = new GatewayProcess()
  let token = ''

  test.before(async () => {
    token = await identity.token()
    const { hostname, port } = new URL(engine.url)
    gateway.setModels({ [engine.model]: [{ address: hostname, port: Number(port), ready: true }] })
    const traces = collector && { OTLP_ENDPOINT: collector.url, TRACE_SAMPLE_RATIO: '1' }
    await gateway.start(identity, { DRAIN_SECONDS: '60', ...traces })
  })
  test.after(async () => {
    await gateway.stop()
    await identity.stop()
    engine.stop()
    await collector?.stop()
  })

  /** The same id on both ways, since vLLM makes the answer’s id of it. */
  const ask = (url: string, path: string, body: object, id: string, signal?: AbortSignal): Promise<Response> =>
    fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, 'x-request-id': id },
      body: JSON.stringify({ model: engine.model, ...body }),
      ...(signal && { signal }),
    })
  const viaGateway = (path: string, body: object, id = 'one', signal?: AbortSignal) =>
    ask(gateway.url, `/stream${path}`, body, id, signal)
  /** The moment of the answer is all that differs, and ids that vLLM draws. */
  const timeless = (text: string): string =>
    text.replaceAll(/"created(_at)?":\d+/g, '"created$1":0').replaceAll(/"id":"(resp|msg)_\w+"/g, '"id":"$1"')
  const messages = [{ role: 'user', content: 'Tell me a story.' }]
  const greedy = { temperature: 0, max_tokens: 32 }
  const dataOf = (text: string): string[] => [...text.matchAll(/^data: (.*)$/gm)].map(([, data = '']) => data)

  const metric = async (name: string): Promise<number> => {
    const text = await (await fetch(`${engine.url}/metrics`)).text()
    const values = [...text.matchAll(new RegExp(`^${name}\\{[^}]*\\} ([\\d.e+]+)$`, 'gm'))]
    return values.reduce((sum, [, value]) => sum + Number(value), 0)
  }

  for (const [path, body] of [
    ['/v1/chat/completions', { messages, ...greedy }],
    ['/v1/completions', { prompt: 'Once upon a time', ...greedy, logprobs: 2 }],
    ['/v1/completions', { prompt: ['One day', 'Once'], ...greedy, n: 1 }],
    ['/v1/chat/completions', { messages, ...greedy, max_tokens: 100_000 }],
    ['/v1/responses', { input: 'Tell me a story.', instructions: 'Be brief.', temperature: 0, max_output_tokens: 32 }],
    ['/v1/responses', { input: messages, temperature: 0, max_output_tokens: 100_000 }],
    ['/v1/messages', { system: 'Be brief.', messages, ...greedy }],
    ['/v1/messages', { messages, ...greedy, max_tokens: 100_000 }],
    ['/v1/messages/count_tokens', { messages }],
  ] as const)
    test(`${path} answers ${JSON.stringify(body).slice(0, 60)}… with vLLM’s own bytes, or its refusal`, async () => {
      const direct = await ask(engine.url, path, body, 'same')
      const through = await viaGateway(path, body, 'same')
      assert.is(through.status, direct.status)
      const [one, two] = [await direct.text(), await through.text()]
      if (direct.status === 200) assert.is(timeless(two), timeless(one))
      else {
        const message = (text: string) => (JSON.parse(text) as { error: { message: string } }).error.message
        assert.is(message(two), message(one))
      }
    })

  test('streams the events that vLLM sends, to [DONE]', async () => {
    const body = { messages, ...greedy, stream: true, stream_options: { include_usage: true } }
    const direct = dataOf(await (await ask(engine.url, '/v1/chat/completions', body, 'stream')).text())
    const through = dataOf(await (await viaGateway('/v1/chat/completions', body, 'stream')).text())
    assert.is(through.at(-1), '[DONE]')
    const text = (events: readonly string[]) =>
      events
        .slice(0, -1)
        .map((data) => JSON.parse(data) as { choices: { delta: { content?: string } }[] })
        .map(({ choices }) => choices[0]?.delta.content ?? '')
        .join('')
    assert.is(text(through), text(direct))
    const usage = (events: readonly string[]) => (JSON.parse(events.at(-2) ?? '{}') as { usage?: object }).usage
    assert.ok(usage(through))
    assert.equal(usage(through), usage(direct))
  })

  test('counts the tokens of a stream, and hides the counts from who did not ask', async () => {
    const body = { messages, ...greedy, stream: true }
    const through = await (await viaGateway('/v1/chat/completions', body)).text()
    assert.not.match(through, /"usage":\{/)
    const line = () =>
      gateway.out
        .split('\n')
        .filter((text) => text.includes('"event":"request"'))
        .at(-1) ?? ''
    await until(
      () => line().includes('"stream":true') && line().includes('"outputTokens"'),
      'the log has the counts',
      3000,
    )
    assert.ok((JSON.parse(line()) as { outputTokens: number }).outputTokens > 0)
  })

  test('stops vLLM when its client leaves', async () => {
    const abort = new AbortController()
    const body = { prompt: 'Once', temperature: 1, max_tokens: 200, ignore_eos: true, stream: true }
    const response = await viaGateway('/v1/completions', body, 'gone', abort.signal)
    const reader = response.body?.getReader()
    await reader?.read()
    assert.ok((await metric('vllm:num_requests_running')) >= 1)
    abort.abort()
    await until(async () => (await metric('vllm:num_requests_running')) === 0, 'nothing runs any more', 3000)
  })

  const surfaces = [
    ['/v1/responses', { input: 'Tell me a story.', temperature: 0, max_output_tokens: 32 }, 'response.completed'],
    ['/v1/messages', { messages, ...greedy }, 'message_stop'],
  ] as const

  for (const [path, body, last] of surfaces)
    test(`${path} streams vLLM’s own events to ${last}, and its tokens are counted`, async () => {
      const asked = { ...body, stream: true }
      const direct = await (await ask(engine.url, path, asked, 'surface')).text()
      const through = await (await viaGateway(path, asked, 'surface')).text()
      // How many tokens come in one event differs from run to run.
      const said = (text: string) =>
        dataOf(text)
          .map((data) => JSON.parse(data) as { delta?: string | { text?: string } })
          .map(({ delta }) => (typeof delta === 'string' ? delta : (delta?.text ?? '')))
          .join('')
      const kinds = (text: string) => [...new Set([...text.matchAll(/^event: (.*)$/gm)].map(([, name]) => name))]
      assert.is(said(through), said(direct))
      assert.ok(said(through).length > 0)
      assert.equal(kinds(through), kinds(direct))
      assert.match(through.trimEnd(), new RegExp(`event: ${last}\ndata: .*$`))
      const line = () =>
        JSON.parse(
          gateway.out
            .split('\n')
            .filter((text) => text.includes('"event":"request"'))
            .at(-1) ?? '{}',
        ) as Record<string, unknown>
      await until(() => line().route === path && line().stream === true, 'the log has its line', 3000)
      assert.equal([line().outputTokens, line().outcome], [32, 'ok'])
      assert.ok(Number(line().inputTokens) > 0)
    })

  for (const [path, body] of surfaces)
    test(`${path} stops vLLM when its client leaves`, async () => {
      const long = {
        ...body,
        temperature: 1,
        stream: true,
        [path === '/v1/messages' ? 'max_tokens' : 'max_output_tokens']: 200,
      }
      for (let round = 0; round < 3; round += 1) {
        const abort = new AbortController()
        const response = await viaGateway(path, long, `left-${round}`, abort.signal)
        await response.body?.getReader().read()
        abort.abort()
        await until(async () => (await metric('vllm:num_requests_running')) === 0, 'nothing runs any more', 3000)
      }
    })

  test('says 429 with a pause, never 503, when vLLM’s queue is full', async () => {
    const body = { prompt: 'Once', temperature: 1, max_tokens: 150, ignore_eos: true }
    const statuses: number[] = []
    // vLLM counts what it has taken a moment late: now and then all requests of one moment get in.
    for (let round = 0; round < 10 && !statuses.includes(429); round += 1) {
      const answers = await Promise.all(
        Array.from({ length: 16 }, (_, index) => viaGateway('/v1/completions', body, `full-${round}-${index}`)),
      )
      for (const answer of answers) {
        const text = await answer.text()
        statuses.push(answer.status)
        if (answer.status === 200) continue
        assert.is(answer.status, 429, text)
        assert.ok(Number(answer.headers.get('retry-after')) >= 1)
        assert.match(text, '"code":"model_overloaded"')
      }
    }
    assert.ok(statuses.includes(200), statuses.join())
    assert.ok(statuses.includes(429), statuses.join())
  })

  if (collector === undefined || process.env.VLLM_URL) test.skip('one trace reaches a real collector', withoutCollector)
  else
    test(
      'is one trace with it at a real collector: gateway, call, and vLLM’s own span',
      async () => {
        const id = 'one-trace'
        await (await viaGateway('/v1/completions', { prompt: 'Once', ...greedy }, id)).text()
        const serverSpan = () => collector.spans.find((span) => attributeOf(span, 'slipway.request_id') === id)
        const traceOf = () => collector.spans.filter(({ traceId }) => traceId === serverSpan()?.traceId)
        await until(() => traceOf().length >= 3, `three spans: ${collector.out}`, 30_000)
        const call = traceOf().find(({ kind }) => kind === 3)
        const own = traceOf().filter(({ parentSpanId }) => parentSpanId === call?.spanId)
        assert.is(call?.parentSpanId, serverSpan()?.spanId)
        assert.equal(
          own.map(({ name }) => name),
          ['llm_request'],
        )
      },
      { timeoutSeconds: 60 },
    )

  // The last one: the gateway ends.
  test('lets a stream finish after SIGTERM, and exits with 0', async () => {
    const body = { prompt: 'Once', temperature: 1, max_tokens: 200, ignore_eos: true, stream: true }
    const response = await viaGateway('/v1/completions', body, 'drain')
    gateway.child?.kill('SIGTERM')
    const text = await response.text()
    assert.match(text, /data: \[DONE\]\n\n$/)
    assert.is(await gateway.exit, 0)
  })
})

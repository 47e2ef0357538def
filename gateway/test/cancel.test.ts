// A client that leaves: the engine stops at once, nothing is tried again, and the tenant pays for what was made.
import { assert, describe } from '../../test/spec.ts'
import { chunk, FakeEngine } from './fake-engine.ts'
import { chat, metricValue, model, startGateway, type TestGateway, tenant, until } from './harness.ts'

describe('a client that leaves', (test) => {
  let engine: FakeEngine
  let other: FakeEngine
  let gateway: TestGateway

  test.before(async () => {
    engine = await FakeEngine.start()
    other = await FakeEngine.start('refuse')
    gateway = await startGateway([
      model('slow-answer', [engine.endpoint]),
      model('slow-stream', [engine.endpoint]),
      model('refusing', [other.endpoint, { ...other.endpoint, address: 'localhost' }]),
    ])
  })
  test.after(async () => {
    await gateway.stop()
    await engine.stop()
    await other.stop()
  })

  /** Time from the abort until the engine saw its connection close. */
  async function leave(name: string, stream: boolean, afterEvents: number): Promise<number> {
    const abort = new AbortController()
    const asked = gateway.post('/stream/v1/chat/completions', chat(name, { stream }), {}, abort.signal)
    asked.catch(() => {})
    const seen = engine.seen.length
    await until(() => engine.seen.length > seen, 'the engine has the request')
    if (afterEvents > 0) {
      const reader = (await asked).body?.getReader()
      for (let index = 0; index < afterEvents; index += 1) await reader?.read()
    } else await new Promise((resolve) => setTimeout(resolve, 100))
    const left = performance.now()
    abort.abort()
    await until(() => (engine.seen.at(-1)?.closedAt ?? 0) > 0, 'the engine sees the abort')
    return (engine.seen.at(-1)?.closedAt ?? 0) - left
  }

  test('before the answer stops the engine within 200 ms, and nothing stays in flight', async () => {
    assert.ok((await leave('slow-answer', false, 0)) < 200)
    await until(() => gateway.app.gateway.openCalls === 0, 'the call ends')
    assert.is(metricValue(await gateway.metrics(), 'slipway_gateway_inflight_requests', { model: 'slow-answer' }), 0)
  })

  test('in the middle of a stream stops the engine within 200 ms', async () => {
    assert.ok((await leave('slow-stream', true, 2)) < 200)
  })

  test('is charged for the prompt and the tokens that were made, and gets back what was reserved', async () => {
    const made = 10
    const silentAfterTen = await FakeEngine.start(({ res }) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
      for (let index = 1; index <= made; index += 1) res.write(chunk(`t${index}`, index))
    })
    // Refilled by ten a second, far slower than the test is: prompt and events, and the reservation, are all visible.
    const tokensPerMinute = 600
    const { limits } = tenant('research')
    const limited = await startGateway([model('m', [silentAfterTen.endpoint])], {
      tenants: [tenant('research', { limits: { ...limits, tokensPerMinute } })],
    })
    const tokensLeft = async (): Promise<number> => {
      const { quota } = (await (await limited.get('/v1/slipway/status')).json()) as {
        quota: { generate: { tokensLeft: number } }
      }
      return quota.generate.tokensLeft
    }
    assert.is(await tokensLeft(), tokensPerMinute)
    const started = performance.now()
    const refilled = () => ((performance.now() - started) / 1000) * (tokensPerMinute / 60)
    const abort = new AbortController()
    const body = chat('m', { stream: true, max_tokens: 400 })
    const response = await limited.post('/stream/v1/chat/completions', body, {}, abort.signal)
    let text = ''
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    while (!text.includes(`"t${made}"`)) text += (await reader?.read())?.value ?? ''
    const reserved = await tokensLeft()
    assert.ok(reserved <= tokensPerMinute - 400 + refilled(), `${reserved} while it runs`)
    abort.abort()
    await until(() => limited.app.gateway.openCalls === 0, 'the call ends')
    const cost = 30 + made
    const left = await tokensLeft()
    assert.ok(left >= tokensPerMinute - cost, `${left}: more than prompt and events were charged`)
    assert.ok(left <= tokensPerMinute - cost + refilled(), `${left}: less than prompt and events were charged`)
    assert.is(metricValue(await limited.metrics(), 'slipway_gateway_tokens_total', { model: 'm' }), cost)
    await limited.stop()
    await silentAfterTen.stop()
  })

  test('gets no second try', async () => {
    const abort = new AbortController()
    const seen = other.seen.length
    other.fault = async ({ socket }) => {
      abort.abort()
      await new Promise((resolve) => setTimeout(resolve, 50))
      socket.resetAndDestroy()
    }
    await gateway.post('/v1/chat/completions', chat('refusing'), {}, abort.signal).catch(() => {})
    await new Promise((resolve) => setTimeout(resolve, 150))
    assert.is(other.seen.length - seen, 1)
    await until(() => gateway.app.gateway.openCalls === 0, 'the call ends')
  })
})

// A client that leaves: the engine stops at once, nothing is tried again, and the tenant pays for what was made.
import { assert, describe } from '../../test/spec.ts'
import { FakeEngine } from './fake-engine.ts'
import { chat, metricValue, model, startGateway, type TestGateway, until } from './harness.ts'

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

  test('G4 before the answer stops the engine within 200 ms, and nothing stays in flight', async () => {
    assert.ok((await leave('slow-answer', false, 0)) < 200)
    await until(() => gateway.app.gateway.openCalls === 0, 'the call ends')
    assert.is(metricValue(await gateway.metrics(), 'slipway_gateway_inflight_requests', { model: 'slow-answer' }), 0)
  })

  test('G5 in the middle of a stream stops the engine within 200 ms', async () => {
    assert.ok((await leave('slow-stream', true, 2)) < 200)
  })

  test('G37 is charged for the prompt and the tokens that were made', async () => {
    const before = metricValue(await gateway.metrics(), 'slipway_gateway_tokens_total', { model: 'slow-stream' })
    const quota = gateway.app.gateway.quota
    const tenant = gateway.directory.snapshot.tenants[0]
    if (!tenant) throw new Error('no tenant')
    const levelBefore = quota.status(tenant, 'generate').tokensLeft
    await leave('slow-stream', true, 10)
    await until(() => gateway.app.gateway.openCalls === 0, 'the call ends')
    const made = metricValue(await gateway.metrics(), 'slipway_gateway_tokens_total', { model: 'slow-stream' }) - before
    // 30 of the prompt, and at least the ten that were read.
    assert.ok(made >= 40 && made < 60, `${made}`)
    // The bucket is full to its brim but for these, refilled meanwhile: the reservation of 1024 came back.
    assert.ok(levelBefore - quota.status(tenant, 'generate').tokensLeft < 100)
  })

  test('G6 gets no second try', async () => {
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

// Models that sleep or are full: requests wait for them, in turn, and get an error in time when it takes too long.
import { assert, describe } from '../../test/spec.ts'
import { FakeEngine, faults } from './fake-engine.ts'
import { chat, metricValue, model, startGateway, tenant, until } from './harness.ts'

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const code = async (response: Response): Promise<string> =>
  ((await response.json()) as { error: { code: string } }).error.code

describe('a model without a free place', (test) => {
  test('that sleeps and wakes: the request is held, answered, and each wake is counted once', async () => {
    const engine = await FakeEngine.start()
    const gateway = await startGateway([model('m', [])])
    for (const round of [1, 2]) {
      const held = [1, 2, 3].map(() => gateway.post('/v1/chat/completions', chat('m')))
      await until(() => gateway.app.gateway.runtimes.get('m')?.waiting === 3, 'they are held')
      assert.is(metricValue(await gateway.metrics(), 'slipway_gateway_waiting_requests', { model: 'm' }), 3)
      await pause(50)
      gateway.directory.setEndpoints('m', [engine.endpoint])
      for (const response of await Promise.all(held)) assert.is(response.status, 200)
      const page = await gateway.metrics()
      assert.is(metricValue(page, 'slipway_gateway_wakes_total', { model: 'm' }), round)
      assert.is(metricValue(page, 'slipway_gateway_waiting_requests', { model: 'm' }), 0)
      gateway.directory.setEndpoints('m', [])
    }
    assert.is(engine.seen.length, 6)
    await gateway.stop()
    await engine.stop()
  })

  test('that sleeps is woken by a request for which there is no room to wait', async () => {
    const gateway = await startGateway([model('m', [])], { config: { QUEUE_LIMIT: 0 } })
    assert.is((await gateway.post('/v1/chat/completions', chat('m'))).status, 429)
    assert.is(metricValue(await gateway.metrics(), 'slipway_gateway_wakes_total', { model: 'm' }), 1)
    await gateway.stop()
  })

  test('that does not wake in time: 504 with a pause, never 503; X-Scale-Up-Timeout shortens the wait', async () => {
    const gateway = await startGateway([model('m', [])], { config: { HOLD_SECONDS: 0.3 } })
    const response = await gateway.post('/v1/chat/completions', chat('m'))
    assert.is(response.status, 504)
    assert.is(response.headers.get('retry-after'), '10')
    assert.is(await code(response), 'model_starting')
    const started = performance.now()
    const short = await gateway.post('/v1/chat/completions', chat('m'), { 'x-scale-up-timeout': '0.05' })
    assert.is(short.status, 504)
    assert.ok(performance.now() - started < 200)
    await gateway.stop()
  })

  test('whose queue is full of one tenant’s requests lets another tenant’s in, in place of the newest', async () => {
    const engine = await FakeEngine.start('answer-in-300ms')
    const gateway = await startGateway([model('m', [engine.endpoint])], { config: { MODEL_SLOTS: 1, QUEUE_LIMIT: 4 } })
    const first = Array.from({ length: 5 }, () => gateway.post('/v1/chat/completions', chat('m')))
    await until(() => gateway.app.gateway.runtimes.get('m')?.waiting === 4, 'the queue is full')
    const authorization = `Bearer ${await gateway.identity.token({ client_id: 'support' })}`
    const other = await gateway.post('/v1/chat/completions', chat('m'), { authorization })
    assert.is(other.status, 200)
    const statuses = (await Promise.all(first)).map(({ status }) => status)
    assert.equal(statuses, [200, 200, 200, 200, 429])
    await gateway.stop()
    await engine.stop()
  })

  test('is served again as soon as an ejection ends, also for those who wait already', async () => {
    const bad = await FakeEngine.start('refuse')
    const good = await FakeEngine.start('slow-answer')
    const gateway = await startGateway([model('m', [bad.endpoint, good.endpoint])], {
      config: { MODEL_SLOTS: 1, EJECT_FAILURES: 1, EJECT_SECONDS: 0.4, ATTEMPTS: 1, SLOW_START_SECONDS: 0.001 },
    })
    const runtime = gateway.app.gateway.runtimes.get('m')
    await until(async () => {
      if (good.running === 0 || !runtime?.endpoints.some((one) => one.health.isEjected(performance.now())))
        void gateway.post('/v1/chat/completions', chat('m')).catch(() => {})
      await pause(20)
      return good.running === 1 && bad.seen.length > 0
    }, 'one is busy, the other is ejected')
    bad.fault = faults.ok
    const started = performance.now()
    const response = await gateway.post('/v1/chat/completions', chat('m'))
    assert.is(response.status, 200)
    assert.ok(performance.now() - started < 1500, `${performance.now() - started} ms`)
    await gateway.stop()
    await bad.stop()
    await good.stop()
  })

  test('whose client leaves while it waits: reported to nobody, and booked as the client’s own end', async () => {
    const engine = await FakeEngine.start('slow-answer')
    const gateway = await startGateway([model('full', [engine.endpoint]), model('asleep', [])], {
      config: { MODEL_SLOTS: 1 },
    })
    const first = gateway.post('/v1/chat/completions', chat('full'))
    await until(() => engine.seen.length === 1, 'the place is taken')
    for (const name of ['full', 'asleep']) {
      const abort = new AbortController()
      const asked = gateway.post('/v1/chat/completions', chat(name), {}, abort.signal).catch(() => {})
      await until(() => gateway.app.gateway.runtimes.get(name)?.waiting === 1, 'it waits')
      gateway.clearLog()
      abort.abort()
      await asked
      await until(() => gateway.log().includes('"event":"request"'), 'the log has it')
      const { status, outcome, reason, answerBytes } = JSON.parse(
        gateway
          .log()
          .split('\n')
          .find((line) => line.includes('"event":"request"')) ?? '{}',
      )
      assert.equal([status, outcome, reason, answerBytes], [499, 'client_closed', 'client_closed', 0])
    }
    await first
    await gateway.stop()
    await engine.stop()
  })

  test('that sleeps: a stream is held with pings, and its failure is then an event', async () => {
    const gateway = await startGateway([model('m', [])], { config: { HOLD_SECONDS: 0.3, PING_SECONDS: 0.1 } })
    const response = await gateway.post('/stream/v1/chat/completions', chat('m', { stream: true }))
    assert.is(response.status, 200)
    const text = await response.text()
    assert.ok(text.startsWith(': ping\n\n'))
    assert.ok(text.includes('"code":"model_starting"'))
    assert.not(text.includes('[DONE]'))
    await gateway.stop()
  })

  test('on the api lane: the answer comes before the HTTP API gives up, and names the stream lane', async () => {
    const engine = await FakeEngine.start('slow-answer')
    const gateway = await startGateway([model('m', []), model('slow', [engine.endpoint])], {
      config: { API_LANE_SECONDS: 0.2, DOMAIN: 'models.example.com' },
    })
    for (const [name, code, pause, again] of [
      ['m', 'model_starting', '10', null],
      ['slow', 'gateway_timeout', null, 'false'],
    ] as const) {
      const response = await gateway.post('/v1/chat/completions', chat(name))
      assert.is(response.status, 504)
      const { error } = (await response.json()) as { error: { message: string; code: string } }
      assert.is(error.code, code)
      assert.ok(error.message.includes('https://models.example.com/stream/v1'))
      // A client that asks again soon may find a model that starts; a long answer is as long the next time.
      assert.equal([response.headers.get('retry-after'), response.headers.get('x-should-retry')], [pause, again])
    }
    engine.fault = faults['silent-after-2']
    const stream = await gateway.post('/v1/chat/completions', chat('slow', { stream: true }))
    assert.ok((await stream.text()).includes('/stream/v1'))
    await gateway.stop()
    await engine.stop()
  })

  test('that is full: a few wait, tenants take turns, and more are refused at once', async () => {
    const engine = await FakeEngine.start('answer-in-300ms')
    const gateway = await startGateway([model('m', [engine.endpoint])], {
      config: { MODEL_SLOTS: 1, QUEUE_LIMIT: 4 },
      tenants: [tenant('research'), tenant('support')],
    })
    const support = { authorization: `Bearer ${await gateway.identity.token({ client_id: 'support' })}` }
    const order: string[] = []
    const ask = async (name: string, headers = {}) => {
      const response = await gateway.post('/v1/chat/completions', chat('m'), headers)
      if (response.status === 200) order.push(name)
      return response
    }
    const first = ask('running')
    await until(() => engine.running === 1, 'the place is taken')
    const waiting = [ask('research'), ask('research'), ask('research')]
    await until(() => gateway.app.gateway.runtimes.get('m')?.waiting === 3, 'three wait')
    waiting.push(ask('support', support))
    await until(() => gateway.app.gateway.runtimes.get('m')?.waiting === 4, 'four wait')
    const refused = await ask('refused')
    assert.is(refused.status, 429)
    assert.is(await code(refused), 'model_overloaded')
    await Promise.all([first, ...waiting])
    // The one of support came last, and is served second.
    assert.equal(order, ['running', 'research', 'support', 'research', 'research'])
    await gateway.stop()
    await engine.stop()
  })

  test('that nobody waits for any more: a client that leaves the queue costs nothing', async () => {
    const engine = await FakeEngine.start()
    const gateway = await startGateway([model('m', [])])
    const abort = new AbortController()
    const left = gateway.post('/v1/chat/completions', chat('m'), {}, abort.signal)
    left.catch(() => {})
    await until(() => gateway.app.gateway.runtimes.get('m')?.waiting === 1, 'it is held')
    abort.abort()
    await until(() => gateway.app.gateway.openCalls === 0, 'it is gone')
    gateway.directory.setEndpoints('m', [engine.endpoint])
    await pause(50)
    assert.is(engine.seen.length, 0)
    await gateway.stop()
    await engine.stop()
  })
})

// The values of what is done about engines that fail: how often, how long and for what; each that has no other test.
import { assert, describe } from '../../test/spec.ts'
import { Ticker } from '../clock.ts'
import type { Config } from '../config.ts'
import { readConfig } from '../read-config.ts'
import { ModelRuntime } from '../serving/model-runtime.ts'
import { chunk, done, FakeEngine, type Fault, faults } from './fake-engine.ts'
import { chat, metricValue, model, startGateway, type TestGateway, until } from './harness.ts'

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

interface Body {
  error: { code: string }
}

const code = async (response: Response): Promise<string> => ((await response.json()) as Body).error.code

/** Code of the error event that ends a stream. */
const lastCode = (text: string): string => {
  const event =
    text
      .trimEnd()
      .split('\n\n')
      .at(-1)
      ?.replace(/^data: /, '') ?? ''
  return (JSON.parse(event) as Body).error.code
}

/** Answers with a status, as an engine's own server or one before it does. */
const status =
  (value: number, afterMs = 0): Fault =>
  async ({ res }) => {
    await pause(afterMs)
    res.writeHead(value, { 'content-type': 'application/json' }).end('{"message":"No."}')
  }

/** A gateway with one model `m` on engines that are new for it; all is stopped at the end. */
async function withFaults(
  ways: readonly (Fault | undefined)[],
  config: Partial<Config>,
  body: (gateway: TestGateway, engines: readonly FakeEngine[]) => Promise<void>,
  firstTokenSeconds = 30,
): Promise<void> {
  const engines = await Promise.all(ways.map((fault) => FakeEngine.start(fault)))
  const entry = model(
    'm',
    engines.map(({ endpoint }) => endpoint),
  )
  entry.spec.timeouts.firstTokenSeconds = firstTokenSeconds
  const gateway = await startGateway([entry], { config: { SLOW_START_SECONDS: 0.001, ...config } })
  try {
    await body(gateway, engines)
  } finally {
    await gateway.stop()
    for (const engine of engines) await engine.stop()
  }
}

/** A model at run time with the settings of production, and a clock of its own. */
function runtimeOf(count: number) {
  const { config } = readConfig({})
  const clock = { now: 1_000_000 }
  const ticker = new Ticker(1000, () => clock.now)
  const endpoints = Array.from({ length: count }, (_, index) => ({ address: '10.0.0.1', port: index + 1, ready: true }))
  const ejections: string[] = []
  const events = { onWake: () => {}, onEject: (name: string) => void ejections.push(name) }
  const runtime = new ModelRuntime(model('m', endpoints), config, ticker, events)
  ticker.stop()
  /** One request at that endpoint ends so. */
  const end = (index: number, outcome: 'succeeded' | 'failed' | 'neutral') => {
    const others = runtime.endpoints.filter((_, other) => other !== index)
    const lease = runtime.acquireRetry(
      { tenant: 'research', tokens: 1, affinity: undefined, holdUntil: 0 },
      others,
      true,
    )
    assert.is(lease?.endpoint, runtime.endpoints[index])
    lease?.release(outcome)
  }
  const isOut = (index: number, at = clock.now) => runtime.endpoints[index]?.isEjected(at)
  return { clock, ejections, end, isOut }
}

describe('an endpoint', (test) => {
  test('is ejected at the third failure in a row: for 5 s, and at the first failure after that for 10, 20, 40, 60 and 60', () => {
    const { clock, ejections, end, isOut } = runtimeOf(2)
    for (let index = 0; index < 5; index += 1) {
      end(0, 'failed')
      end(0, 'failed')
      // What says nothing about it neither helps nor harms.
      end(0, 'neutral')
      assert.is(isOut(0), false)
      end(0, 'succeeded')
    }
    end(0, 'failed')
    end(0, 'failed')
    for (const [index, seconds] of [5, 10, 20, 40, 60, 60].entries()) {
      end(0, 'failed')
      assert.is(ejections.length, index + 1)
      assert.is(isOut(0, clock.now + seconds * 1000 - 1), true, `not out for ${seconds} s`)
      clock.now += seconds * 1000
      assert.is(isOut(0), false, `out for more than ${seconds} s`)
    }
  })

  test('that failed while it was out stays out no longer for that', () => {
    const { clock, ejections, end, isOut } = runtimeOf(4)
    for (let index = 0; index < 10; index += 1) end(0, 'failed')
    assert.is(ejections.length, 1)
    clock.now += 5000
    assert.is(isOut(0), false)
  })

  test('that answers is back at once, and as good as new: three failures eject it, for 5 s', () => {
    const { clock, ejections, end, isOut } = runtimeOf(2)
    for (let index = 0; index < 3; index += 1) end(0, 'failed')
    clock.now += 5000
    end(0, 'failed')
    assert.is(isOut(0), true)
    end(0, 'succeeded')
    assert.is(isOut(0), false)
    end(0, 'failed')
    end(0, 'failed')
    assert.is(isOut(0), false)
    end(0, 'failed')
    assert.is(ejections.length, 3)
    assert.is(isOut(0, clock.now + 4999), true)
    assert.is(isOut(0, clock.now + 5000), false)
  })

  test('is not ejected when half of them are: the rest would have to do all the work', () => {
    for (const [count, most] of [
      [1, 0],
      [2, 1],
      [3, 1],
      [4, 2],
      [5, 2],
    ] as const) {
      const { ejections, end, isOut } = runtimeOf(count)
      for (let round = 0; round < 4; round += 1) for (let index = 0; index < count; index += 1) end(index, 'failed')
      const out = Array.from({ length: count }, (_, index) => isOut(index)).filter(Boolean).length
      assert.is(out, most, `${out} of ${count}`)
      assert.is(ejections.length, most)
    }
  })
})

describe('an engine that answers with status', (test) => {
  // Tries at two engines that both do so, failures that count against them, and what the client gets.
  for (const [value, tries, ejections, answer] of [
    [400, 1, 0, 400],
    [422, 1, 0, 422],
    [424, 1, 0, 502],
    [429, 2, 0, 429],
    [500, 1, 1, 502],
    [502, 2, 1, 502],
    [503, 2, 0, 429],
    [504, 2, 1, 502],
  ] as const)
    test(`${value} is asked ${tries === 1 ? 'once' : 'and then another'}, and is ${ejections === 0 ? 'not ' : ''}at fault`, async () => {
      for (const stream of [false, true])
        await withFaults([status(value), status(value)], { EJECT_FAILURES: 1 }, async (gateway, [one, two]) => {
          const response = await gateway.post('/v1/chat/completions', chat('m', { stream }))
          assert.is(response.status, answer)
          // Never twice at the same one.
          assert.equal([one?.seen.length, two?.seen.length].sort(), tries === 2 ? [1, 1] : [0, 1])
          const page = await gateway.metrics()
          assert.is(metricValue(page, 'slipway_gateway_ejections_total', { model: 'm' }), ejections)
          assert.is(metricValue(page, 'slipway_gateway_retries_total', { model: 'm' }), tries - 1)
        })
    })
})

describe('a request', (test) => {
  test('that failed late is not repeated, of any kind; one that failed soon is', async () => {
    const reset: Fault = async ({ socket }) => {
      await pause(200)
      socket.resetAndDestroy()
    }
    for (const fault of [status(503, 200), reset])
      for (const [seconds, tries] of [
        [0.1, 1],
        [5, 2],
      ] as const)
        await withFaults([fault, fault], { RETRY_WINDOW_SECONDS: seconds }, async (gateway, [one, two]) => {
          const response = await gateway.post('/v1/chat/completions', chat('m'))
          assert.is(response.status, fault === reset ? 502 : 429)
          assert.is((one?.seen.length ?? 0) + (two?.seen.length ?? 0), tries)
        })
  })

  test('that is no stream gets 504 when its answer does not begin in time, second tries included; once begun, it goes on', async () => {
    const late: Fault = async ({ res, request }) => {
      if (request.user !== 'begin') return
      res.writeHead(200, { 'content-type': 'application/json' }).write('{"half":')
      await pause(1200)
      res.end('1}')
    }
    const limits = { ANSWER_SECONDS: 0.5, FIRST_BYTE_SECONDS: 0.9 }
    const body = async (gateway: TestGateway, engines: readonly FakeEngine[]) => {
      const started = performance.now()
      const silent = gateway.post('/stream/v1/chat/completions', chat('m'))
      const begun = gateway.post('/stream/v1/chat/completions', chat('m', { user: 'begin' }))
      const response = await silent
      const ms = performance.now() - started
      assert.is(response.status, 504)
      assert.is(response.headers.get('x-should-retry'), 'false')
      assert.is(await code(response), 'gateway_timeout')
      assert.ok(ms > 890 && ms < 2500, `${ms} ms`)
      assert.equal(
        engines.map(({ seen }) => seen.filter(({ body }) => !body.includes('begin')).length),
        [1, 1],
      )
      assert.is(await (await begun).text(), '{"half":1}')
    }
    await withFaults([late, late], limits, body, 0.1)
  })
})

describe('a stream', (test) => {
  const ask = (gateway: TestGateway, headers = {}) =>
    gateway.post('/stream/v1/chat/completions', chat('m', { stream: true }), headers)

  test('may be neither kept nor changed on its way', async () => {
    await withFaults([undefined], {}, async (gateway) => {
      const response = await ask(gateway)
      assert.is(response.headers.get('cache-control'), 'no-cache, no-transform')
      assert.ok((await response.text()).endsWith(done))
    })
  })

  test('that has no end is ended with an error event, however lively it is', async () => {
    await withFaults([faults['slow-stream']], { STREAM_SECONDS: 0.5 }, async (gateway, [engine]) => {
      const started = performance.now()
      const response = await ask(gateway)
      assert.is(response.status, 200)
      const text = await response.text()
      const ms = performance.now() - started
      assert.ok(ms > 490 && ms < 2500, `${ms} ms`)
      assert.is(lastCode(text), 'gateway_timeout')
      assert.not(text.includes('[DONE]'))
      assert.match(text, '"content":"t1"')
      await until(() => engine?.connections === 0, 'the engine need not go on')
    })
  })

  test('stalls though the engine sends comments: they pass, and are no progress', async () => {
    for (const first of ['', chunk('t1', 1)]) {
      const comments: Fault = async ({ res }) => {
        res.writeHead(200, { 'content-type': 'text/event-stream' })
        res.write(first)
        while (!res.destroyed) {
          res.write(': keep-alive\n\n')
          await pause(50)
        }
      }
      const body = async (gateway: TestGateway) => {
        const started = performance.now()
        const response = await ask(gateway)
        const text = await response.text()
        const ms = performance.now() - started
        assert.ok(ms > 390 && ms < 2500, `${ms} ms`)
        assert.is(lastCode(text), 'upstream_timeout')
        // Before the first event the status is still open.
        assert.is(response.status, first === '' ? 504 : 200)
        assert.is(text.includes(': keep-alive\n\n'), first !== '')
      }
      await withFaults([comments], { STALL_SECONDS: 0.4, RETRY_WINDOW_SECONDS: 0.1 }, body, 0.4)
    }
  })

  test('waits longer for a sleeping model when X-Scale-Up-Timeout says so, up to a limit; others do not', async () => {
    const config = { HOLD_SECONDS: 0.2, STREAM_HOLD_SECONDS: 1 }
    const longer = { 'x-scale-up-timeout': '600' }
    await withFaults([undefined], config, async (gateway, [engine]) => {
      const waiting = () => gateway.app.gateway.runtimes.get('m')?.waiting
      gateway.directory.setEndpoints('m', [])
      const held = ask(gateway, longer)
      await until(() => waiting() === 1, 'it is held')
      const others = [ask(gateway), gateway.post('/stream/v1/chat/completions', chat('m'), longer)]
      for (const response of await Promise.all(others)) {
        assert.is(response.status, 504)
        assert.is(await code(response), 'model_starting')
      }
      assert.is(waiting(), 1)
      gateway.directory.setEndpoints('m', engine ? [engine.endpoint] : [])
      assert.ok((await (await held).text()).endsWith(done))
      gateway.directory.setEndpoints('m', [])
      const started = performance.now()
      const response = await ask(gateway, longer)
      const ms = performance.now() - started
      assert.is(response.status, 504)
      assert.is(await code(response), 'model_starting')
      assert.ok(ms > 990 && ms < 3000, `${ms} ms`)
    })
  })
})

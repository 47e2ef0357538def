// The values of what is done about engines that fail: how often, how long and for what; each that has no other test.
import { assert, describe } from '../../test/spec.ts'
import type { Config } from '../config.ts'
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

describe('an engine that answers with status', (test) => {
  // Tries at two engines of which one does so, or both; ejections of the one at its first failure, and what the client gets.
  for (const [value, tries, ejections, alone, both] of [
    [400, 1, 0, 400, 400],
    [413, 1, 0, 413, 413],
    [422, 1, 0, 422, 422],
    [302, 2, 1, 200, 502],
    [401, 2, 1, 200, 502],
    [403, 2, 1, 200, 502],
    [404, 2, 1, 200, 502],
    [405, 2, 1, 200, 502],
    [424, 2, 1, 200, 502],
    [429, 2, 0, 200, 429],
    [500, 2, 1, 200, 502],
    [502, 2, 1, 200, 502],
    [503, 2, 0, 200, 429],
    [504, 2, 1, 200, 502],
  ] as const)
    test(`${value} is asked ${tries === 1 ? 'once' : 'and then another'}, and is ${ejections === 0 ? 'not ' : ''}at fault when that does better`, async () => {
      for (const stream of [false, true]) {
        await withFaults([status(value), undefined], { EJECT_FAILURES: 1 }, async (gateway, [bad]) => {
          const ask = () => gateway.post('/v1/chat/completions', chat('m', { stream }))
          let response = await ask()
          while (bad?.seen.length === 0) {
            await response.text()
            response = await ask()
          }
          assert.is(response.status, alone)
          await response.text()
          const page = await gateway.metrics()
          assert.is(metricValue(page, 'slipway_gateway_ejections_total', { model: 'm' }), ejections)
        })
        await withFaults([status(value), status(value)], { EJECT_FAILURES: 1 }, async (gateway, [one, two]) => {
          const response = await gateway.post('/v1/chat/completions', chat('m', { stream }))
          assert.is(response.status, both)
          // Never twice at the same one.
          assert.equal([one?.seen.length, two?.seen.length].sort(), tries === 2 ? [1, 1] : [0, 1])
          const page = await gateway.metrics()
          assert.is(metricValue(page, 'slipway_gateway_ejections_total', { model: 'm' }), 0)
          assert.is(metricValue(page, 'slipway_gateway_retries_total', { model: 'm' }), tries - 1)
        })
      }
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
      res.writeHead(200, { 'content-type': 'application/json' }).write('{"choices":')
      await pause(1200)
      res.end('[1]}')
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
      assert.is(await (await begun).text(), '{"choices":[1]}')
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

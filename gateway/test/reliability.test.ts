// Engines that fail: which failures are tried elsewhere, which take an endpoint out, and what the client reads.
import { assert, describe } from '../../test/spec.ts'
import type { Config } from '../config.ts'
import type { ModelEntry } from '../discovery/directory.ts'
import { type Answering, chunk, completion, done, FakeEngine, faults } from './fake-engine.ts'
import { chat, metricValue, model, startGateway, type TestGateway, tenant, until } from './harness.ts'

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** A gateway with one model `m` on the given engines; all is stopped at the end. */
async function withEngines(
  engines: readonly FakeEngine[],
  config: Partial<Config>,
  body: (gateway: TestGateway) => Promise<void>,
  changes: Partial<ModelEntry> = {},
): Promise<void> {
  const entry = model(
    'm',
    engines.map(({ endpoint }) => endpoint),
    changes,
  )
  const gateway = await startGateway([entry], { config: { SLOW_START_SECONDS: 0.001, ...config } })
  try {
    await body(gateway)
  } finally {
    await gateway.stop()
    for (const engine of engines) await engine.stop()
  }
}

const code = async (response: Response): Promise<string> =>
  ((await response.json()) as { error: { code: string } }).error.code

/** Ten streams and ten others, each of which is answered. */
async function askTwenty(gateway: TestGateway): Promise<void> {
  for (let index = 0; index < 20; index += 1) {
    const stream = index % 2 === 0
    const response = await gateway.post('/v1/chat/completions', chat('m', { stream }))
    assert.is(response.status, 200)
    assert.ok((await response.text()).endsWith(stream ? done : '"one":1.0}'))
  }
}

describe('an engine that fails', (test) => {
  test('gives idle connections up: under a steady client none is used again so late, and many are used again', async () => {
    const engine = await FakeEngine.start('ok', 370)
    // As in production the gateway keeps a connection for less time than the engine does: 100 ms against 370.
    await withEngines([engine], { UPSTREAM_KEEP_ALIVE_SECONDS: 0.1 }, async (gateway) => {
      for (let index = 0; index < 100; index += 1) {
        assert.is((await gateway.post('/v1/chat/completions', chat('m'))).status, 200)
        // The long pauses are those at which a connection is too old, and may not have been swept away yet.
        await pause(index < 20 && index % 2 === 1 ? 385 : 5)
      }
      assert.is(engine.resets, 0)
      assert.ok(engine.accepted < 50, `${engine.accepted} connections for 100 requests`)
    })
  })

  test('closes idle connections at the very moment at which they are used again: all is answered, no endpoint is ejected', async () => {
    /** Answers the first request of each connection, and ends the connection at the second. */
    const forgetful = async () => {
      const used = new WeakSet<object>()
      const engine = await FakeEngine.start(({ socket, res, seen }) => {
        if (used.has(socket)) socket.destroy()
        else {
          used.add(socket)
          res.writeHead(200, { 'content-type': 'application/json' }).end(completion(seen.model))
        }
      })
      return engine
    }
    for (const count of [1, 2]) {
      const engines = await Promise.all(Array.from({ length: count }, forgetful))
      await withEngines(engines, {}, async (gateway) => {
        for (let index = 0; index < 40; index += 1)
          assert.is((await gateway.post('/v1/chat/completions', chat('m'))).status, 200, `${count} endpoints, ${index}`)
        assert.is(metricValue(await gateway.metrics(), 'slipway_gateway_ejections_total'), 0)
      })
    }
  })

  test('accepts and never answers: its request ends at the limit, its companion serves all others meanwhile', async () => {
    const { spec } = model('m', [])
    for (const stream of [false, true]) {
      const silent = await FakeEngine.start('no-answer')
      const fine = await FakeEngine.start()
      // As in production the limit is longer than the time for second tries.
      const limits = { ANSWER_SECONDS: 1, STREAM_HEADERS_SECONDS: 1, RETRY_WINDOW_SECONDS: 0.5 }
      const body = async (gateway: TestGateway) => {
        const ask = () => gateway.post('/v1/chat/completions', chat('m', { stream }))
        let started = 0
        let stuck: Promise<Response> | undefined
        while (silent.seen.length === 0) {
          started = performance.now()
          stuck = ask()
          await Promise.race([stuck, until(() => silent.seen.length === 1, 'it is stuck').catch(() => {})])
        }
        let isOver = false
        void stuck?.then(() => (isOver = true))
        for (let index = 0; index < 10; index += 1) {
          const response = await ask()
          assert.is(response.status, 200)
          await response.text()
        }
        assert.not(isOver, 'too slow to say anything')
        assert.is(silent.seen.length, 1)
        const response = (await stuck) as Response
        const ms = performance.now() - started
        assert.is(response.status, 504)
        assert.is(await code(response), 'upstream_timeout')
        assert.ok(ms > 990 && ms < 3500, `${ms} ms`)
      }
      await withEngines([silent, fine], limits, body, { spec: { ...spec, timeouts: { firstTokenSeconds: 0.5 } } })
    }
  })

  test('leaves the directory: it gets no new request, and its streams finish', async () => {
    const leaving = await FakeEngine.start('slow-stream')
    const staying = await FakeEngine.start()
    await withEngines([leaving], {}, async (gateway) => {
      const response = await gateway.post('/stream/v1/chat/completions', chat('m', { stream: true }))
      gateway.directory.setEndpoints('m', [staying.endpoint])
      for (let index = 0; index < 20; index += 1) await gateway.post('/v1/chat/completions', chat('m'))
      assert.is(leaving.seen.length, 1)
      assert.is(staying.seen.length, 20)
      const text = await response.text()
      assert.is(text.match(/"content"/g)?.length, 200)
      assert.ok(text.endsWith('data: [DONE]\n\n'))
      await until(() => leaving.connections === 0, 'its connections are closed')
    })
    await staying.stop()
  })

  test('leaves with its whole model: the series of the model end with its last stream', async () => {
    const engine = await FakeEngine.start()
    engine.fault = async ({ res }) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' })
      res.write(chunk('t1', 1))
      await new Promise((resolve) => setTimeout(resolve, 300))
      res.end(chunk('t2', 2, 'stop') + done)
    }
    await withEngines([engine], {}, async (gateway) => {
      const response = await gateway.post('/stream/v1/chat/completions', chat('m', { stream: true }))
      gateway.directory.set([], [tenant('research')])
      assert.match(await gateway.metrics(), 'model="m"')
      assert.ok((await response.text()).endsWith('data: [DONE]\n\n'))
      await until(async () => !(await gateway.metrics()).includes('model="m"'), 'its series are gone')
    })
  })

  test('refuses 100 requests as bad: it is not ejected, and each is passed on once', async () => {
    const engine = await FakeEngine.start('bad-request')
    const other = await FakeEngine.start('bad-request')
    await withEngines([engine, other], {}, async (gateway) => {
      for (let index = 0; index < 100; index += 1) {
        const response = await gateway.post('/v1/chat/completions', chat('m'))
        assert.is(response.status, 400)
        const { error } = (await response.json()) as { error: { param: string } }
        assert.is(error.param, 'temperature')
      }
      assert.is(engine.seen.length + other.seen.length, 100)
      const page = await gateway.metrics()
      assert.is(metricValue(page, 'slipway_gateway_ejected_endpoints'), 0)
      assert.is(metricValue(page, 'slipway_gateway_ejections_total'), 0)
    })
  })

  test('drops three streams in the middle: it is ejected, and tried again later', async () => {
    const bad = await FakeEngine.start('cut-after-3')
    const good = await FakeEngine.start()
    await withEngines([bad, good], { EJECT_SECONDS: 0.5 }, async (gateway) => {
      const ask = async () => (await gateway.post('/stream/v1/chat/completions', chat('m', { stream: true }))).text()
      while (bad.seen.length < 3) await ask()
      const ejected = performance.now()
      for (let index = 0; index < 20; index += 1) assert.ok((await ask()).endsWith('[DONE]\n\n'))
      assert.ok(performance.now() - ejected < 500, 'too slow to say anything')
      assert.is(bad.seen.length, 3)
      assert.is(metricValue(await gateway.metrics(), 'slipway_gateway_ejected_endpoints', { model: 'm' }), 1)
      await pause(500 - (performance.now() - ejected) + 20)
      bad.fault = faults.ok
      for (let index = 0; index < 20; index += 1) await ask()
      assert.ok(bad.seen.length > 3, 'never tried again')
    })
  })

  test('has no healthy companion: all are tried still though all are ejected, and the client gets 502', async () => {
    const failing = [await FakeEngine.start('refuse'), await FakeEngine.start('refuse')]
    const good = [await FakeEngine.start(), await FakeEngine.start()]
    await withEngines([...failing, ...good], { QUEUE_SECONDS: 1 }, async (gateway) => {
      const ask = () => gateway.post('/v1/chat/completions', chat('m'))
      const ejected = async () => metricValue(await gateway.metrics(), 'slipway_gateway_ejected_endpoints')
      await until(async () => {
        await ask()
        return (await ejected()) === 2
      }, 'half of them are ejected')
      gateway.directory.setEndpoints(
        'm',
        failing.map(({ endpoint }) => endpoint),
      )
      const before = failing.map(({ seen }) => seen.length)
      for (let index = 0; index < 10; index += 1) {
        const response = await ask()
        assert.is(response.status, 502)
        assert.is(await code(response), 'upstream_unreachable')
      }
      assert.is(await ejected(), 2)
      for (const [index, { seen }] of failing.entries()) assert.is(seen.length - (before[index] ?? 0), 10)
      for (const engine of failing) engine.fault = faults.ok
      assert.is((await ask()).status, 200)
    })
  })

  test('resets its connections: the other endpoint answers, streams too, and a retry is counted', async () => {
    const bad = await FakeEngine.start('refuse')
    const good = await FakeEngine.start()
    await withEngines([bad, good], { EJECT_FAILURES: 100 }, async (gateway) => {
      await askTwenty(gateway)
      assert.ok(bad.seen.length > 0)
      assert.is(good.seen.length, 20)
      assert.is(metricValue(await gateway.metrics(), 'slipway_gateway_retries_total', { model: 'm' }), bad.seen.length)
    })
  })

  test('refuses the connection: the other endpoint answers, streams too, and a retry is counted', async () => {
    const good = await FakeEngine.start()
    await withEngines([good], { EJECT_FAILURES: 100 }, async (gateway) => {
      // Nothing listens on this port.
      gateway.directory.setEndpoints('m', [{ address: '127.0.0.1', port: 1, ready: true }, good.endpoint])
      await pause(5)
      await askTwenty(gateway)
      assert.is(good.seen.length, 20)
      assert.ok(metricValue(await gateway.metrics(), 'slipway_gateway_retries_total', { model: 'm' }) > 0)
    })
  })

  test('goes with forty requests and streams that have not begun: the other endpoint answers them all', async () => {
    const silent = await FakeEngine.start(async ({ res, request }) => {
      if (request.stream === true) res.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
    })
    const good = await FakeEngine.start(async (call) => {
      await pause(300)
      await faults.ok?.(call)
    })
    await withEngines([silent, good], {}, async (gateway) => {
      const asked = Array.from({ length: 80 }, (_, index) =>
        gateway.post('/v1/chat/completions', chat('m', { stream: index % 2 === 0 })),
      )
      await until(() => silent.running > 20 && silent.running + good.seen.length === 80, 'both have their share')
      const moved = silent.running
      await silent.stop()
      for (const response of await Promise.all(asked)) {
        assert.is(response.status, 200)
        await response.text()
      }
      assert.is(metricValue(await gateway.metrics(), 'slipway_gateway_retries_total', { model: 'm' }), moved)
    })
  })

  test('fails after some work: second tries stay within their share of what is in flight; after a refusal they are free', async () => {
    for (const [fault, status] of [
      ['engine-error', 502],
      ['busy-503', 429],
    ] as const) {
      const bad = await FakeEngine.start(async (call) => {
        await pause(200)
        await faults[fault]?.(call)
      })
      const good = await FakeEngine.start('answer-in-300ms')
      await withEngines([bad, good], {}, async (gateway) => {
        const answers = await Promise.all(
          Array.from({ length: 60 }, () => gateway.post('/v1/chat/completions', chat('m'))),
        )
        const retries = metricValue(await gateway.metrics(), 'slipway_gateway_retries_total', { model: 'm' })
        assert.ok(bad.seen.length > 20)
        if (fault === 'busy-503') assert.is(retries, bad.seen.length)
        else assert.ok(retries >= 3 && retries <= 0.2 * 60, String(retries))
        assert.is(answers.filter((answer) => answer.status === status).length, bad.seen.length - retries)
        assert.is(answers.filter((answer) => answer.status === 200).length, 60 - bad.seen.length + retries)
      })
    }
  })

  test('is broken by one tenant’s requests wherever they go: it is not ejected, and the others are answered', async () => {
    const poisoned = async (call: Answering) => {
      await (call.seen.body.includes('poison') ? faults['engine-error'] : faults.ok)?.(call)
    }
    for (const count of [1, 2]) {
      const engines = await Promise.all(Array.from({ length: count }, () => FakeEngine.start(poisoned)))
      await withEngines(engines, {}, async (gateway) => {
        const support = `Bearer ${await gateway.identity.token({ client_id: 'support' })}`
        for (let index = 0; index < 30; index += 1) {
          const bad = await gateway.post('/v1/chat/completions', chat('m', { user: 'poison' }))
          assert.is(bad.status, 502)
          const good = await gateway.post('/v1/chat/completions', chat('m'), { authorization: support })
          assert.is(good.status, 200)
        }
        assert.is(metricValue(await gateway.metrics(), 'slipway_gateway_ejections_total'), 0)
      })
    }
  })

  test('goes silent while clients wait two seconds, or the lane less: it is found out, and then costs one request at a time', async () => {
    for (const limit of ['client', 'lane']) {
      const silent = await FakeEngine.start('no-answer')
      const good = await FakeEngine.start()
      const config = { API_LANE_SECONDS: limit === 'lane' ? 1 : 27, EJECT_SECONDS: 60 }
      await withEngines([silent, good], config, async (gateway) => {
        const ask = async () => {
          const patience = AbortSignal.timeout(limit === 'client' ? 1000 : 20_000)
          const asked = gateway.post('/v1/chat/completions', chat('m'), {}, patience)
          return asked.then(({ status }) => status === 200).catch(() => false)
        }
        const asked: Promise<boolean>[] = []
        for (let index = 0; index < 120; index += 1) {
          asked.push(ask())
          await pause(50)
        }
        const late = (await Promise.all(asked)).slice(80)
        assert.ok(late.filter((isAnswered) => !isAnswered).length <= 1, `${late}`)
        assert.is(metricValue(await gateway.metrics(), 'slipway_gateway_ejected_endpoints'), 1)
      })
    }
  })

  test('says that the context is too long: 400 with its code, once', async () => {
    const engine = await FakeEngine.start('context-length')
    const other = await FakeEngine.start('context-length')
    await withEngines([engine, other], {}, async (gateway) => {
      const response = await gateway.post('/v1/chat/completions', chat('m'))
      assert.is(response.status, 400)
      assert.is(response.headers.get('x-should-retry'), 'false')
      assert.is(await code(response), 'context_length_exceeded')
      assert.is(engine.seen.length + other.seen.length, 1)
    })
  })

  test('sends garbage: the gateway stays alive, and the next request is served', async () => {
    const engine = await FakeEngine.start()
    await withEngines([engine], {}, async (gateway) => {
      for (const fault of ['garbage-status', 'bad-chunk', 'header-bomb', 'reset-in-body', 'refuse', 'no-such-fault']) {
        engine.fault = faults[fault]
        for (const stream of [false, true]) {
          const response = await gateway.post('/v1/chat/completions', chat('m', { stream })).catch(() => undefined)
          await response?.text().catch(() => {})
        }
        engine.fault = faults.ok
        assert.is((await gateway.post('/v1/chat/completions', chat('m'))).status, 200, fault)
      }
      await until(() => gateway.app.gateway.openCalls === 0, 'no call is left')
    })
  })

  test('encodes its answer, which nobody asked for, or counts what nobody can have: the client gets no part of it', async () => {
    const engine = await FakeEngine.start(({ res, seen }) => {
      res.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
      res.end(completion(seen.model))
    })
    await withEngines([engine], {}, async (gateway) => {
      assert.is((await gateway.post('/v1/chat/completions', chat('m'))).status, 502)
      engine.fault = ({ res, seen }) => {
        res.writeHead(200, { 'content-type': 'application/json' })
        res.end(
          completion(seen.model).replace('"total_tokens":100,"completion_tokens":70', '"completion_tokens":1e308'),
        )
      }
      assert.is((await gateway.post('/v1/chat/completions', chat('m'))).status, 200)
      assert.is((await gateway.post('/v1/chat/completions', chat('m'))).status, 200)
    })
  })

  test('is busy like its companion: 429 with a pause that differs from client to client, never 503', async () => {
    for (const [fault, stream] of [
      ['busy-503', false],
      ['busy-503', true],
      ['busy-event', true],
    ] as const) {
      const one = await FakeEngine.start(fault)
      const two = await FakeEngine.start(fault)
      await withEngines([one, two], {}, async (gateway) => {
        const pauses: number[] = []
        for (let index = 0; index < 20; index += 1) {
          const response = await gateway.post('/v1/chat/completions', chat('m', { stream }))
          assert.is(response.status, 429)
          const ms = Number(response.headers.get('retry-after-ms'))
          assert.ok(ms >= 1000 && ms <= 5000, `${ms} ms`)
          assert.is(response.headers.get('retry-after'), String(Math.ceil(ms / 1000)))
          assert.is(await code(response), 'model_overloaded')
          pauses.push(ms)
        }
        // Clients that were refused together must not come back together.
        assert.ok(Math.max(...pauses) - Math.min(...pauses) > 1000, `${pauses}`)
        assert.is(one.seen.length, 20)
        assert.is(two.seen.length, 20)
      })
    }
  })

  test('is busy while its companion is not: the companion answers, also when the engine says so in its first event', async () => {
    for (const fault of ['busy-503', 'busy-event', 'shutting-down']) {
      const busy = await FakeEngine.start(fault)
      const free = await FakeEngine.start()
      await withEngines([busy, free], { EJECT_FAILURES: 1000 }, async (gateway) => {
        for (let index = 0; index < 12; index += 1) {
          const response = await gateway.post('/v1/chat/completions', chat('m', { stream: true }))
          assert.is(response.status, 200)
          assert.ok((await response.text()).endsWith('[DONE]\n\n'))
        }
        assert.ok(busy.seen.length > 0)
      })
    }
  })

  test('is ten times slower than its companions: it gets less than 15 % of the requests', async () => {
    const answerIn = (ms: number) => async (call: Parameters<NonNullable<FakeEngine['fault']>>[0]) => {
      await pause(ms)
      faults.ok?.(call)
    }
    const engines = [
      await FakeEngine.start(answerIn(100)),
      await FakeEngine.start(answerIn(10)),
      await FakeEngine.start(answerIn(10)),
    ]
    await withEngines(engines, {}, async (gateway) => {
      let left = 600
      const worker = async () => {
        while (left > 0) {
          left -= 1
          await (await gateway.post('/v1/chat/completions', chat('m'))).text()
        }
      }
      await Promise.all(Array.from({ length: 12 }, worker))
      const share = (engines[0]?.seen.length ?? 0) / 600
      assert.ok(share < 0.15, `${share}`)
    })
  })

  test('leaks paths and addresses in a long error: the client gets a clean and short one', async () => {
    const engine = await FakeEngine.start('leaky-400')
    await withEngines([engine], {}, async (gateway) => {
      const leaky = await (await gateway.post('/v1/chat/completions', chat('m'))).text()
      assert.not(/etc|10\.20|8000/.test(leaky), leaky)
      engine.fault = faults['fails-late']
      const failed = await (await gateway.post('/v1/chat/completions', chat('m'))).text()
      assert.not(/python|10\.1|boom/.test(failed), failed)
      engine.fault = faults['huge-error']
      const huge = await gateway.post('/v1/chat/completions', chat('m'))
      assert.is(huge.status, 400)
      assert.ok((await huge.text()).length <= 65_536)
    })
  })
})

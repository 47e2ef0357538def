// Long runs, at most ten minutes together: memory that does not grow, and nothing lost while parts go away.
// `npm run test:soak`; bounded in count and time, loopback only.
import { setTimeout as wait } from 'node:timers/promises'
import { Agent, request, fetch as undiciFetch } from 'undici'
import { assert, describe } from '../../test/spec.ts'
import { FakeEngine, type Fault, faults } from './fake-engine.ts'
import { chat, model, startGateway, startIdentityProvider, until } from './harness.ts'
import { GatewayProcess, serverProgram } from './process.ts'

const agent = new Agent({ connections: 128, pipelining: 1 })

/** Heap after everything that can go is gone, in bytes. */
async function heap(): Promise<number> {
  for (let round = 0; round < 4; round += 1) {
    globalThis.gc?.()
    await wait(50)
  }
  return process.memoryUsage().heapUsed
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`

/** Runs `count` jobs, `width` at a time. */
async function inParallel(count: number, width: number, job: (index: number) => Promise<void>): Promise<void> {
  let next = 0
  const worker = async () => {
    while (next < count) {
      next += 1
      await job(next)
    }
  }
  await Promise.all(Array.from({ length: width }, worker))
}

const rssOf = async (pid: number): Promise<number> => {
  const { readFileSync } = await import('node:fs')
  return Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/)?.[1]) * 1024
}

/** Answers, and now and then one of the failures that a second endpoint makes good. */
const mixedAnswer: Fault = (call) => {
  const count = call.engine.seen.length
  if (count % 200 === 50) return faults['busy-503']?.(call)
  if (count % 200 === 150) return faults['cut-after-3']?.(call)
  return call.seen.path === '/tokenize' ? faults.tokens?.(call) : faults.ok?.(call)
}

interface Mixed {
  path: string
  body: string
  status: readonly number[]
  key?: string
}

const long = { messages: [{ role: 'user', content: 'a "b"\n'.repeat(30_000) }] }
/** Both shapes of answers, other APIs, and refusals of each kind. */
const mixed: readonly Mixed[] = [
  ...Array.from({ length: 6 }, () => ({ path: '/v1/chat/completions', body: chat('m'), status: [200, 429, 502] })),
  ...Array.from({ length: 6 }, () => ({
    path: '/stream/v1/chat/completions',
    body: chat('m', { stream: true }),
    status: [200, 429, 502],
  })),
  { path: '/v1/chat/completions', body: chat('m', long), status: [200, 429, 502] },
  { path: '/tokenize', body: { model: 'm', prompt: 'a' }, status: [200, 429, 502] },
  { path: '/models/m/generate', body: { inputs: 'a' }, status: [200, 429, 502] },
  { path: '/v1/chat/completions', body: chat('none'), status: [404] },
  { path: '/v1/chat/completions', body: chat('m', { n: -1 }), status: [400] },
  { path: '/v1/chat/completions', body: chat('m', { x: [1] }), status: [401], key: 'Bearer unknown' },
  { path: '/v1/nothing', body: chat('m'), status: [404] },
].map((one) => ({ ...one, body: JSON.stringify(one.body) }))

describe('a long run', (test) => {
  interface Part {
    stop(): Promise<unknown>
  }
  /** What a test started and did not end: one that fails in the middle must not leave it running. */
  const running = new Set<Part>()
  const keep = async <Kept extends Part>(starting: Promise<Kept>): Promise<Kept> => {
    const part = await starting
    running.add(part)
    return part
  }
  const end = async (part: Part): Promise<void> => {
    running.delete(part)
    await part.stop()
  }
  const bounded = (sentence: string, timeoutSeconds: number, body: () => Promise<void>): void =>
    test(
      sentence,
      () =>
        body().finally(async () => {
          for (const part of [...running].reverse()) await end(part)
        }),
      { timeoutSeconds },
    )

  bounded('of 10,000 streams that are opened and cut leaves no memory and no socket', 180, async () => {
    if (!globalThis.gc) throw new Error('run it with --expose-gc')
    const engine = await keep(FakeEngine.start('slow-stream'))
    const gateway = await keep(startGateway([model('m', [engine.endpoint])], { config: { MODEL_SLOTS: 1000 } }))
    const cut = async (count: number) => {
      await inParallel(count, 100, async (index) => {
        const abort = new AbortController()
        try {
          const response = await undiciFetch(`${gateway.url}/stream/v1/chat/completions`, {
            method: 'POST',
            headers: { authorization: `Bearer ${gateway.token}`, 'content-type': 'application/json' },
            body: JSON.stringify(chat('m', { stream: true })),
            signal: abort.signal,
            dispatcher: agent,
          })
          const reader = response.body?.getReader()
          for (let read = 0; read < index % 4; read += 1) await reader?.read()
        } catch {}
        abort.abort()
      })
      await until(() => gateway.app.gateway.openCalls === 0, 'all calls end', 10_000)
      engine.seen.length = 0
      gateway.clearLog()
    }
    await cut(2000)
    const before = await heap()
    await cut(10_000)
    const after = await heap()
    console.log(`heap ${megabytes(before)} → ${megabytes(after)}`)
    assert.ok(after < before * 1.05, `${megabytes(before)} → ${megabytes(after)}`)
    await until(() => engine.running === 0, 'no request is left at the engine')
    await end(gateway)
    await until(() => engine.connections === 0, 'no socket is left')
  })

  bounded('of 200,000 mixed requests leaves the heap flat', 600, async () => {
    const identity = await keep(startIdentityProvider())
    const engines = await Promise.all([1, 2].map(() => keep(FakeEngine.start(mixedAnswer))))
    const gateway = await keep(Promise.resolve(new GatewayProcess()))
    gateway.setModels({ m: engines.map(({ endpoint }) => endpoint) })
    const heapOnSignal = `process.on('SIGUSR2',()=>{gc();gc();process.stderr.write('heap '+process.memoryUsage().heapUsed+';')})`
    const program = [
      '--expose-gc',
      '--import',
      `data:text/javascript,${encodeURIComponent(heapOnSignal)}`,
      serverProgram,
    ]
    await gateway.start(identity, {}, { program })
    const authorization = `Bearer ${await identity.token()}`
    const send = (count: number) =>
      inParallel(count, 32, async (index) => {
        const { path, body, status, key = authorization } = mixed[index % mixed.length] as Mixed
        const headers = { authorization: key, 'content-type': 'application/json' }
        const answer = await request(gateway.url + path, { method: 'POST', headers, body, dispatcher: agent })
        assert.ok(status.includes(answer.statusCode), `${path}: ${answer.statusCode}`)
        await answer.body.dump()
      }).then(() => {
        for (const engine of engines) engine.seen.length = 0
        gateway.out = ''
      })
    const heapOfGateway = async (): Promise<number> => {
      gateway.error = ''
      gateway.child?.kill('SIGUSR2')
      await until(() => gateway.error.includes(';'), 'it says its heap', 5000)
      return Number(/heap (\d+);/.exec(gateway.error)?.[1])
    }
    const sizes: number[] = []
    for (let round = 0; round < 4; round += 1) {
      await send(50_000)
      sizes.push(await heapOfGateway())
    }
    console.log(`heap after 50k, 100k, 150k, 200k requests: ${sizes.map(megabytes).join(', ')}`)
    console.log(`RSS after 200k requests: ${megabytes(await rssOf(gateway.child?.pid ?? 0))}`)
    assert.ok((sizes.at(-1) ?? 0) < (sizes[0] ?? 0) * 1.05, sizes.map(megabytes).join(', '))
  })

  bounded(
    'in which a model’s pod is killed, the directory goes away and the identity provider goes away loses nothing',
    60,
    async () => {
      const engines = await Promise.all([1, 2, 3].map(() => keep(FakeEngine.start('answer-in-300ms'))))
      const gateway = await keep(
        startGateway([
          model(
            'm',
            engines.map(({ endpoint }) => endpoint),
          ),
        ]),
      )
      let sending = true
      let sent = 0
      const failures: string[] = []
      const answered = new Set<string>()
      const worker = async () => {
        while (sending) {
          sent += 1
          const id = `r-${sent}`
          const response = await gateway.post('/v1/chat/completions', chat('m'), { 'x-request-id': id })
          const text = await response.text()
          if (response.status !== 200 || !text.includes('"total_tokens":100'))
            failures.push(`${id} ${response.status} ${text.slice(0, 80)}`)
          else if (answered.has(id)) failures.push(`${id} was answered twice`)
          answered.add(id)
        }
      }
      const workers = Array.from({ length: 30 }, worker)
      await wait(1000)
      // A pod is killed: its connections break, those before an answer are tried elsewhere.
      const [killed, ...others] = engines
      if (killed) await end(killed)
      await wait(500)
      gateway.directory.setEndpoints(
        'm',
        others.map(({ endpoint }) => endpoint),
      )
      await wait(1000)
      // The source of the directory is away: the last table serves on.
      gateway.directory.stale = 600
      await wait(1000)
      gateway.directory.stale = 0
      // The identity provider is away: tokens that are known and keys that are known serve on.
      await gateway.identity.stop()
      const other = await gateway.identity.token({ sub: 'newcomer' })
      assert.is(
        (await gateway.post('/v1/chat/completions', chat('m'), { authorization: `Bearer ${other}` })).status,
        200,
      )
      await wait(1000)
      sending = false
      await Promise.all(workers)
      console.log(`${sent} requests, ${failures.length} failed`)
      assert.equal(failures, [])
      assert.is(answered.size, sent)
    },
  )

  bounded('with 2000 streams at once breaks none', 240, async () => {
    const engine = await keep(FakeEngine.start(faults['long-stream']))
    const gateway = await keep(startGateway([model('m', [engine.endpoint])], { config: { MODEL_SLOTS: 4096 } }))
    const wide = new Agent({ connections: 3000, pipelining: 1 })
    let whole = 0
    const started = performance.now()
    await Promise.all(
      Array.from({ length: 2000 }, async () => {
        const answer = await request(`${gateway.url}/stream/v1/chat/completions`, {
          method: 'POST',
          headers: { authorization: `Bearer ${gateway.token}`, 'content-type': 'application/json' },
          body: JSON.stringify(chat('m', { stream: true })),
          dispatcher: wide,
        })
        let events = 0
        let last = ''
        for await (const part of answer.body) {
          last = Buffer.from(part as Uint8Array).toString('latin1')
          events += last.match(/"content"/g)?.length ?? 0
        }
        if (answer.statusCode === 200 && events === 600 && last.endsWith('[DONE]\n\n')) whole += 1
      }),
    )
    console.log(`1,200,000 events in ${((performance.now() - started) / 1000).toFixed(0)} s`)
    assert.is(whole, 2000)
    await wide.destroy()
  })
})

// The process itself: its settings, and its end, in which nothing is lost.
import { execFile } from 'node:child_process'
import { assert, describe } from '../../test/spec.ts'
import { settings } from '../config.ts'
import { onSocket } from './bare-socket.ts'
import { FakeEngine, faults } from './fake-engine.ts'
import { chat, until } from './harness.ts'
import { freePort, GatewayProcess, serverProgram, startIdentityProvider } from './process.ts'

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

function run(
  args: readonly string[],
  env: Record<string, string>,
): Promise<{ code: number; out: string; error: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [serverProgram, ...args], { env }, (failure, out, error) =>
      resolve({ code: failure ? Number(failure.code) : 0, out, error }),
    )
  })
}

describe('the gateway’s process', (test) => {
  test('lists every setting with --help', async () => {
    const { code, out } = await run(['--help'], {})
    assert.is(code, 0)
    for (const { name } of settings) assert.ok(out.includes(`  ${name}=`), name)
  })

  test('lists every wrong setting at once, and starts with none', async () => {
    const { code, error } = await run(['--check-config'], {
      PORT: 'http',
      STALL_SECONDS: '-1',
      OIDC_ISSUERS: '[{}]',
      DISCOVERY: 'dns',
    })
    assert.is(code, 1)
    assert.equal(
      error
        .trim()
        .split('\n')
        .map((line) => line.split(':')[0])
        .sort(),
      ['DISCOVERY', 'OIDC_ISSUERS', 'PORT', 'STALL_SECONDS'],
    )
    assert.not(error.includes('    at '))
    assert.is((await run(['--check-config'], {})).code, 0)
    const wrong = await run(['--chek-config'], {})
    assert.is(wrong.code, 1)
    assert.not(wrong.error.includes('    at '))
    const outside = await run([], {})
    assert.is(outside.code, 1)
    assert.match(outside.error, /works in a pod only/)
  })

  for (const how of ['long', 'short'] as const) {
    const what =
      how === 'long'
        ? 'lets open streams finish after SIGTERM, is not ready at once, serves new requests meanwhile, and exits with 0'
        : 'ends a stream that is longer than the drain with an error event, and exits before its grace ends'
    test(what, async () => {
      const identity = await startIdentityProvider()
      const engine = await FakeEngine.start()
      const gateway = new GatewayProcess()
      gateway.setModels({ 'slow-stream': [engine.endpoint], ok: [engine.endpoint] })
      await gateway.start(identity, { DRAIN_SECONDS: how === 'long' ? '20' : '1' })
      const headers = { authorization: `Bearer ${await identity.token()}`, 'content-type': 'application/json' }
      const ask = (name: string, stream: boolean) =>
        fetch(`${gateway.url}/stream/v1/chat/completions`, {
          method: 'POST',
          headers,
          body: JSON.stringify(chat(name, { stream })),
        })
      const streams = await Promise.all([1, 2, 3, 4, 5].map(() => ask('slow-stream', true)))
      const texts = streams.map((response) => response.text())
      const started = performance.now()
      gateway.child?.kill('SIGTERM')
      await until(async () => (await gateway.ready()) === 503, 'it is not ready', 500)
      const during = await ask('ok', false)
      assert.is(during.status, 200)
      assert.is(during.headers.get('connection'), 'close')
      for (const text of await Promise.all(texts)) {
        if (how === 'long') {
          assert.is(text.match(/"content"/g)?.length, 200)
          assert.ok(text.endsWith('data: [DONE]\n\n'))
        } else {
          assert.ok(text.includes('"code":"gateway_shutting_down"'))
          assert.not(text.includes('[DONE]'))
        }
      }
      assert.is(await gateway.exit, 0)
      assert.ok(performance.now() - started < (how === 'long' ? 8000 : 3000))
      assert.ok(gateway.out.includes('"event":"stopped"'))
      await gateway.stop()
      await engine.stop()
      await identity.stop()
    })
  }

  test('answers requests that had begun when it was asked to stop: one whose body still comes, and one at the proxy', async () => {
    const identity = await startIdentityProvider()
    const engine = await FakeEngine.start()
    const slow = await FakeEngine.start(async (call) => {
      await pause(4000)
      await faults.tokens?.(call)
    })
    const gateway = new GatewayProcess()
    gateway.setModels({ ok: [engine.endpoint], tokens: [slow.endpoint] })
    await gateway.start(identity, { DRAIN_SECONDS: '20' })
    const authorization = `Bearer ${await identity.token()}`
    const tokens = fetch(`${gateway.url}/stream/tokenize`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'tokens', prompt: 'x' }),
    })
    await until(() => slow.seen.length === 1, 'the engine is asked')
    const body = JSON.stringify(chat('ok'))
    const head = `POST /stream/v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: ${authorization}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`
    const upload = onSocket(gateway.url, [head + body.slice(0, 10), body.slice(10)], 3500, 1000)
    await pause(100)
    gateway.child?.kill('SIGTERM')
    assert.match((await upload).text, /^HTTP\/1\.1 200 .*"total_tokens":100/s)
    assert.is((await tokens).status, 200)
    assert.is(await gateway.exit, 0)
    await gateway.stop()
    await engine.stop()
    await slow.stop()
    await identity.stop()
  })

  test('says in one line which port it cannot have, and ends with 2', async () => {
    const { createServer } = await import('node:net')
    const taken = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => taken.once('listening', resolve))
    const port = String((taken.address() as { port: number }).port)
    const free = String(await freePort())
    for (const [name, ports] of [
      ['PORT', { PORT: port, ADMIN_PORT: free }],
      ['ADMIN_PORT', { PORT: free, ADMIN_PORT: port }],
    ] as const) {
      const { code, error } = await run([], {
        HOST: '127.0.0.1',
        DISCOVERY: 'file',
        DIRECTORY_FILE: '/nowhere.json',
        ...ports,
      })
      assert.is(code, 2)
      assert.match(error, new RegExp(`^${name}: cannot listen on 127.0.0.1:${port}: .*EADDRINUSE.*\n$`))
    }
    taken.close()
  })

  test('reports a collector that refuses spans, and ends although some wait for it', async () => {
    const { createServer } = await import('node:http')
    const collector = createServer((req, res) => {
      req.resume()
      res.writeHead(404).end('no such path')
    }).listen(0, '127.0.0.1')
    await new Promise((resolve) => collector.once('listening', resolve))
    const identity = await startIdentityProvider()
    const engine = await FakeEngine.start()
    const gateway = new GatewayProcess()
    gateway.setModels({ ok: [engine.endpoint] })
    const { port } = collector.address() as { port: number }
    await gateway.start(identity, { OTLP_ENDPOINT: `http://127.0.0.1:${port}`, TRACE_SAMPLE_RATIO: '1' })
    const answer = await fetch(`${gateway.url}/stream/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await identity.token()}`, 'content-type': 'application/json' },
      body: JSON.stringify(chat('ok')),
    })
    assert.is(answer.status, 200)
    await answer.text()
    gateway.child?.kill('SIGTERM')
    assert.is(await gateway.exit, 0)
    assert.match(gateway.out, '"event":"spans_lost"')
    assert.match(gateway.out, '"event":"stopped"')
    await gateway.stop()
    collector.closeAllConnections()
    collector.close()
    await engine.stop()
    await identity.stop()
  })

  test('reports a directory that is not there', async () => {
    const identity = await startIdentityProvider()
    const gateway = new GatewayProcess()
    await gateway.start(identity, { DIRECTORY_FILE: '/nowhere/directory.json' }, { status: 503 })
    await until(() => gateway.out.includes('"object":"/nowhere/directory.json"'), 'the report', 6000)
    assert.match(gateway.out, '"problem":"cannot be read (ENOENT)"')
    await gateway.stop()
    await identity.stop()
  })

  test('ends although a client does not take its last answer', async () => {
    const identity = await startIdentityProvider()
    const engine = await FakeEngine.start()
    const gateway = new GatewayProcess()
    gateway.setModels({ 'big-answer': [engine.endpoint] })
    await gateway.start(identity, { DRAIN_SECONDS: '1' })
    const { connect } = await import('node:net')
    const body = JSON.stringify(chat('big-answer'))
    const socket = connect(gateway.port, '127.0.0.1')
    socket.pause()
    socket.on('error', () => {})
    socket.write(
      `POST /stream/v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${await identity.token()}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    )
    await until(() => engine.seen.length === 1, 'the engine is asked')
    await pause(300)
    gateway.child?.kill('SIGTERM')
    assert.is(await gateway.exit, 0)
    socket.destroy()
    await gateway.stop()
    await engine.stop()
    await identity.stop()
  })

  test(
    'is restarted under load, a pod at a time, without a lost or doubled request',
    async () => {
      const identity = await startIdentityProvider()
      const engine = await FakeEngine.start()
      const headers = { authorization: `Bearer ${await identity.token()}`, 'content-type': 'application/json' }
      const start = async () => {
        const gateway = new GatewayProcess()
        gateway.setModels({ ok: [engine.endpoint] })
        await gateway.start(identity, { DRAIN_SECONDS: '10' })
        return gateway
      }
      const pods = [await start(), await start()]
      let running = true
      let sent = 0
      const failures: string[] = []
      const worker = async () => {
        while (running) {
          // What a load balancer does: targets that are ready take turns.
          const pod = pods[sent % pods.length] as GatewayProcess
          sent += 1
          const id = `r-${sent}`
          try {
            const response = await fetch(`${pod.url}/v1/chat/completions`, {
              method: 'POST',
              headers: { ...headers, 'x-request-id': id },
              body: JSON.stringify(chat('ok', { stream: sent % 3 === 0 })),
            })
            const text = await response.text()
            if (
              response.status !== 200 ||
              (response.headers.get('content-type')?.includes('event-stream') && !text.endsWith('[DONE]\n\n'))
            )
              failures.push(`${response.status} ${text.slice(0, 100)}`)
          } catch (error) {
            failures.push(String(error))
          }
        }
      }
      const workers = Array.from({ length: 8 }, worker)
      for (let round = 0; round < 2; round += 1) {
        const fresh = await start()
        const old = pods.shift() as GatewayProcess
        pods.push(fresh)
        // Kubernetes takes it out of the balancer first, and sends SIGTERM after the preStop sleep.
        await pause(300)
        old.child?.kill('SIGTERM')
        assert.is(await old.exit, 0)
        await old.stop()
      }
      await pause(300)
      running = false
      await Promise.all(workers)
      assert.equal(failures, [])
      assert.ok(sent > 200, `${sent}`)
      const ids = engine.seen.map((one) => one.headers['x-request-id'])
      assert.is(ids.length, sent)
      assert.is(new Set(ids).size, sent)
      for (const pod of pods) await pod.stop()
      await engine.stop()
      await identity.stop()
    },
    { timeoutSeconds: 60 },
  )
})

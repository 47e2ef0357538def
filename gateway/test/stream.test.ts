// Streams: nothing is held back, nothing is cut in the middle, and no loss looks like an end.
import { type IncomingMessage, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import OpenAI, { APIError } from 'openai'
import { assert, describe } from '../../test/spec.ts'
import type { Config } from '../config.ts'
import { type Answering, chunk, done, FakeEngine, type Fault, faults, lastCounts } from './fake-engine.ts'
import { chat, metricValue, model, startGateway, type TestGateway, until } from './harness.ts'

const modelNames = Object.keys(faults)

/** Events of an answer with the time at which each arrived. */
async function* events(response: Response): AsyncGenerator<{ text: string; at: number }> {
  let rest = ''
  for await (const part of response.body as unknown as AsyncIterable<Uint8Array>) {
    rest += Buffer.from(part).toString('utf8')
    for (let end = rest.indexOf('\n\n'); end >= 0; end = rest.indexOf('\n\n')) {
      yield { text: rest.slice(0, end), at: performance.now() }
      rest = rest.slice(end + 2)
    }
  }
  if (rest !== '') yield { text: `cut: ${rest}`, at: performance.now() }
}

async function all(response: Response): Promise<string[]> {
  const texts: string[] = []
  for await (const { text } of events(response)) texts.push(text)
  return texts
}

/** What a promise brings, or an error that says what did not come within two seconds. */
async function within<T>(promise: Promise<T>, what: string): Promise<T> {
  const late = new AbortController()
  const limit = wait(2000, undefined, { signal: late.signal }).then(() => {
    throw new Error(`not within 2 s: ${what}`)
  })
  try {
    return await Promise.race([promise, limit])
  } finally {
    late.abort()
    limit.catch(() => {})
  }
}

const startEvents = ({ res }: Answering): void => {
  res.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' }).flushHeaders()
}

const errorCode = (event: string | undefined): string =>
  (JSON.parse(event?.replace(/^data: /, '') ?? '{}') as { error?: { code?: string } }).error?.code ?? ''

describe('a stream', (test) => {
  let engine: FakeEngine
  let gateway: TestGateway
  /** Of single tests, stopped with the others. */
  const own: { stop(): Promise<void> }[] = []
  const limits = {
    PING_SECONDS: 0.15,
    STALL_SECONDS: 0.4,
    STREAM_HEADERS_SECONDS: 0.5,
    CLIENT_IDLE_SECONDS: 0.4,
    CLIENT_BYTES_PER_SECOND: 10_000_000,
    ANSWER_LIMIT: 25_000_000,
    ANSWER_BUDGET: 100_000_000,
  }

  test.before(async () => {
    engine = await FakeEngine.start()
    gateway = await startGateway(
      modelNames.map((name) =>
        model(name, [engine.endpoint], {
          spec: {
            maxModelLen: 4096,
            maxOutput: 4096,
            minReplicas: 1,
            pricePerHour: 1,
            affinity: 'none',
            timeouts: { firstTokenSeconds: 1 },
          },
        }),
      ),
      { config: limits },
    )
  })
  test.after(async () => {
    for (const one of [...own, gateway, engine]) await one.stop()
  })

  /** A gateway with limits of its own, and the model `m` at an engine that answers in one way. */
  const startOwn = async (fault: Fault, config: Partial<Config>, firstTokenSeconds = 30): Promise<TestGateway> => {
    const ownEngine = await FakeEngine.start(fault)
    const entry = model('m', [ownEngine.endpoint])
    const spec = { ...entry.spec, timeouts: { firstTokenSeconds } }
    const ownGateway = await startGateway([{ ...entry, spec }], { config })
    own.push(ownGateway, ownEngine)
    return ownGateway
  }

  const ask = (name: string, extra: object = {}) =>
    gateway.post('/stream/v1/chat/completions', chat(name, { stream: true, ...extra }))

  test('brings each event before the next is produced, and ends with [DONE]', async () => {
    const read = Array.from({ length: 5 }, () => Promise.withResolvers<void>())
    const stepwise: Fault = async (call) => {
      startEvents(call)
      for (const [index, { promise }] of read.entries()) {
        call.res.write(chunk(`t${index}`, index + 1, index === read.length - 1 ? 'stop' : null))
        await promise
      }
      call.res.end(lastCounts(read.length) + done)
    }
    const { post } = await startOwn(stepwise, {})
    const response = await within(post('/stream/v1/chat/completions', chat('m', { stream: true })), 'the first event')
    assert.is(response.headers.get('content-type'), 'text/event-stream; charset=utf-8')
    assert.is(response.headers.get('x-accel-buffering'), 'no')
    const arriving = events(response)
    for (const [index, { resolve }] of read.entries()) {
      // The engine makes the next one only when this one was read.
      const event = await within(arriving.next(), `event ${index}, which the engine has sent`)
      assert.match(event.value?.text ?? 'the end', `"t${index}"`)
      resolve()
    }
    assert.is((await within(arriving.next(), 'the end')).value?.text, 'data: [DONE]')
    assert.is((await within(arriving.next(), 'nothing more')).done, true)
  })

  test('that the engine breaks off ends with an error event, which the SDK raises, and no [DONE]', async () => {
    const texts = await all(await ask('cut-after-3'))
    assert.is(texts.filter((text) => text.includes('"content"')).length, 3)
    assert.is(errorCode(texts.at(-1)), 'upstream_disconnected')
    assert.not(texts.includes('data: [DONE]'))
    const client = new OpenAI({ baseURL: `${gateway.url}/stream/v1`, apiKey: gateway.token, maxRetries: 0 })
    const stream = await client.chat.completions.create({
      model: 'cut-after-3',
      messages: [{ role: 'user', content: 'Hello' }],
      stream: true,
    })
    let chunks = 0
    try {
      for await (const _ of stream) chunks += 1
      assert.unreachable('the SDK took a cut stream for a whole one')
    } catch (error) {
      assert.instance(error, APIError)
      assert.is((error as APIError).code, 'upstream_disconnected')
    }
    assert.is(chunks, 3)
  })

  test('that is cut inside an event never brings a part of one', async () => {
    const texts = await all(await ask('cut-inside'))
    assert.is(texts.length, 2)
    assert.ok(texts[0]?.includes('t1'))
    assert.is(errorCode(texts[1]), 'upstream_disconnected')
  })

  test('that ends without [DONE] gets one when a finish reason was seen, and an error when not', async () => {
    const finished = await all(await ask('end-without-done'))
    assert.is(finished.at(-1), 'data: [DONE]')
    const unfinished = await all(await ask('end-without-finish'))
    assert.is(errorCode(unfinished.at(-1)), 'stream_truncated')
  })

  test('pings at each interval in which the engine is silent, and only then', async () => {
    const intervalMs = 300
    const pinged = [1, 2].map(() => Promise.withResolvers<void>())
    let firstSentAt = 0
    const silent: Fault = async (call) => {
      startEvents(call)
      await pinged[0]?.promise
      // Half an interval after the last ping: the next one is counted from here.
      await wait(intervalMs / 2)
      firstSentAt = performance.now()
      call.res.write(chunk('t1', 1))
      await pinged[1]?.promise
      call.res.end(chunk('t2', 2, 'stop') + done)
    }
    const { post } = await startOwn(silent, { PING_SECONDS: intervalMs / 1000 })
    const started = performance.now()
    const asked = post('/stream/v1/chat/completions', chat('m', { stream: true }))
    const arriving = events(await within(asked, 'the first ping'))
    const pings: number[] = []
    const next = async (): Promise<string> => {
      const { text, at } = (await within(arriving.next(), 'a ping or an event')).value ?? { text: 'the end', at: 0 }
      if (text === ': ping') pings.push(at)
      return text
    }
    for (let index = 1; index <= 3; index += 1) {
      assert.is(await next(), ': ping', 'the engine has sent nothing yet')
      const at = pings.at(-1) as number
      assert.ok(at - started >= index * intervalMs, `ping ${index} after ${at - started} ms`)
      // They leave a whole interval apart; a busy machine may read one late.
      if (index > 1) assert.ok(at - (pings.at(-2) as number) >= intervalMs / 3, 'pings at once')
    }
    pinged[0]?.resolve()
    let text = await next()
    while (text === ': ping') text = await next()
    assert.match(text, '"t1"')
    assert.is(await next(), ': ping', 'silent again')
    const pause = (pings.at(-1) as number) - firstSentAt
    assert.ok(pause >= intervalMs, `a ping ${pause} ms after an event`)
    pinged[1]?.resolve()
    text = await next()
    while (text === ': ping') text = await next()
    assert.match(text, '"t2"')
    assert.is(await next(), 'data: [DONE]')
  })

  test('that fails before the first ping keeps its status, and gets an error event after it', async () => {
    const { post } = await startOwn(faults['fails-late'] as Fault, {})
    assert.is((await post('/stream/v1/chat/completions', chat('m', { stream: true }))).status, 502)
    const late = await ask('silent-for-ever')
    assert.is(late.status, 200)
    const texts = await all(late)
    assert.is(texts[0], ': ping')
    assert.is(errorCode(texts.at(-1)), 'upstream_timeout')
  })

  test('that the engine answers with one body is none: the client gets an error, as events when it was pinged before', async () => {
    gateway.clearLog()
    for (const name of ['half-an-answer-first', 'headers-first', 'headers-first-without-length'])
      for (const path of ['/stream/v1/chat/completions', `/stream/models/org/${name}/generate_stream`]) {
        const body = path.endsWith('_stream') ? { inputs: 'Hello' } : chat(name, { stream: true })
        const response = await gateway.post(path, body)
        assert.is(response.status, 502)
        assert.not.match(await response.text(), 'choices')
      }
    assert.not.match(gateway.log(), '"event":"bug"')
  })

  test('leaves its connection for the next one, also when the last bytes came at once and in mid-pause', async () => {
    const before = engine.accepted
    for (let index = 0; index < 20; index += 1) {
      const texts = await all(await gateway.post('/stream/v1/chat/completions', chat('much-at-once', { stream: true })))
      assert.is(texts.at(-1), 'data: [DONE]')
      await new Promise((resolve) => setTimeout(resolve, 40))
    }
    assert.ok(engine.accepted <= before + 1, `${engine.accepted - before} connections`)
  })

  test('of one event after the other is cut by no limit that is meant for something else', async () => {
    const streamMs = 1800
    let sent = 0
    const steady: Fault = async (call) => {
      startEvents(call)
      await wait(450)
      for (const end = performance.now() + streamMs; performance.now() < end; await wait(10)) {
        sent += 1
        call.res.write(chunk(`t${sent}`, sent))
      }
      call.res.end(chunk('last', sent + 1, 'stop') + done)
    }
    // All shorter than the stream, and the first ones shorter than the wait for its first event.
    const shortLimits = {
      FIRST_BYTE_SECONDS: 0.2,
      ANSWER_SECONDS: 0.2,
      API_LANE_SECONDS: 0.2,
      HOLD_SECONDS: 0.2,
      QUEUE_SECONDS: 0.2,
      RETRY_WINDOW_SECONDS: 0.2,
      HEADERS_RECEIVE_SECONDS: 0.6,
      REQUEST_RECEIVE_SECONDS: 0.6,
      KEEP_ALIVE_SECONDS: 0.6,
      CLIENT_IDLE_SECONDS: 0.6,
      CONNECT_SECONDS: 0.6,
      STREAM_HEADERS_SECONDS: 0.6,
      STALL_SECONDS: 0.6,
      UPSTREAM_KEEP_ALIVE_SECONDS: 0.6,
    }
    const { post } = await startOwn(steady, shortLimits, 1)
    const texts = await all(await post('/stream/v1/chat/completions', chat('m', { stream: true })))
    assert.is(texts.at(-1), 'data: [DONE]')
    assert.is(texts.filter((text) => text.includes('"content"')).length, sent + 1)
  })

  test('that stalls ends with an error event', async () => {
    const started = performance.now()
    const texts = await all(await ask('silent-after-2'))
    assert.is(errorCode(texts.at(-1)), 'upstream_timeout')
    assert.ok(performance.now() - started < 1500)
  })

  test('shows no token counts to a client that did not ask, and counts exactly', async () => {
    const before = metricValue(await gateway.metrics(), 'slipway_gateway_tokens_total', { model: 'ok' })
    const silent = await all(await ask('ok'))
    assert.not(silent.join('').includes('usage'))
    assert.is(silent.filter((text) => text.includes('"content"')).length, 5)
    for (const text of silent.slice(0, -1)) JSON.parse(text.slice(6))
    const asked = await all(await ask('ok', { stream_options: { include_usage: true } }))
    assert.ok(asked.at(-2)?.includes('"choices":[],"usage":{"prompt_tokens":30,"total_tokens":35'))
    const after = metricValue(await gateway.metrics(), 'slipway_gateway_tokens_total', { model: 'ok' })
    assert.is(after - before, 70)
  })

  test('whose engine reports an error ends with that error in our words', async () => {
    const texts = await all(await ask('error-event'))
    assert.is(texts.length, 2)
    assert.is(errorCode(texts[1]), 'upstream_error')
    assert.not(texts[1]?.includes('stack trace'))
  })

  test('whose client leaves right after [DONE] counts as ok', async () => {
    const abort = new AbortController()
    const response = await gateway.post('/stream/v1/chat/completions', chat('ok', { stream: true }), {}, abort.signal)
    for await (const { text } of events(response)) if (text === 'data: [DONE]') break
    abort.abort()
    await until(() => gateway.app.gateway.openCalls === 0, 'the call ends')
    const line = gateway.log().trim().split('\n').at(-1) ?? ''
    assert.is((JSON.parse(line) as { outcome: string }).outcome, 'ok')
  })

  test('whose client does not read costs little memory, pauses the engine, and is dropped', async () => {
    const size = 50_000_000
    let engineSide: Socket | undefined
    const endless: Fault = async (call) => {
      engineSide = call.socket
      startEvents(call)
      const event = chunk('x'.repeat(64_000), 1)
      for (let left = size; left > 0 && !call.res.destroyed; left -= event.length)
        if (!call.res.write(event)) await new Promise((resolve) => call.res.once('drain', resolve))
      call.res.end(done)
    }
    const ownGateway = await startOwn(endless, { CLIENT_IDLE_SECONDS: 1 })
    let clientSide: Socket | undefined
    ownGateway.app.server.server.on('connection', (socket) => {
      clientSide = socket
    })
    const req = request(`${ownGateway.url}/stream/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ownGateway.token}`, 'content-type': 'application/json' },
    })
    req.on('error', () => {})
    req.end(JSON.stringify(chat('m', { stream: true })))
    // The response is never read: its socket fills up.
    const response = await new Promise<IncomingMessage>((resolve) => req.once('response', resolve))
    response.pause()
    let written = 0
    let mostHeld = 0
    let turns = 0
    const paused = (): boolean => {
      mostHeld = Math.max(mostHeld, clientSide?.writableLength ?? 0)
      const now = engineSide?.bytesWritten ?? 0
      turns = now === written ? turns + 1 : 0
      written = now
      return turns >= 40
    }
    await until(paused, 'the engine is paused')
    assert.is(ownGateway.app.gateway.openCalls, 1)
    // The kernel’s buffers of both connections take 7 to 12 MB on loopback.
    assert.ok(written < size / 2, `the engine wrote ${written} bytes`)
    // A few events of 64 KB: what a read brought, and what the gateway joins into one write.
    assert.ok(mostHeld < 500_000, `the gateway held ${mostHeld} bytes`)
    const atPause = written
    await until(() => !paused() || ownGateway.app.gateway.openCalls === 0, 'the client is dropped')
    assert.is(engineSide?.bytesWritten, atPause)
    assert.is(ownGateway.app.gateway.openCalls, 0)
    await until(() => engineSide?.destroyed === true, 'the engine is released')
    assert.ok(ownGateway.log().includes('"reason":"client_idle"'))
    req.destroy()
  })

  test('whose client does not read an answer that was held whole is given the time that its size allows, then dropped', async () => {
    const take = async (pauseMs: number): Promise<number> => {
      gateway.clearLog()
      const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1').pause()
      socket.on('error', () => {})
      const body = JSON.stringify({ inputs: 'Hello' })
      socket.write(
        `POST /stream/models/org/big-completion HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${gateway.token}\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
      )
      await new Promise((resolve) => setTimeout(resolve, pauseMs))
      let bytes = 0
      socket.on('data', (part) => {
        bytes += part.length
      })
      socket.resume()
      await new Promise((resolve) => socket.once('close', resolve))
      await until(() => gateway.app.gateway.openCalls === 0, 'the call ends')
      return bytes
    }
    // 0.4 s, and two seconds for 20 MB.
    assert.ok((await take(300)) > 20_000_000)
    assert.not.match(gateway.log(), 'client_idle')
    const bytes = await take(4000)
    assert.ok(bytes < 20_000_000, `${bytes} bytes`)
    assert.match(gateway.log(), '"reason":"client_idle"')
  })
})

// Streams: nothing is held back, nothing is cut in the middle, and no loss looks like an end.
import { connect } from 'node:net'
import OpenAI, { APIError } from 'openai'
import { assert, describe } from '../../test/spec.ts'
import { FakeEngine, faults, textCompletion } from './fake-engine.ts'
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

const errorCode = (event: string | undefined): string =>
  (JSON.parse(event?.replace(/^data: /, '') ?? '{}') as { error?: { code?: string } }).error?.code ?? ''

describe('a stream', (test) => {
  let engine: FakeEngine
  let gateway: TestGateway
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
    await gateway.stop()
    await engine.stop()
  })

  const ask = (name: string, extra: object = {}) =>
    gateway.post('/stream/v1/chat/completions', chat(name, { stream: true, ...extra }))

  test('G2 brings each event before the next is produced, and ends with [DONE]', async () => {
    const response = await ask('slow-stream')
    assert.is(response.headers.get('content-type'), 'text/event-stream; charset=utf-8')
    assert.is(response.headers.get('x-accel-buffering'), 'no')
    const times: number[] = []
    let last = ''
    for await (const { text, at } of events(response)) {
      if (text.includes('"content"')) times.push(at)
      last = text
    }
    assert.is(times.length, 200)
    const gaps = times.slice(1).map((at, index) => at - (times[index] as number))
    // The engine makes one every 20 ms: had they been held back, most gaps would be zero.
    assert.ok(gaps.filter((gap) => gap > 10).length > 180, `gaps ${gaps.slice(0, 20)}`)
    assert.is(last, 'data: [DONE]')
  })

  test('G7 that the engine breaks off ends with an error event, which the SDK raises, and no [DONE]', async () => {
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

  test('G8 that is cut inside an event never brings a part of one', async () => {
    const texts = await all(await ask('cut-inside'))
    assert.is(texts.length, 2)
    assert.ok(texts[0]?.includes('t1'))
    assert.is(errorCode(texts[1]), 'upstream_disconnected')
  })

  test('G9 that ends without [DONE] gets one when a finish reason was seen, and an error when not', async () => {
    const finished = await all(await ask('end-without-done'))
    assert.is(finished.at(-1), 'data: [DONE]')
    const unfinished = await all(await ask('end-without-finish'))
    assert.is(errorCode(unfinished.at(-1)), 'stream_truncated')
  })

  test('G10 pings while the engine is silent; a failure before the first ping keeps its status', async () => {
    const texts = await all(await ask('silent-then-answer'))
    assert.is(texts.filter((text) => text === ': ping').length, 3)
    assert.is(texts.at(-1), 'data: [DONE]')
    const failed = await ask('fails-late')
    assert.is(failed.status, 502)
    const late = await ask('silent-for-ever')
    assert.is(late.status, 200)
    assert.is(errorCode((await all(late)).at(-1)), 'upstream_timeout')
  })

  test('that the engine answers with one body gets no ping into it', async () => {
    gateway.clearLog()
    for (const name of ['half-an-answer-first', 'headers-first', 'headers-first-without-length']) {
      const response = await gateway.post('/stream/v1/chat/completions', chat(name, { stream: true }))
      assert.is(response.status, 200)
      assert.is(await response.text(), textCompletion(name))
      const translated = await gateway.post(`/stream/models/org/${name}/generate_stream`, { inputs: 'Hello' })
      assert.is(translated.status, 200)
      assert.match(await translated.text(), '"generated_text"')
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

  test('G11 of one event after the other is not cut, however long it is in comparison with the stall limit', async () => {
    // 600 events in about 8 times the stall limit.
    const texts = await all(await ask('long-stream'))
    assert.is(texts.filter((text) => text.includes('"content"')).length, 600)
    assert.is(texts.at(-1), 'data: [DONE]')
  })

  test('that stalls ends with an error event', async () => {
    const started = performance.now()
    const texts = await all(await ask('silent-after-2'))
    assert.is(errorCode(texts.at(-1)), 'upstream_timeout')
    assert.ok(performance.now() - started < 1500)
  })

  test('G36 shows no token counts to a client that did not ask, and counts exactly', async () => {
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

  test('G38 whose client leaves right after [DONE] counts as ok', async () => {
    const abort = new AbortController()
    const response = await gateway.post('/stream/v1/chat/completions', chat('ok', { stream: true }), {}, abort.signal)
    for await (const { text } of events(response)) if (text === 'data: [DONE]') break
    abort.abort()
    await until(() => gateway.app.gateway.openCalls === 0, 'the call ends')
    const line = gateway.log().trim().split('\n').at(-1) ?? ''
    assert.is((JSON.parse(line) as { outcome: string }).outcome, 'ok')
  })

  test('G48 whose client does not read costs little memory, pauses the engine, and is dropped', async () => {
    const { request } = await import('node:http')
    global.gc?.()
    const before = process.memoryUsage().rss
    const req = request(`${gateway.url}/stream/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${gateway.token}`, 'content-type': 'application/json' },
    })
    req.on('error', () => {})
    req.end(JSON.stringify(chat('fifty-megabytes', { stream: true })))
    // The response is never read: its socket fills up.
    const response = await new Promise<import('node:http').IncomingMessage>((resolve) => req.once('response', resolve))
    response.pause()
    await new Promise((resolve) => setTimeout(resolve, 250))
    assert.is(gateway.app.gateway.openCalls, 1)
    // Engine and gateway are one process here: what both hold, kernel buffers aside, is far from the 51 MB of the answer.
    assert.ok(process.memoryUsage().rss - before < 35_000_000, `${process.memoryUsage().rss - before} bytes`)
    await until(() => gateway.app.gateway.openCalls === 0, 'the client is dropped')
    await until(() => engine.running === 0, 'the engine is released')
    assert.ok(gateway.log().includes('"reason":"client_idle"'))
    req.destroy()
  })

  test('G48 whose client does not read an answer that was held whole is given the time that its size allows, then dropped', async () => {
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

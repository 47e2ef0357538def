// The bytes that a real vLLM 0.32.0 sent, replayed to the gateway: whole answers, streams, and each of its failures.
// The files are as they were recorded, named NAME.STATUS.json or .sse; `*-open-stream` are the ends of long streams.
import { readdirSync, readFileSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { assert, describe } from '../../test/spec.ts'
import { chunk, completion, FakeEngine, type Fault, type faults, lastCounts } from './fake-engine.ts'
import { chat, model, startGateway, type TestGateway } from './harness.ts'

const folder = new URL('recorded/', import.meta.url)

const samples = new Map(
  readdirSync(folder).map((file) => {
    const [name = '', status = '', kind = ''] = file.split('.')
    return [name, { status: Number(status), kind, body: readFileSync(new URL(file, folder), 'utf8') }]
  }),
)

function sample(name: string): { status: number; kind: string; body: string } {
  const found = samples.get(name)
  if (!found) throw new Error(`no sample ${name}`)
  return found
}

/** Answers with the sample that the model is named after, in pieces that end anywhere. */
const replay =
  (pieceBytes: number): Fault =>
  async ({ res, seen }) => {
    const { status, kind, body } = sample(seen.model)
    res.writeHead(status, {
      'content-type': kind === 'sse' ? 'text/event-stream; charset=utf-8' : 'application/json',
      server: 'uvicorn',
    })
    const bytes = Buffer.from(body)
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      res.write(bytes.subarray(at, at + pieceBytes))
      await nextTurn()
    }
    res.end()
  }

/** Without what differs from run to run. With forced counts the fingerprint comes in the event that is hidden. */
const masked = (text: string): string =>
  text
    .replaceAll(/"id":"[^"]*"/g, '"id":""')
    .replaceAll(/"created":\d+/g, '"created":0')
    .replaceAll(/,"system_fingerprint":"[^"]*"/g, '')

const events = (text: string): string[] => text.split('\n\n').filter((event) => event !== '')

/** Names of all fields, with their place. */
function fieldsOf(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return [path]
  if (Array.isArray(value)) return value.slice(0, 1).flatMap((one) => fieldsOf(one, `${path}[]`))
  return Object.entries(value).flatMap(([key, one]) => fieldsOf(one, `${path}.${key}`))
}

const jsonOf = (event: string): unknown => JSON.parse(event.replace(/^data: /, ''))

describe('the recorded vLLM', (test) => {
  let whole: FakeEngine
  let pieces: FakeEngine
  let healthy: FakeEngine
  let gateway: TestGateway

  test.before(async () => {
    whole = await FakeEngine.start(replay(1e6))
    pieces = await FakeEngine.start(replay(97))
    healthy = await FakeEngine.start('ok')
    gateway = await startGateway([...samples.keys()].map((name) => model(name, [whole.endpoint])))
  })
  test.after(async () => {
    await gateway.stop()
    for (const engine of [whole, pieces, healthy]) await engine.stop()
  })

  async function post(name: string, extra: Record<string, unknown> = {}) {
    gateway.clearLog()
    const path = name.includes('completion') ? '/stream/v1/completions' : '/stream/v1/chat/completions'
    const response = await gateway.post(path, chat(name, extra))
    const text = await response.text()
    const line = JSON.parse(gateway.log().trim().split('\n').at(-1) ?? '') as Record<string, unknown>
    return { status: response.status, headers: response.headers, text, line }
  }

  /** The same asked of an engine that sends everything at once, and of one that sends it in pieces. */
  async function both(name: string, extra: Record<string, unknown>, check: (text: string, tokens: unknown[]) => void) {
    for (const engine of [whole, pieces]) {
      gateway.directory.setEndpoints(name, [engine.endpoint])
      const { status, text, line } = await post(name, extra)
      assert.is(status, 200, name)
      check(text, [line.inputTokens, line.outputTokens])
    }
  }

  test('answers byte for byte, and its tokens are counted', async () => {
    const cases: [name: string, tokens: [number, number]][] = [
      ['chat', [12, 14]],
      ['completion', [4, 82]],
      ['completion-n2-logprobs', [4, 6]],
    ]
    for (const [name, tokens] of cases)
      await both(name, {}, (text, counted) => {
        assert.is(text, sample(name).body)
        assert.equal(counted, tokens, name)
      })
  })

  test('streams byte for byte to a client that asked for the counts', async () => {
    const cases: [name: string, tokens: [number, number]][] = [
      ['chat-stream-usage', [12, 14]],
      ['completion-stream-usage', [4, 8]],
      ['chat-stream-continuous-usage', [12, 3]],
      ['forced-usage-chat-stream', [12, 14]],
    ]
    for (const [name, tokens] of cases) {
      const stream_options = { include_usage: true, continuous_usage_stats: true }
      await both(name, { stream: true, stream_options }, (text, counted) => {
        assert.is(text, sample(name).body)
        assert.equal(counted, tokens, name)
      })
    }
  })

  test('gives counts once, at the end, to a client that did not ask for them with every event', async () => {
    const name = 'chat-stream-continuous-usage'
    await both(name, { stream: true, stream_options: { include_usage: true } }, (text, counted) => {
      const events = text.split('\n\n').filter((event) => event.includes('"usage":'))
      assert.is(events.length, 1)
      assert.match(events[0] ?? '', /"choices":\[\],"usage":\{"prompt_tokens":12,/)
      assert.equal(counted, [12, 3])
    })
  })

  test('streams byte for byte when it sends no counts', async () => {
    for (const name of ['chat-stream', 'completion-stream', 'drain-open-stream'])
      await both(name, { stream: true }, (text) => assert.is(text, sample(name).body))
  })

  test('that was made to count shows nothing of it to a client that did not ask, yet all is counted', async () => {
    await both('forced-usage-chat-stream', { stream: true }, (text, tokens) => {
      assert.is(masked(text), masked(sample('chat-stream').body))
      assert.equal(tokens, [12, 14])
    })
    const no = { stream: true, stream_options: { include_usage: false } }
    await both('forced-usage-asked-not-to', no, (text, tokens) => {
      assert.not.match(text, /usage|"choices":\[\]/)
      assert.is(events(text).length, 4)
      assert.equal(tokens, [12, 2])
    })
    await both('forced-usage-completion-stream', { stream: true }, (text, tokens) => {
      assert.not.match(text, /usage|"choices":\[\]/)
      assert.ok(text.endsWith('data: [DONE]\n\n'))
      assert.is(tokens[0], 4)
    })
  })

  test('refuses with our code, its own words and its own field', async () => {
    const cases: [name: string, code: string, param: string | null, said: RegExp][] = [
      ['error-context-chat', 'context_length_exceeded', 'input_tokens', /maximum context length is 256 tokens/],
      ['error-context-stream', 'context_length_exceeded', 'input_tokens', /at least 257 input tokens/],
      ['error-context-max-tokens', 'context_length_exceeded', 'max_tokens', /max_tokens=1000/],
      ['error-temperature', 'invalid_request', 'temperature', /non-negative/],
      ['error-max-tokens-type', 'invalid_request', 'body.max_tokens', /valid integer/],
      ['error-missing-messages', 'invalid_request', 'body.messages', /Field required/],
      ['error-bad-json', 'invalid_request', 'body.26', /JSON decode error/],
    ]
    for (const [name, code, param, said] of cases)
      for (const stream of [false, true]) {
        const { status, headers, text } = await post(name, { stream })
        const { error } = JSON.parse(text) as { error: Record<string, unknown> }
        assert.equal([status, error.code, error.param], [400, code, param], name)
        assert.match(String(error.message), said)
        assert.is(headers.get('x-should-retry'), 'false')
      }
  })

  test('that finds a mistake of the gateway’s, or is broken, says nothing but that to the client', async () => {
    const failed = ['upstream_error', 'The model server failed.']
    for (const [name, ...expected] of [
      // Its operator’s mistake, which has a name of its own.
      ['error-unknown-model', 'model_not_served', 'The model server does not serve the model under this name.'],
      ['error-embeddings', ...failed],
      ['error-method', ...failed],
      ['error-no-key', ...failed],
      ['dead-new-request', ...failed],
    ] as [string, string, string][]) {
      const { status, text } = await post(name)
      const { error } = JSON.parse(text) as { error: Record<string, unknown> }
      assert.equal([status, error.code, error.message], [502, ...expected], name)
    }
  })

  test('with a full queue, or in its shutdown, is busy: 429 with a pause, whether it says so in a status or an event', async () => {
    for (const name of ['error-queue-full', 'error-queue-full-stream', 'drain-new-request', 'drain-new-stream']) {
      const { status, headers, text } = await post(name, { stream: name.endsWith('stream') })
      const { error } = JSON.parse(text) as { error: Record<string, unknown> }
      assert.equal([status, error.code], [429, 'model_overloaded'], name)
      assert.ok(Number(headers.get('retry-after')) >= 1)
    }
  })

  test('with a full queue, or in its shutdown, leaves the request to another endpoint', async () => {
    for (const name of ['error-queue-full', 'error-queue-full-stream', 'drain-new-request', 'drain-new-stream']) {
      gateway.directory.setEndpoints(name, [whole.endpoint, healthy.endpoint])
      for (let round = 0; round < 8; round += 1)
        assert.is((await post(name, { stream: name.endsWith('stream') })).status, 200, name)
    }
  })

  test('that dies in a stream ends it with an error event, and its [DONE] is not passed on', async () => {
    for (const name of ['dead-open-stream', 'kill-open-stream'])
      await both(name, { stream: true }, (text) => {
        const sent = events(sample(name).body)
        const got = events(text)
        assert.equal(got.slice(0, -1), sent.slice(0, -2), name)
        const { error } = jsonOf(got.at(-1) ?? '') as { error: Record<string, unknown> }
        assert.is(error.code, 'upstream_error')
        assert.not.match(text, /\[DONE\]|EngineCore/)
      })
  })
})

describe('the fake engine', (test) => {
  test('has the fields of the recorded one, in answers and in events', () => {
    const answer = fieldsOf(JSON.parse(completion('m'))).filter((field) => field !== '.big' && field !== '.one')
    assert.equal(answer, fieldsOf(JSON.parse(sample('chat').body)))
    const [, piece = '', ...rest] = events(sample('forced-usage-chat-stream').body)
    const [last = '', counts = '', end] = rest.slice(-3)
    assert.equal(fieldsOf(jsonOf(chunk('x', 1))), fieldsOf(jsonOf(piece)))
    assert.equal(fieldsOf(jsonOf(chunk('', 2, 'stop'))), fieldsOf(jsonOf(last)))
    assert.equal(fieldsOf(jsonOf(lastCounts(2))), fieldsOf(jsonOf(counts)))
    assert.is(end, 'data: [DONE]')
  })

  test('fails in the recorded one’s bytes', async () => {
    const engine = await FakeEngine.start()
    const cases: [fault: keyof typeof faults, recorded: string][] = [
      ['busy-503', 'error-queue-full'],
      ['busy-event', 'error-queue-full-stream'],
      ['bad-request', 'error-temperature'],
      ['context-length', 'error-context-chat'],
      ['shutting-down', 'drain-new-request'],
      ['tokens', 'tokenize'],
    ]
    for (const [fault, recorded] of cases) {
      const response = await fetch(`http://127.0.0.1:${engine.port}/v1/chat/completions`, {
        method: 'POST',
        body: JSON.stringify(chat(fault)),
      })
      assert.equal([response.status, await response.text()], [sample(recorded).status, sample(recorded).body], fault)
    }
    await engine.stop()
    assert.ok(
      events(sample('dead-open-stream').body)
        .at(-2)
        ?.includes('EngineCore encountered an issue. See stack trace (above) for the root cause.'),
    )
  })
})

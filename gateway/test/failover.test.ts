// The sixteen scenarios of Failover Bench (github.com/failoverbench/failoverbench, methodology 0.1), made anew: one endpoint
// misbehaves, another one of the same model is well. A client gets the whole answer or a clear error, in time, never a part.
import { setTimeout as pause } from 'node:timers/promises'
import { assert, describe } from '../../test/spec.ts'
import type { Config } from '../config.ts'
import { chunk, done, FakeEngine, type Fault, lastCounts } from './fake-engine.ts'
import { chat, model, startGateway, until } from './harness.ts'

const words = Array.from({ length: 60 }, (_, index) => `w${index} `)

/** `rescued`: the whole answer; `clean`: an error that says so, after at most a part. */
type End = 'rescued' | 'clean' | 'truncated'

const refuse =
  (status: number, code: string | null, headers: Record<string, string> = {}): Fault =>
  ({ res }) =>
    void res
      .writeHead(status, { 'content-type': 'application/json', ...headers })
      .end(JSON.stringify({ error: { message: `It is ${status}.`, type: 'error', param: null, code } }))

/** Sixty tokens; before that of `at` something else happens, which may end it. */
const answer =
  (at = -1, then: (call: Parameters<Fault>[0]) => Promise<boolean> = async () => true, end = done): Fault =>
  async (call) => {
    const { res } = call
    res.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
    for (const [index, word] of words.entries()) {
      if (index === at && !(await then(call))) return
      res.write(chunk(word, index + 1))
    }
    res.end(chunk('', 60, 'stop') + lastCounts(60) + end)
  }

const once =
  (fault: Fault): Fault =>
  (call) =>
    call.engine.seen.length === 1 ? fault(call) : answer()(call)

const cut = answer(40, async ({ socket }) => {
  await pause(10)
  socket.destroy()
  return false
})

const scenarios: readonly [name: string, fault: Fault, end: End, config?: Partial<Config>][] = [
  ['429 with Retry-After', once(refuse(429, null, { 'retry-after': '2' })), 'rescued'],
  ['429 without Retry-After, always', refuse(429, null), 'rescued'],
  ['500 once, then healthy', once(refuse(500, null)), 'rescued'],
  ['503 always', refuse(503, 'overloaded'), 'rescued'],
  ['a reset before headers', once(({ socket }) => void socket.resetAndDestroy()), 'rescued'],
  ['no response at all', () => {}, 'rescued', { STREAM_HEADERS_SECONDS: 1 }],
  ['a slow first token', answer(0, () => pause(5000, true)), 'rescued', { MOVE_SECONDS: 0.3 }],
  ['a stream that is cut in the middle', cut, 'rescued'],
  ['a stream that stalls', answer(20, () => pause(3000, false)), 'rescued', { STALL_SECONDS: 0.5 }],
  [
    'a malformed event',
    answer(10, async ({ res }) => res.write('data: {"choices": [{"delta": {"content": \n\n')),
    'rescued',
  ],
  ['a stream without [DONE]', answer(-1, undefined, ''), 'rescued'],
  ['a context that is too long', refuse(400, 'context_length_exceeded'), 'clean'],
  ['a content filter', refuse(400, 'content_policy_violation'), 'clean'],
  ['a cut, and a fallback that continues nothing', cut, 'rescued'],
  ['503 always, and what is reported of it', refuse(503, null), 'rescued'],
]

/** As the client sees a stream. */
function endOf(status: number, text: string): End {
  if (status !== 200 || text.includes('data: {"error":')) return 'clean'
  return text.endsWith(done) && words.every((word) => text.includes(word)) ? 'rescued' : 'truncated'
}

describe('an endpoint that misbehaves beside one that is well', (test) => {
  for (const [name, fault, end, config = {}] of scenarios)
    test(`with ${name}: the request is ${end === 'rescued' ? 'answered' : 'ended by a clear error'}, and the next is served`, async () => {
      const [primary, fallback] = [await FakeEngine.start(fault), await FakeEngine.start(answer())]
      const entry = model('m', [primary.endpoint, fallback.endpoint])
      const gateway = await startGateway([entry], { config: { SLOW_START_SECONDS: 0.001, ...config } })
      try {
        const ask = async () => {
          const body = chat('m', { stream: true, stream_options: { include_usage: true } })
          const response = await gateway.post('/stream/v1/chat/completions', body)
          return { status: response.status, text: await response.text() }
        }
        let last = await ask()
        while (primary.seen.length === 0) last = await ask()
        assert.is(endOf(last.status, last.text), end)
        // Nobody hammers it, and what the client reads is the answer's own count.
        assert.is(primary.seen.length, 1)
        if (end === 'rescued') assert.match(last.text, '"completion_tokens":60')
        gateway.directory.setEndpoints('m', [fallback.endpoint])
        const next = await ask()
        assert.is(endOf(next.status, next.text), 'rescued')
        await until(() => gateway.app.gateway.openCalls === 0, 'no call is left')
      } finally {
        await gateway.stop()
        await primary.stop()
        await fallback.stop()
      }
    })

  test('with a stream that breaks off in the middle: what is not the same text, or not text alone, ends with an error', async () => {
    const other = answer(5, async ({ res }) => res.write(chunk('other ', 6)))
    const cutAfter = (delta: object): Fault =>
      answer(10, async ({ res, socket }) => {
        res.write(chunk('', 10).replace('{"content":""}', JSON.stringify(delta)))
        await pause(20)
        socket.destroy()
        return false
      })
    for (const [primaryFault, fallbackFault, tries] of [
      [cut, other, 1],
      [cut, answer(20, async ({ res }) => void res.end(chunk('', 21, 'stop') + done) as never), 1],
      [cut, cut, 1],
      [cutAfter({ tool_calls: [{ index: 0, function: { arguments: '{' } }] }), answer(), 0],
      [cutAfter({ reasoning_content: 'hm' }), answer(), 0],
    ] as const) {
      const [primary, fallback] = [await FakeEngine.start(primaryFault), await FakeEngine.start(fallbackFault)]
      const gateway = await startGateway([model('m', [primary.endpoint, fallback.endpoint])], {
        config: { SLOW_START_SECONDS: 0.001 },
      })
      try {
        const ask = async () => (await gateway.post('/stream/v1/chat/completions', chat('m', { stream: true }))).text()
        let text = ''
        let before = 0
        while (primary.seen.length === 0) {
          before = fallback.seen.length
          text = await ask()
        }
        assert.is(endOf(200, text), 'clean')
        assert.not(text.includes('other'), text)
        assert.not(text.includes('[DONE]'))
        assert.is(fallback.seen.length - before, tries)
      } finally {
        await gateway.stop()
        await primary.stop()
        await fallback.stop()
      }
    }
  })

  test('that is down for a while and then healthy: all are answered meanwhile, and it serves again soon after', async () => {
    let isDown = true
    const flapping = await FakeEngine.start((call) => (isDown ? refuse(503, 'overloaded') : answer())(call))
    const steady = await FakeEngine.start(answer())
    const gateway = await startGateway([model('m', [flapping.endpoint, steady.endpoint])], {
      config: { SLOW_START_SECONDS: 0.001 },
    })
    try {
      const ask = async () => {
        const response = await gateway.post('/stream/v1/chat/completions', chat('m', { stream: true }))
        assert.is(endOf(response.status, await response.text()), 'rescued')
      }
      for (let index = 0; index < 20; index += 1) await Promise.all([ask(), pause(100)])
      const whileDown = flapping.seen.length
      assert.ok(whileDown <= 5, `${whileDown}`)
      isDown = false
      await until(
        async () => {
          await ask()
          return flapping.seen.length > whileDown + 3
        },
        'it serves again',
        3000,
      )
    } finally {
      await gateway.stop()
      await flapping.stop()
      await steady.stop()
    }
  })
})

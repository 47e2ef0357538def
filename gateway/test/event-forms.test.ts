// What the gateway reads in the events of each API, in whatever spelling of JSON and of server-sent events an engine sends them.
import { assert, describe } from '../../test/spec.ts'
import { CompletionEvents } from '../events/completion-events.ts'
import type { EventFilter } from '../events/event-filter.ts'
import { MessagesEvents } from '../events/messages-events.ts'
import { ResponsesEvents } from '../events/responses-events.ts'

/** The same data as another program might write it. */
const spellings: readonly ((name: string, data: object) => string)[] = [
  (name, data) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`,
  (name, data) => `event:${name}\ndata:${JSON.stringify(data)}\n\n`,
  (_, data) => `data: ${JSON.stringify(data)}\n\n`,
  (name, data) => `event: ${name}\r\ndata: ${JSON.stringify(data)}\r\n\r\n`,
  (_, data) => `data: ${JSON.stringify(data, null, 1).replaceAll('\n', '\ndata: ')}\n\n`,
  (name, data) => `id: 7\nevent: ${name}\ndata: ${JSON.stringify(data).replaceAll('":', '" : ')}\n\n`,
]

const kindsOf = (filter: EventFilter, events: readonly string[]): string[] =>
  events.map((event) => {
    const kind = filter.kind(event)
    if (kind !== 'comment' && kind !== 'done' && kind !== 'error') assert.is(filter.pass(event), event)
    return kind
  })

describe('events of Responses', (test) => {
  const usage = { input_tokens: 7, output_tokens: 2, total_tokens: 9 }
  const named = (type: string, more: object = {}) => ({ type, ...more })
  for (const [at, spell] of spellings.entries())
    test(`are read in spelling ${at}`, () => {
      const filter = new ResponsesEvents()
      const events = [
        named('response.created', { response: { usage: null } }),
        named('response.output_text.delta', { delta: '{"type":"response.completed"}' }),
        named('response.output_text.delta', { delta: 'event: error\n\n' }),
        named('response.completed', { response: { tools: [{ usage: { input_tokens: 1 } }], usage } }),
      ].map((data) => spell(data.type, data))
      assert.equal(kindsOf(filter, events), ['opening', 'data', 'data', 'last'])
      assert.equal([filter.dataEvents, filter.sawFinish], [2, true])
      assert.equal(filter.usage, { inputTokens: 7, outputTokens: 2 })
    })

  test('end with an incomplete answer too, and fail with a failed one', () => {
    const filter = new ResponsesEvents()
    assert.is(filter.kind('data: {"type":"response.incomplete","response":{}}\n\n'), 'last')
    assert.is(filter.kind('event: response.failed\ndata: {}\n\n'), 'error')
    assert.is(filter.kind('event: error\ndata: {}\n\n'), 'error')
    assert.is(filter.kind('data: [DONE]\n\n'), 'done')
    assert.is(filter.kind(': keep-alive\n\n'), 'comment')
    assert.is(filter.sawFinish, false)
  })
})

describe('events of Messages', (test) => {
  for (const [at, spell] of spellings.entries())
    test(`are read in spelling ${at}, and their counts are put together`, () => {
      const filter = new MessagesEvents()
      const events = [
        {
          type: 'message_start',
          message: { usage: { input_tokens: 5, cache_read_input_tokens: 3, output_tokens: 1 } },
        },
        { type: 'ping' },
        { type: 'content_block_delta', delta: { text: '"type":"message_stop"' } },
        { type: 'message_delta', usage: { output_tokens: 4 } },
        { type: 'message_stop' },
      ].map((data) => spell(data.type, data))
      assert.equal(kindsOf(filter, events), ['opening', 'comment', 'data', 'data', 'last'])
      assert.equal([filter.dataEvents, filter.sawFinish], [1, true])
      assert.equal(filter.usage, { inputTokens: 8, outputTokens: 4 })
    })
})

describe('events of completions', (test) => {
  const data = { choices: [{ index: 0, delta: { content: 'x' }, finish_reason: 'stop' }] }
  for (const [at, spell] of spellings.entries())
    test(`end with a finish reason in spelling ${at}`, () => {
      const filter = new CompletionEvents('none', 1)
      const begin = spell('chunk', {
        choices: [{ index: 0, delta: { content: '"finish_reason": "' }, finish_reason: null }],
      })
      assert.is(filter.pass(begin), begin)
      assert.is(filter.sawFinish, false)
      filter.pass(spell('chunk', data))
      assert.is(filter.sawFinish, true)
    })
})

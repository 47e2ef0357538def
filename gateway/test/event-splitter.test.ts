// A stream is cut into the same events, wherever the network cuts it.
import { assert, describe } from '../../test/spec.ts'
import { EventSplitter, EventTooLong } from '../wire/event-splitter.ts'

const mark = '\u00ef\u00bb\u00bf'

/** Each stream as the events that it is made of. */
const streams: Record<string, string[]> = {
  plain: ['data: {"a":1}\n\n', 'data: {"b":"x y"}\n\n', 'data: [DONE]\n\n'],
  'with returns': ['data: {"a":1}\r\n\r\n', 'event: error\r\ndata: {}\r\n\r\n', 'data: [DONE]\r\n\r\n'],
  mixed: ['data: {"a":1}\n\n', ': ping\r\n\r\n', 'data: 2\ndata: 3\n\n', 'data: [DONE]\n\r\n'],
  short: ['a\n\n', 'b\n\n', '\n\n', 'c\n\n'],
}

function split(pieces: readonly string[], limit = 1000): { events: string[]; pending: number } {
  const splitter = new EventSplitter(limit)
  const events: string[] = []
  for (const piece of pieces) splitter.push(Buffer.from(piece, 'latin1'), (event) => events.push(event))
  return { events, pending: splitter.pending }
}

describe('the event splitter', (test) => {
  for (const [name, events] of Object.entries(streams))
    for (const before of ['', mark])
      test(`gives the events of a stream that is ${name}${before && ' and begins with a byte order mark'}, for every two cuts`, () => {
        const text = before + events.join('')
        for (let first = 0; first <= text.length; first += 1)
          for (let second = first; second <= text.length; second += 1) {
            const pieces = [text.slice(0, first), text.slice(first, second), text.slice(second)]
            assert.equal(split(pieces), { events, pending: 0 }, JSON.stringify(pieces))
          }
        assert.equal(split([...text]), { events, pending: 0 }, 'byte for byte')
      })

  test('keeps an event that has begun, and refuses one that is too long', () => {
    assert.equal(split(['data: 1\n\nda', 'ta: 2']), { events: ['data: 1\n\n'], pending: 7 })
    assert.equal(split(['x'.repeat(60), 'x'.repeat(40)], 100), { events: [], pending: 100 })
    assert.throws(
      () => split(['x'.repeat(60), 'x'.repeat(41)], 100),
      (error: unknown) => error instanceof EventTooLong,
    )
  })
})

// Another answer goes on where one broke off, when it says the same: however the two engines cut their text into events.
import fc from 'fast-check'
import { assert, describe } from '../../test/spec.ts'
import { Replay, SpokenText } from '../events/spoken-text.ts'

const chatEvent = (content: string) =>
  `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content }, logprobs: null }] })}\n\n`
const spacedEvent = (content: string) =>
  `data: {"choices": [{"delta" : { "role": "assistant", "content": ${JSON.stringify(content)}, "tool_calls": [], "refusal": null }}]}\n\n`
const completionEvent = (text: string) =>
  `data: {"choices": [{"index":0,"text":${JSON.stringify(text)},"finish_reason":null}]}\n\n`

const saying = (events: readonly string[]): string =>
  events
    .map(
      (event) =>
        (JSON.parse(event.slice(6)) as { choices: { delta?: { content: string }; text?: string }[] }).choices[0],
    )
    .map((choice) => choice?.delta?.content ?? choice?.text ?? '')
    .join('')

const pieces = (text: string, cuts: readonly number[]): string[] => {
  const ends = [...new Set(cuts.map((cut) => cut % (text.length + 1)))].sort((a, b) => a - b)
  return [...ends, text.length].map((end, index) => text.slice(ends[index - 1] ?? 0, end))
}

function replayed(spoken: SpokenText, events: readonly string[]): string[] | undefined {
  const replay = new Replay(spoken)
  const passed: string[] = []
  for (const event of events) {
    const rest = replay.isOver ? event : replay.pass(event)
    if (rest === undefined) return undefined
    if (rest !== '') passed.push(rest)
  }
  return replay.isOver ? passed : undefined
}

describe('an answer that goes on elsewhere', (test) => {
  const cuts = fc.array(fc.nat(600), { maxLength: 12 })
  const texts = fc.array(fc.constantFrom('the ', 'a', '"', '\\\\', '\\n', '{}', 'delta', ', ', 'content":"'), {
    minLength: 1,
    maxLength: 400,
  })

  test('says the whole text once, in any pieces, and nothing of another text', () => {
    fc.assert(
      fc.property(
        texts,
        cuts,
        cuts,
        fc.nat(12),
        fc.constantFrom(chatEvent, spacedEvent, completionEvent),
        (words, first, second, heard, event) => {
          const text = words.join('')
          const spoken = new SpokenText()
          const before = pieces(text, first).slice(0, heard).map(event)
          for (const one of before) spoken.note(one)
          assert.ok(spoken.isPlain, before.join(''))
          const after = replayed(spoken, pieces(text, second).map(event))
          assert.ok(after, 'the same text')
          assert.is(saying([...before, ...(after ?? [])]), text)
          if (saying(before) === '') return
          const last = saying(before).length - 1
          const other = `${text.slice(0, last)}${text[last] === 'x' ? 'y' : 'x'}${text.slice(last + 1)}`
          assert.is(replayed(spoken, pieces(other, second).map(event)), undefined)
          assert.is(replayed(spoken, pieces(text.slice(0, last), second).map(event)), undefined)
        },
      ),
      { numRuns: 300, seed: 7 },
    )
  })

  test('is none when it held anything but text', () => {
    for (const delta of [{ reasoning_content: 'hm' }, { tool_calls: [{ index: 0 }] }, { content: 'a', audio: 'b' }]) {
      const spoken = new SpokenText()
      spoken.note(chatEvent('a'))
      spoken.note(`data: ${JSON.stringify({ choices: [{ index: 0, delta }] })}\n\n`)
      assert.not(spoken.isPlain, JSON.stringify(delta))
    }
  })
})

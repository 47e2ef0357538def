// Text as it becomes certain: stop texts across pieces, and characters of several tokens.
import { assert, describe } from '../../test/spec.ts'
import { Detokenizer, StopWatch } from '../generate/text-stream.ts'
import { readModelDirectory } from '../model/model-directory.ts'
import { Tokenizer } from '../model/tokenizer.ts'
import { bundledModel } from './server-process.ts'

/** What gets out of a watch for each piece, and at the end. */
function passed(stops: string[], pieces: string[], includeStop = false): string[] {
  const watch = new StopWatch(stops, includeStop)
  const texts: string[] = []
  for (const piece of pieces) {
    const { text, stop } = watch.push(piece)
    texts.push(text)
    if (stop !== undefined) return [...texts, `[${stop}]`]
  }
  return [...texts, watch.rest()]
}

describe('stop texts', (test) => {
  test('are found across pieces, and what may become one is held back', () =>
    assert.equal(passed(['the end'], ['Now the', ' en', 'd.']), ['Now ', '', '', '[the end]']))

  test('that do not come let the held text go', () => {
    assert.equal(passed(['the end'], ['the', ' ending'.slice(0, 3), 'ter']), ['', '', 'the enter', ''])
    assert.equal(passed(['abc'], ['ab']), ['', 'ab'])
  })

  test('the first one in the text wins', () => assert.equal(passed(['cd', 'bc'], ['abcd']), ['a', '[bc]']))

  test('may begin again within themselves', () => assert.equal(passed(['aab'], ['aa', 'ab']), ['', 'a', '[aab]']))

  test('stay in the text when asked for', () => assert.equal(passed(['c'], ['abcd'], true), ['abc', '[c]']))
})

describe('token ids to text', (test) => {
  const tokenizer = new Tokenizer(readModelDirectory(bundledModel))

  for (const text of [
    'Once upon a time there was a dog.',
    'naïve café',
    '漢字とかな',
    'a🙂b👩‍👩‍👧c',
    '  two  spaces\n\nand lines',
  ])
    test(`come piece by piece to ${JSON.stringify(text)}`, () => {
      const detokenizer = new Detokenizer(tokenizer, true)
      detokenizer.begin([])
      const pieces = tokenizer.encode(text, false).map((id) => detokenizer.push(id))
      assert.is(pieces.join('') + detokenizer.rest(), text)
      assert.not(pieces.join('').includes('\ufffd'))
    })

  test('half a character at the end is shown as what it is', () => {
    const [first = 0] = tokenizer.encode('🙂', false)
    const detokenizer = new Detokenizer(tokenizer, true)
    detokenizer.begin([])
    assert.is(detokenizer.push(first), '')
    assert.is(detokenizer.rest(), '\ufffd')
  })
})

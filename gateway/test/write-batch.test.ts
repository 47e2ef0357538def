// Writes of one turn of the event loop leave together, in order, and none stays behind.
import { setImmediate as nextTurn } from 'node:timers/promises'
import { assert, describe } from '../../test/spec.ts'
import { joinBatch } from '../wire/write-batch.ts'

describe('a batch of writes', (test) => {
  test('leaves at the end of the turn, in the order of joining', async () => {
    const left: number[] = []
    for (const index of [1, 2, 3]) joinBatch({ leave: () => left.push(index) })
    await Promise.resolve()
    assert.equal(left, [])
    await nextTurn()
    assert.equal(left, [1, 2, 3])
  })

  test('leaves earlier when there are many', async () => {
    let left = 0
    for (let index = 0; index < 40; index += 1) joinBatch({ leave: () => (left += 1) })
    await Promise.resolve()
    assert.is(left, 40)
    await nextTurn()
  })

  test('leaves without the one that throws, whose error goes where errors go', async () => {
    const left: string[] = []
    const caught = new Promise((resolve) => {
      process.once('uncaughtException', resolve)
    })
    joinBatch({
      leave: () => {
        throw new Error('ours')
      },
    })
    joinBatch({ leave: () => left.push('other') })
    assert.is(((await caught) as Error).message, 'ours')
    await nextTurn()
    assert.equal(left, ['other'])
  })

  test('takes who joins while it leaves with the next one', async () => {
    const left: string[] = []
    const second = { leave: () => left.push('second') }
    joinBatch({
      leave: () => {
        left.push('first')
        joinBatch(second)
      },
    })
    await nextTurn()
    assert.equal(left, ['first'])
    await nextTurn()
    assert.equal(left, ['first', 'second'])
  })
})

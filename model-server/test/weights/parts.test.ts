// How a file is cut into parts: connections of one speed end together, whatever its size, and a request stays little of a part's time.
import { assert, describe } from '../../../test/spec.ts'
import { readParts, shrinking, Transfer } from '../../fetch/read-parts.ts'

const connections = 8
const mebibyte = 2 ** 20

function partsOf(bytes: number): number[] {
  const next = shrinking(connections)
  const parts: number[] = []
  for (let left = bytes; left > 0; left -= parts.at(-1) as number) parts.push(Math.min(left, next(bytes, left)))
  return parts
}

/** Bytes of the connection that has most, each taking the next part when it is free. */
function longest(parts: readonly number[]): number {
  const taken = Array.from({ length: connections }, () => 0)
  for (const part of parts) taken[taken.indexOf(Math.min(...taken))] = Math.min(...taken) + part
  return Math.max(...taken)
}

describe('parts of a file', (test) => {
  for (const bytes of [100_000_000, 240_000_000, 999_999_937, 5_000_000_000])
    test(`of ${bytes} bytes: the last connection ends no more than the smallest part after an even share`, () => {
      const parts = partsOf(bytes)
      assert.is(
        parts.reduce((sum, part) => sum + part, 0),
        bytes,
      )
      assert.ok(longest(parts) - bytes / connections <= mebibyte, `${longest(parts)}`)
      assert.ok(parts.slice(0, -1).every((part) => part >= mebibyte && part <= 8 * mebibyte))
    })

  test('are asked for on every connection while those that came wait for their turn', async () => {
    let [asked, running, most] = [0, 0, 0]
    const waiting: (() => void)[] = []
    const file = {
      read: async (from: number, to: number) => {
        asked += 1
        running += 1
        most = Math.max(most, running)
        await new Promise<void>((resolve) => waiting.push(resolve))
        running -= 1
        return new Uint8Array(to - from)
      },
    }
    const transfer = new Transfer(async () => {}, { connections, partBytes: () => 10 })
    const reading = { name: 'x', bytes: 1000, from: 0, open: async () => file }
    const parts = readParts(reading, transfer)
    const first = parts.next()
    const turn = () => new Promise((resolve) => setImmediate(resolve))
    await turn()
    assert.is(asked, connections)
    // All end at once, and nobody takes them but the first.
    for (const end of waiting.splice(0)) end()
    await first
    await turn()
    assert.is(running, connections)
    assert.is(most, connections)
    const rest = (async () => {
      let bytes = 10
      for await (const part of parts) bytes += part.length
      return bytes
    })()
    while (asked < 100 || waiting.length > 0) {
      for (const end of waiting.splice(0)) end()
      await turn()
    }
    assert.is(await rest, 1000)
    assert.is(most, connections)
  })
})

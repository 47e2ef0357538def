// Memory of large bodies: used again, and never by two at once.
import { setTimeout as pause } from 'node:timers/promises'
import { assert, describe } from '../../test/spec.ts'
import { BodyRooms } from '../quota/body-rooms.ts'

const large = 9_000_000

describe('rooms of large bodies', (test) => {
  test('are used again, by bodies of about their size', () => {
    const rooms = new BodyRooms()
    const first = rooms.take(large)
    assert.ok(first.length >= large && first.length < large + 200_000)
    rooms.give(first.subarray(0, large))
    const small = rooms.take(200_000)
    assert.ok(small.length < 400_000)
    const { arrayBuffers } = process.memoryUsage()
    const second = rooms.take(large - 500_000)
    assert.is(second.length, Math.ceil(large / 131_072) * 131_072)
    assert.is(process.memoryUsage().arrayBuffers, arrayBuffers)
    assert.ok(rooms.take(large).buffer !== second.buffer)
  })

  test('hold nothing of the next body for those that still hold a part of the last', () => {
    const rooms = new BodyRooms()
    const before = rooms.take(large)
    const kept = before.subarray(0, 100)
    before.fill('a')
    rooms.give(before)
    const next = rooms.take(large)
    next.fill('b')
    assert.is(kept.length, 0)
    assert.is(before.length, 0)
    kept.fill('c')
    assert.is(next.toString('latin1', 0, 3), 'bbb')
  })

  test('are given back once: a second time changes nothing', () => {
    const rooms = new BodyRooms()
    const room = rooms.take(large)
    rooms.give(room)
    rooms.give(room)
    const [one, other] = [rooms.take(large), rooms.take(large)]
    assert.ok(one.buffer !== other.buffer)
  })

  test('are kept up to 64 MiB, and for a while', async () => {
    const before = process.memoryUsage().arrayBuffers
    const held = (): number => process.memoryUsage().arrayBuffers - before
    const rooms = new BodyRooms(50)
    const taken = Array.from({ length: 10 }, () => rooms.take(large))
    assert.ok(held() >= 10 * large)
    for (const room of taken) rooms.give(room)
    assert.ok(held() <= 67_108_864, `${held()}`)
    await pause(100)
    assert.ok(held() < 1_000_000, `${held()}`)
  })

  test('take bytes that are none of theirs, and give them to the system', () => {
    const rooms = new BodyRooms()
    const bytes = Buffer.allocUnsafeSlow(large)
    rooms.give(bytes)
    assert.is(bytes.length, 0)
    const shared = Buffer.allocUnsafeSlow(large).subarray(0, 100)
    rooms.give(shared)
    assert.is(shared.length, 100)
  })
})

// Reads bodies as they come. What the first part of a large one says can refuse it: then the rest is not read.
import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { tooLarge } from '../api-error.ts'
import type { BodyRooms } from '../quota/body-rooms.ts'
import type { ReadingTurns } from '../quota/reading-turns.ts'

/** Of a body with no more to come there is nothing to save: it costs less to read than to look into. */
const smallRest = 65_536

interface Shared {
  turns: ReadingTurns
  rooms: BodyRooms
}

interface Reading extends Shared {
  /** Most bytes. */
  limit: number
}

type Done = (error: Error | null, body?: Buffer) => void

/** Of this content type alone; others are 415. */
export function addBodyReader(app: FastifyInstance, contentType: string, shared: Shared): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(contentType, (request, payload, done) => {
    const { bodyBytes } = request.slipway.received
    const limit = request.routeOptions.bodyLimit
    if (bodyBytes !== Number.POSITIVE_INFINITY && bodyBytes > limit) done(tooLarge(limit))
    else read(request, payload as IncomingMessage, { limit, ...shared }, done)
  })
}

function read(request: FastifyRequest, payload: IncomingMessage, { limit, turns, rooms }: Reading, done: Done): void {
  const { slipway } = request
  const { socket } = payload
  const tenant = slipway.identity?.tenant.name ?? ''
  const { bodyBytes } = slipway.received
  const parts: Buffer[] = []
  /** A large one is put together as it comes: ten megabytes at once would stop everybody for a moment. */
  let room: Buffer | undefined
  let length = 0
  const end = (error: Error | null, body?: Buffer): void => {
    payload.removeListener('data', onData)
    payload.removeListener('end', onEnd)
    payload.removeListener('error', end)
    // What was refused is not read on: quota/lingering-connections.ts.
    if (error !== null) {
      turns.leave(tenant, socket)
      if (room) rooms.give(room)
    }
    done(error, body)
  }
  const roomFor = (before: Buffer, used: number, wanted: number): Buffer => {
    if (wanted <= before.length) return before
    const larger = rooms.take(Number.isFinite(bodyBytes) ? bodyBytes : Math.min(limit, 2 * wanted))
    before.copy(larger, 0, 0, used)
    rooms.give(before)
    return larger
  }
  const onData = (bytes: Buffer): void => {
    try {
      const after = length + bytes.length
      if (after > limit) throw tooLarge(limit)
      if (room || isLarge(bodyBytes, length, bytes.length)) {
        room = roomFor(room ?? joined(parts), length, after)
        bytes.copy(room, length)
        rooms.give(bytes)
        slipway.onPart?.(room.subarray(0, after))
        // Node’s own goes on with the connection at once.
        payload._read = readsInTurns
        turns.pause(tenant, socket)
      } else parts.push(bytes)
      length = after
    } catch (error) {
      end(error as Error)
    }
  }
  const onEnd = (): void => {
    // What does not say its length was charged at the limit.
    slipway.charge?.resize(room?.length ?? length)
    end(null, room?.subarray(0, length) ?? joined(parts))
  }
  payload.on('data', onData)
  payload.on('end', onEnd)
  payload.on('error', end)
}

const readsInTurns = (): void => {}

/** Most bodies come in one part, which is not copied. */
const joined = (parts: readonly Buffer[]): Buffer => (parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts))

/** Whether much is still to come: as announced, or as it looks after this much. */
const isLarge = (announced: number, length: number, more: number): boolean =>
  Number.isFinite(announced) ? length === 0 && announced - more >= smallRest : length + more > leastRoom

/** Least room for a body that does not say its length; it doubles. */
const leastRoom = 131_072

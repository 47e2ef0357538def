// Reads bodies as they come. What the first of a large one tells can refuse it: then the rest is not read.
import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { tooLarge } from '../api-error.ts'

/** Bytes at the beginning of a body that are looked at before the rest has come. */
const beginningBytes = 16_384
const smallRest = 65_536

type Done = (error: Error | null, body?: Buffer) => void

/** Of this content type alone; others are 415. */
export function addBodyReader(app: FastifyInstance, contentType: string): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser(contentType, (request, payload, done) => {
    const { bodyBytes } = request.slipway.received
    const limit = request.routeOptions.bodyLimit
    if (bodyBytes !== Number.POSITIVE_INFINITY && bodyBytes > limit) done(tooLarge(limit))
    else read(request, payload as IncomingMessage, limit, done)
  })
}

function read(request: FastifyRequest, payload: IncomingMessage, limit: number, done: Done): void {
  const { slipway } = request
  const { bodyBytes } = slipway.received
  const parts: Buffer[] = []
  /** Of a known length it is put together as it comes: ten megabytes at once would stop everybody for a moment. */
  let room: Buffer | undefined
  let length = 0
  const end = (error: Error | null, body?: Buffer): void => {
    payload.removeListener('data', onData)
    payload.removeListener('end', onEnd)
    payload.removeListener('error', end)
    done(error, body)
  }
  const keep = (bytes: Buffer): void => {
    if (room) bytes.copy(room, length)
    else parts.push(bytes)
    length += bytes.length
    if (length > limit) throw tooLarge(limit)
    // What is left costs less to read than to look into.
    if (room || bodyBytes - length < smallRest) return
    const beginning = joined(parts)
    if (length - bytes.length < beginningBytes) slipway.onBeginning?.(beginning)
    if (length < beginningBytes || !Number.isFinite(bodyBytes)) return
    room = Buffer.allocUnsafeSlow(bodyBytes)
    beginning.copy(room)
  }
  const onData = (bytes: Buffer): void => {
    try {
      keep(bytes)
    } catch (error) {
      end(error as Error)
    }
  }
  const onEnd = (): void => {
    // What does not say its length was charged at the limit.
    slipway.charge?.resize(length)
    end(null, room ?? joined(parts))
  }
  payload.on('data', onData)
  payload.on('end', onEnd)
  payload.on('error', end)
}

/** Most bodies come in one part, which is not copied. */
const joined = (parts: readonly Buffer[]): Buffer => (parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts))

// Random ids of W3C trace context, many from one call to the random source.
import { randomFillSync } from 'node:crypto'
import type { Asked } from '../call/call.ts'

const pool = Buffer.alloc(24 * 512)
let at = pool.length

function take(bytes: number): string {
  if (at + bytes > pool.length) {
    randomFillSync(pool)
    at = 0
  }
  at += bytes
  return pool.toString('hex', at - bytes, at)
}

/** 32 hex digits. */
export const newTraceId = (): string => take(16)
/** 16 hex digits. */
export const newSpanId = (): string => take(8)

/** Header `traceparent` for the engine. */
export const traceparentOf = ({ received: { traceId, spanId }, sampled }: Asked): string =>
  `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`

// Random ids of W3C trace context, many from one call to the random source.
import { randomFillSync } from 'node:crypto'
import type { CallInfo } from './call-info.ts'

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
export const traceparentOf = ({ traceId, spanId, sampled }: CallInfo): string =>
  `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`

const traceparentPattern = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/

/** Trace and span of a `traceparent` header; undefined when it has another form. */
export function parseTraceparent(header: string | undefined): { traceId: string; spanId: string } | undefined {
  const match = header?.match(traceparentPattern)
  return match?.[1] && match[2] ? { traceId: match[1], spanId: match[2] } : undefined
}

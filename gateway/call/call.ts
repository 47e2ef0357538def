// One request of a client on its way, and what is known about it when it has ended.
import type { ServerResponse } from 'node:http'
import type { ApiError } from '../api-error.ts'
import type { Identity } from '../auth/identity.ts'
import type { EngineRequest } from '../request/engine-request.ts'
import type { Received } from '../request/received.ts'
import type { ModelRuntime } from '../serving/model-runtime.ts'
import type { Usage } from '../wire/usage.ts'

/** Who asked for what; telemetry has only names of closed sets from it, never text of a client. */
export interface Asked {
  readonly received: Received
  readonly identity: Identity
  readonly request: EngineRequest
  /** Whether its spans are exported even when all goes well. */
  readonly sampled: boolean
}

export interface Call extends Asked {
  readonly model: ModelRuntime
  /** Longest wait for a sleeping model, in milliseconds. */
  readonly holdMs: number
  /** Headers for the client, as a flat list of names and values. */
  readonly answerHeaders: readonly string[]
  readonly res: ServerResponse
}

/** How a request ended, for metrics, log and quota. */
export interface CallRecord {
  status: number
  /** `overloaded`: no place at an engine in time, which is about capacity and not about the client. */
  outcome: 'ok' | 'client_error' | 'overloaded' | 'error' | 'client_closed'
  /** Code of the error that the client got, empty when none. */
  reason: string
  attempts: number
  /** An engine took the request and did not refuse it: it may have read the prompt. */
  taken: boolean
  /** Counted by the engine; undefined when it gave none. */
  usage: Usage | undefined
  /** Events of the answer; an estimate of its tokens when the engine counted none. */
  events: number
  /** Milliseconds of the monotonic clock; 0 when it never came so far. */
  startedAt: number
  dispatchedAt: number
  firstByteAt: number
  endedAt: number
  /** Bytes of the answer. */
  answerBytes: number
  /** Host and port of the engine of the last try. */
  endpoint: string
}

export const newRecord = (startedAt: number): CallRecord => ({
  status: 0,
  outcome: 'ok',
  reason: '',
  attempts: 0,
  taken: false,
  usage: undefined,
  events: 0,
  startedAt,
  dispatchedAt: 0,
  firstByteAt: 0,
  endedAt: 0,
  answerBytes: 0,
  endpoint: '',
})

/** How a request that ended with an error counts. */
export function outcomeOf({ status, code }: ApiError): CallRecord['outcome'] {
  if (code === 'model_overloaded') return 'overloaded'
  return status < 500 ? 'client_error' : 'error'
}

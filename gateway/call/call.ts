// One request of a client, as the routes hand it over, and what is known about it when it has ended.
import type { ServerResponse } from 'node:http'
import type { Tenant } from '../discovery/directory.ts'
import type { ModelRuntime } from '../serving/model-runtime.ts'
import type { Translation } from '../translate/shapes.ts'
import type { Usage } from '../wire/usage.ts'

export type Family = 'openai' | 'huggingface'
export type Lane = 'api' | 'stream'
/** `last`: as OpenAI's stream_options.include_usage; `each`: vLLM's continuous_usage_stats. */
export type UsageShown = 'none' | 'last' | 'each'

export interface Call {
  /** Request id: the client's, or one of ours. */
  id: string
  family: Family
  lane: Lane
  tenant: Tenant
  model: ModelRuntime
  /** Constant path of the engine. */
  path: string
  body: Buffer
  /** Whether the client gets a stream of events. */
  stream: boolean
  /** Which token counts of the stream the client gets; engines send them with every event. */
  usage: UsageShown
  /** Answers that one request asks for: prompts × n. A stream is complete when each of them has ended. */
  answers: number
  translation?: Translation
  /** Tokens that it may cost: an estimate of the prompt, and the longest answer. */
  promptTokens: number
  maxTokens: number
  /** Hash of the conversation's beginning. */
  affinity: number | undefined
  /** Longest wait for a sleeping model, in milliseconds. */
  holdMs: number
  /** Headers for the client, as a flat list of names and values. */
  headers: readonly string[]
  /** Header `traceparent` for the engine. */
  traceparent: string
  /** Header `x-session-id` of the client, which engines may use. */
  sessionId: string | undefined
  res: ServerResponse
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

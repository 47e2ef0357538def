// What a request is to the gateway once it is admitted: what its engine gets, what its client gets, and what it may cost.
import type { ModelEntry } from '../discovery/directory.ts'
import type { EventForm } from '../events/event-filter.ts'
import type { ModelClass } from '../quota/quota.ts'
import type { Translation } from '../translate/shapes.ts'
import type { Family } from './received.ts'

/** `last`: as OpenAI's stream_options.include_usage; `each`: vLLM's continuous_usage_stats. */
export type UsageShown = 'none' | 'last' | 'each'

export interface EngineRequest {
  /** Template of the route, without the lane. */
  readonly route: string
  /** gen_ai.operation.name: chat, text_completion, embeddings, rerank … */
  readonly operation: string
  readonly family: Family
  readonly modelClass: ModelClass
  /** As it was at admission. */
  readonly entry: ModelEntry
  /** Constant path of the engine. */
  readonly path: string
  readonly body: Buffer
  readonly contentType: string
  /** Whether the client gets a stream of events. */
  readonly stream: boolean
  /** What the events of its stream look like. */
  readonly events: EventForm
  /** Which token counts of the stream the client gets; engines send them with every event. */
  readonly usage: UsageShown
  /** Answers that one request asks for: prompts × n. A stream is complete when each of them has ended. */
  readonly answers: number
  readonly translation?: Translation
  /** Tokens that it may cost: an estimate of the prompt, and the longest answer. */
  readonly promptTokens: number
  readonly maxTokens: number
  /** Hash of the conversation's beginning. */
  readonly affinity: number | undefined
}

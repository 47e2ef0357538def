// What telemetry needs to know of a request beside its record: names from closed sets, never text of a client.
import type { Lane } from '../call/call.ts'

export interface CallInfo {
  /** Template of the route, without the lane. */
  route: string
  /** gen_ai.operation.name: chat, text_completion, embeddings, rerank … */
  operation: string
  /** Served name of the model. */
  model: string
  tenant: string
  /** Id of the API key, when one was used. */
  keyId?: string
  lane: Lane
  stream: boolean
  requestId: string
  traceId: string
  spanId: string
  sampled: boolean
  /** The client's own trace: linked, not continued, so that clients cannot force sampling. */
  link?: { traceId: string; spanId: string }
  /** Milliseconds since 1970 when the request came. */
  epochMs: number
  bodyBytes: number
  maxTokens: number
}

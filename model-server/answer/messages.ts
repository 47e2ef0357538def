// Answers of /v1/messages, whole and as events, field by field as vLLM 0.32 sends them.
import { ApiError, anthropicErrorBody, internalError } from '../api-error.ts'
import type { Call } from '../engine/call.ts'
import { type Ending, piecesOf, wholeText } from './pieces.ts'

export interface MessageHead {
  id: string
  model: string
  promptTokens: number
}

/** Why it ended, in Anthropic’s words; a stop text is named, too. */
function stopOf({ finishReason, stopReason }: Ending): { stop_reason: string; stop_sequence: string | null } {
  if (typeof stopReason === 'string') return { stop_reason: 'stop_sequence', stop_sequence: stopReason }
  return { stop_reason: finishReason === 'length' ? 'max_tokens' : 'end_turn', stop_sequence: null }
}

/** @throws ApiError when the engine gave up */
export async function wholeMessage(call: Call, { id, model, promptTokens }: MessageHead): Promise<object> {
  const { text, ...ending } = await wholeText(call)
  const { stop_reason, stop_sequence } = stopOf(ending)
  return {
    id,
    type: 'message',
    role: 'assistant',
    content: [{ type: 'text', text }],
    model,
    stop_reason,
    ...(stop_sequence !== null && { stop_sequence }),
    usage: { input_tokens: promptTokens, output_tokens: ending.tokens },
  }
}

const event = (type: string, fields: object = {}): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`

/** Yields events until the answer has ended; never throws: what goes wrong becomes an event. */
export async function* messageEvents(call: Call, { id, model, promptTokens }: MessageHead): AsyncGenerator<string> {
  try {
    const pieces = piecesOf(call)
    let next = await pieces.next()
    const message = {
      id,
      type: 'message',
      role: 'assistant',
      content: [],
      model,
      stop_reason: null,
      stop_sequence: null,
      usage: { input_tokens: promptTokens, output_tokens: 0 },
    }
    yield event('message_start', { message })
    yield event('content_block_start', { content_block: { type: 'text', text: '' }, index: 0 })
    for (; !next.done; next = await pieces.next())
      yield event('content_block_delta', { delta: { type: 'text_delta', text: next.value }, index: 0 })
    yield event('content_block_stop', { index: 0 })
    const usage = { input_tokens: promptTokens, output_tokens: next.value.tokens }
    yield event('message_delta', { delta: stopOf(next.value), usage })
    yield event('message_stop')
  } catch (error) {
    yield event('error', anthropicErrorBody((error instanceof ApiError ? error : internalError()).data))
  }
}

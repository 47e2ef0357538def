// Answers of /v1/responses, whole and as events, field by field as vLLM 0.32 sends them.
import { ApiError, internalError } from '../api-error.ts'
import type { Call } from '../engine/call.ts'
import type { Fields } from '../request/fields.ts'
import type { Sampling } from '../request/sampling.ts'
import { type Ending, piecesOf, wholeText } from './pieces.ts'

/** What every object of one answer has. */
export interface ResponsesHead {
  id: string
  messageId: string
  created: number
  model: string
  fields: Fields
  sampling: Sampling
  promptTokens: number
}

interface State {
  status: 'in_progress' | 'completed' | 'incomplete'
  output: object[]
  usage: object | null
}

function responseObject(head: ResponsesHead, { status, output, usage }: State): object {
  const { all } = head.fields
  const { sampling } = head
  return {
    id: head.id,
    created_at: head.created,
    incomplete_details: status === 'incomplete' ? { reason: 'max_output_tokens' } : null,
    instructions: all.instructions ?? null,
    metadata: all.metadata ?? null,
    model: head.model,
    object: 'response',
    output,
    parallel_tool_calls: all.parallel_tool_calls ?? true,
    temperature: sampling.temperature,
    tool_choice: 'none',
    tools: [],
    top_p: sampling.topP,
    background: false,
    max_output_tokens: sampling.maxTokens ?? null,
    max_tool_calls: null,
    previous_response_id: null,
    prompt: null,
    reasoning: all.reasoning ?? null,
    service_tier: 'auto',
    status,
    text: all.text ?? null,
    top_logprobs: null,
    truncation: all.truncation ?? 'disabled',
    usage,
    user: all.user ?? null,
    presence_penalty: sampling.presencePenalty,
    frequency_penalty: sampling.frequencyPenalty,
    kv_transfer_params: null,
    ec_transfer_params: null,
    input_messages: null,
    output_messages: null,
  }
}

const message = (id: string, status: 'in_progress' | 'completed', content: object[]): object => ({
  id,
  content,
  role: 'assistant',
  status,
  type: 'message',
  phase: null,
})

const part = (text: string, logprobs: null | [] = null): object => ({
  annotations: [],
  text,
  type: 'output_text',
  logprobs,
})

function ended(head: ResponsesHead, text: string, { finishReason, tokens }: Ending): object {
  return responseObject(head, {
    status: finishReason === 'length' ? 'incomplete' : 'completed',
    output: [message(head.messageId, 'completed', [part(text)])],
    usage: {
      input_tokens: head.promptTokens,
      input_tokens_details: {
        cached_tokens: 0,
        cache_write_tokens: 0,
        input_tokens_per_turn: [],
        cached_tokens_per_turn: [],
      },
      output_tokens: tokens,
      output_tokens_details: {
        reasoning_tokens: 0,
        tool_output_tokens: 0,
        output_tokens_per_turn: [],
        tool_output_tokens_per_turn: [],
      },
      total_tokens: head.promptTokens + tokens,
    },
  })
}

/** @throws ApiError when the engine gave up */
export async function wholeResponse(call: Call, head: ResponsesHead): Promise<object> {
  const { text, ...ending } = await wholeText(call)
  return ended(head, text, ending)
}

/** Yields events until the answer has ended; never throws: what goes wrong becomes an event. */
export async function* responseEvents(call: Call, head: ResponsesHead): AsyncGenerator<string> {
  let sequence = 0
  const event = (type: string, fields: object): string =>
    `event: ${type}\ndata: ${JSON.stringify({ ...fields, sequence_number: sequence++, type })}\n\n`
  const place = { item_id: head.messageId, output_index: 0 }
  const spoken = { item_id: head.messageId, logprobs: [], output_index: 0 }
  const begun = responseObject(head, { status: 'in_progress', output: [], usage: null })
  try {
    yield event('response.created', { response: begun })
    yield event('response.in_progress', { response: begun })
    const pieces = piecesOf(call)
    let text = ''
    let next = await pieces.next()
    yield event('response.output_item.added', { item: message(head.messageId, 'in_progress', []), output_index: 0 })
    yield event('response.content_part.added', { content_index: 0, ...place, part: part('', []) })
    for (; !next.done; next = await pieces.next()) {
      text += next.value
      yield event('response.output_text.delta', { content_index: 0, delta: next.value, ...spoken })
    }
    // vLLM’s order of fields: the number is set by `event`.
    yield event('response.output_text.done', { content_index: 0, ...spoken, sequence_number: 0, text })
    yield event('response.content_part.done', { content_index: 0, ...place, part: part(text) })
    const item = message(head.messageId, 'completed', [part(text)])
    yield event('response.output_item.done', { item, output_index: 0 })
    const response = ended(head, text, next.value)
    yield event('response.completed', { response })
  } catch (error) {
    const { message: said, status } = (error instanceof ApiError ? error : internalError()).data
    yield event('error', { code: String(status), message: said, param: null })
  }
}

// A request of OpenAI's Responses as one of chat: its input and instructions are messages. Nothing is stored, as in vLLM without its
// store.
import { badRequest, notDone } from '../api-error.ts'
import { Fields } from './fields.ts'
import { textOfParts } from './text-parts.ts'

/** Of the same name and meaning in chat. */
const shared = [
  ...['temperature', 'top_p', 'top_k', 'min_p', 'seed', 'stop', 'stop_token_ids', 'ignore_eos', 'logit_bias'],
  ...['presence_penalty', 'frequency_penalty', 'repetition_penalty', 'skip_special_tokens', 'stream', 'priority'],
  ...['include_stop_str_in_output', 'chat_template_kwargs', 'structured_outputs', 'kv_transfer_params', 'user'],
  ...['ec_transfer_params', 'vllm_xargs', 'media_io_kwargs', 'mm_processor_kwargs', 'watermarking'],
] as const

/** With the values that ask for nothing, beside null. */
const refused: Readonly<Record<string, readonly unknown[]>> = {
  background: [false],
  previous_response_id: [],
  prompt: [],
  previous_input_messages: [],
  enable_response_messages: [false],
  top_logprobs: [0],
}

/** @throws ApiError 400 */
export function responsesAsChat(fields: Fields, servedName: string): Fields {
  const { all } = fields
  for (const [name, neutral] of Object.entries(refused))
    if (fields.has(name) && !neutral.includes(all[name])) throw notDone(name)
  if (Array.isArray(all.tools) && all.tools.length > 0) throw notDone('tools')
  const format = (fields.dictionary('text')?.format ?? {}) as { type?: unknown }
  if (format.type !== undefined && format.type !== 'text') throw notDone('text')
  const instructions = fields.text('instructions')
  if (!fields.has('input')) fields.missing('input')
  fields.done()
  const chat: Record<string, unknown> = {
    messages: [
      ...(instructions ? [{ role: 'system', content: instructions }] : []),
      ...messagesIn(all.input, servedName),
    ],
    max_completion_tokens: all.max_output_tokens,
  }
  for (const name of shared) chat[name] = all[name]
  return new Fields(chat)
}

function messagesIn(input: unknown, servedName: string): object[] {
  if (typeof input === 'string') return [{ role: 'user', content: input }]
  if (!Array.isArray(input)) throw badRequest('input must be a text or a list of messages.', 'input')
  return input.flatMap((item: unknown, index) => {
    const { type = 'message', role, content } = (item ?? {}) as { type?: unknown; role?: unknown; content?: unknown }
    // What another model thought is of no use to this one.
    if (type === 'reasoning') return []
    if (type !== 'message') throw badRequest(`input.${index} is a ${type}; this server takes messages alone.`, 'input')
    const text = textOfParts(content, `input.${index}.content`, servedName)
    return [{ role: role === 'developer' ? 'system' : role, content: text }]
  })
}

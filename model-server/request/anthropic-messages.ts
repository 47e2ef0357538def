// A request of Anthropic's Messages as one of chat: `system` is its first message, and `stop_sequences` are its stop texts.
import { notDone } from '../api-error.ts'
import { Fields } from './fields.ts'
import { textOfParts } from './text-parts.ts'

const shared = ['temperature', 'top_p', 'top_k', 'max_tokens', 'stream', 'chat_template_kwargs'] as const

/** Fields of another engine's extensions are refused by chat. */
const extensions = ['kv_transfer_params', 'ec_transfer_params', 'vllm_xargs', 'watermarking'] as const

/** @throws ApiError 400 */
export function messagesAsChat(fields: Fields, servedName: string): Fields {
  const { all } = fields
  refuseTools(fields)
  const system = fields.has('system') ? textOfParts(all.system, 'system', servedName) : ''
  const stop = fields.texts('stop_sequences')
  const list = fields.list('messages')
  if (!fields.has('messages')) fields.missing('messages')
  fields.done()
  const messages = (list ?? []).map((one: unknown, index) => {
    const { role, content } = (one ?? {}) as { role?: unknown; content?: unknown }
    return { role, content: textOfParts(content, `messages.${index}.content`, servedName) }
  })
  const chat: Record<string, unknown> = {
    messages: [...(system === '' ? [] : [{ role: 'system', content: system }]), ...messages],
    stop,
  }
  for (const name of [...shared, ...extensions]) chat[name] = all[name]
  return new Fields(chat)
}

/** @throws ApiError 400 */
function refuseTools(fields: Fields): void {
  const { all } = fields
  if (Array.isArray(all.tools) && all.tools.length > 0) throw notDone('tools')
  const thinking = fields.dictionary('thinking')
  if (thinking && thinking.type !== 'disabled') throw notDone('thinking')
  if (fields.dictionary('output_config')?.format) throw notDone('output_config')
}

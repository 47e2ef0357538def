// The messages of a chat: roles and texts; parts of text become one text, as vLLM joins them for such templates.
import { badRequest } from '../api-error.ts'
import type { Conversation } from '../model/chat-template.ts'
import type { Fields } from './fields.ts'

type Message = Readonly<Record<string, unknown>>

/** @throws ApiError 400 */
export function readConversation(fields: Fields, servedName: string): Conversation {
  const addGenerationPrompt = fields.boolean('add_generation_prompt') ?? true
  const given = fields.dictionary('chat_template_kwargs') ?? {}
  const effort = fields.text('reasoning_effort')
  const documents = fields.list('documents')
  const list = fields.list('messages')
  if (list === undefined && !fields.has('messages')) fields.missing('messages')
  const messages = (list ?? []).map((message, index) => readMessage(fields, message, index, servedName))
  fields.done()
  if (messages.length === 0)
    throw badRequest('Cannot apply chat template to an empty conversation. Provide at least one message.')
  const variables = { ...given, ...(documents && { documents }), ...(effort && { reasoning_effort: effort }) }
  return { messages, addGenerationPrompt, variables }
}

function readMessage(fields: Fields, message: unknown, index: number, servedName: string): Message {
  const at = `messages.${index}`
  if (typeof message !== 'object' || message === null || Array.isArray(message)) {
    fields.wrong('dict_type', at, 'Input should be a valid dictionary', message)
    return {}
  }
  const { role, content, ...others } = message as Message
  if (typeof role !== 'string')
    if (role === undefined) fields.wrong('missing', `${at}.role`, 'Field required', message)
    else fields.wrong('string_type', `${at}.role`, 'Input should be a valid string', role)
  return { ...others, role, content: readContent(fields, content, `${at}.content`, servedName) }
}

/** A missing content is an empty text. */
function readContent(fields: Fields, content: unknown, at: string, servedName: string): string {
  if (content === undefined || content === null) return ''
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) {
    fields.wrong('string_type', at, 'Input should be a valid string', content)
    return ''
  }
  return content.map((part: unknown, index) => readPart(fields, part, `${at}.${index}`, servedName)).join('\n')
}

function readPart(fields: Fields, part: unknown, at: string, servedName: string): string {
  if (typeof part === 'string') return part
  const { type, text } = (part ?? {}) as { type?: unknown; text?: unknown }
  if (typeof text === 'string' && (type === 'text' || type === undefined)) return text
  if (typeof type === 'string' && /image|audio|video/.test(type))
    throw badRequest(`${servedName} is not a multimodal model`)
  fields.wrong('string_type', `${at}.text`, 'Input should be a valid string', text)
  return ''
}

// Fields that vLLM knows and this server does not do are a 400 that names them.
import { badParameter, badRequest, notDone } from '../api-error.ts'
import type { Fields } from './fields.ts'
import { parametersOf } from './parameters.ts'

const isEmpty = (value: unknown): boolean =>
  (Array.isArray(value) && value.length === 0) ||
  (typeof value === 'object' && value !== null && Object.keys(value).length === 0)

/** @throws ApiError 400 naming the field */
export function refuseUnsupported(fields: Fields, route: 'chat' | 'completions'): void {
  if (route === 'chat') refuseTools(fields)
  for (const { name, support, neutral = [] } of parametersOf(route)) {
    const value = fields.all[name]
    if (support !== 'refused' || value === undefined || value === null) continue
    if (neutral.includes(value) || (isEmpty(value) && name !== 'allowed_token_ids')) continue
    if (name === 'response_format' && (value as { type?: unknown }).type === 'text') continue
    throw special(name) ?? notDone(name)
  }
}

/** Where vLLM itself refuses without a further flag, its words. */
function special(name: string): Error | undefined {
  if (name === 'suffix')
    return badRequest('suffix is only supported for models with FIM completion rendering', 'suffix')
  if (name === 'prompt_embeds')
    return badParameter('You must set `--enable-prompt-embeds` to input `prompt_embeds`.', name)
  if (name === 'chat_template')
    return badRequest(
      'Chat template is passed with request, but --trust-request-chat-template is not set. Refused request with untrusted chat template.',
    )
  return undefined
}

/** vLLM without a tool parser. */
function refuseTools({ all: { tools, tool_choice: choice } }: Fields): void {
  if (Array.isArray(tools) && tools.length === 0)
    throw badParameter(
      '`tools` must not be an empty array. Either provide at least one tool or omit the field entirely.',
      'tools',
    )
  const asked = choice ?? (tools ? 'auto' : 'none')
  if (asked === 'none') return
  if (!tools) throw badParameter('When using `tool_choice`, `tools` must be set.', 'tool_choice')
  if (asked === 'auto')
    throw badRequest('"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set')
  throw badRequest(
    typeof asked === 'string'
      ? `tool_choice="${asked}" requires --tool-call-parser to be set`
      : 'tool_choice requires --tool-call-parser to be set',
  )
}

// An engine for the table of clients: it answers in OpenAI's and Anthropic's shapes as vLLM does, calls the first tool that it is
// given, and writes JSON of the schema that it is asked for.
import type { Answering, Fault } from '../fake-engine.ts'
import { send, vllm } from '../fake-servers.ts'

type Json = Record<string, unknown>

/** What an engine answers: a text, or a call of a tool. */
type Said = { text: string } | { tool: string; input: string }

const greeting = 'Hello there.'
const counts = { input: 7, output: 3 }

/** Any value of a JSON Schema. */
function anyOf(schema: Json): unknown {
  if (schema.properties)
    return Object.fromEntries(Object.entries(schema.properties as Record<string, Json>).map(([k, v]) => [k, anyOf(v)]))
  if (schema.type === 'integer' || schema.type === 'number') return 7
  return 'Paris'
}

/** @param schema of a JSON answer that is wanted @param answered whether a tool's result is there already */
function say(tool: { name: string; schema: Json } | undefined, schema: Json | undefined, answered: boolean): Said {
  if (tool && !answered) return { tool: tool.name, input: JSON.stringify(anyOf(tool.schema)) }
  return { text: schema ? JSON.stringify(anyOf(schema)) : greeting }
}

const listIn = (request: Json, field: string): Json[] =>
  Array.isArray(request[field]) ? (request[field] as Json[]) : []

const pieces = (text: string): string[] => [text.slice(0, 4), text.slice(4)]

const sse = ({ res }: Answering, events: readonly string[]): void => {
  res.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' }).end(events.join(''))
}

/** An event that has its type as its name, too. */
const event = (type: string, fields: Json) => `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`

function chat(call: Answering): unknown {
  const { request } = call
  const [first] = listIn(request, 'tools').map((tool) => tool.function as { name: string; parameters: Json })
  const format = request.response_format as { json_schema?: { schema: Json } } | undefined
  const own = request.structured_outputs as { json?: Json } | undefined
  const answered = listIn(request, 'messages').some(({ role }) => role === 'tool')
  const wanted = format?.json_schema?.schema ?? own?.json
  const said = say(first && { name: first.name, schema: first.parameters }, wanted, answered)
  const isTool = 'tool' in said
  const head = { id: 'chatcmpl-1', created: 1, model: request.model }
  const usage = { prompt_tokens: counts.input, completion_tokens: counts.output, total_tokens: 10 }
  const finish_reason = isTool ? 'tool_calls' : 'stop'
  const toolCall = (part: string) => ({
    id: 'call_1',
    type: 'function',
    function: { name: isTool && said.tool, arguments: part },
  })
  if (request.stream !== true) {
    const message = isTool
      ? { role: 'assistant', content: null, tool_calls: [toolCall(said.input)] }
      : { role: 'assistant', content: said.text }
    return send({ ...head, object: 'chat.completion', choices: [{ index: 0, message, finish_reason }], usage })(call)
  }
  const chunk = (delta: Json, finish: string | null = null) =>
    `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`
  const deltas = isTool
    ? pieces(said.input).map((part, index) =>
        chunk({
          tool_calls: [index === 0 ? { index: 0, ...toolCall(part) } : { index: 0, function: { arguments: part } }],
        }),
      )
    : pieces(said.text).map((content) => chunk({ content }))
  const last = `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices: [], usage })}\n\n`
  const asked = (request.stream_options as Json | undefined)?.include_usage === true
  return sse(call, [
    chunk({ role: 'assistant', content: '' }),
    ...deltas,
    chunk({}, finish_reason),
    asked ? last : '',
    'data: [DONE]\n\n',
  ])
}

/** The item of a response: a text, or the call of a tool. */
function itemOf(said: Said) {
  if ('tool' in said) {
    const { tool: name, input } = said
    return { id: 'fc_1', type: 'function_call', call_id: 'call_1', name, arguments: input, status: 'completed' }
  }
  const part = { type: 'output_text', text: said.text, annotations: [], logprobs: [] }
  return { id: 'msg_1', type: 'message', role: 'assistant', status: 'completed', content: [part] }
}

/** Without what it says: all that clients take for granted. */
const responseOf = ({ model, tools = [] }: Json) => ({
  id: 'resp_1',
  object: 'response',
  created_at: 1,
  model,
  tools,
  parallel_tool_calls: true,
  tool_choice: 'auto',
  error: null,
  incomplete_details: null,
  instructions: null,
  metadata: {},
  temperature: 1,
  top_p: 1,
})

const responsesUsage = {
  input_tokens: counts.input,
  input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
  output_tokens: counts.output,
  output_tokens_details: { reasoning_tokens: 0 },
  total_tokens: 10,
}

/** What comes between the beginning and the end of an item, as types and fields. */
function deltasOf(said: Said): [type: string, fields: Json][] {
  if ('tool' in said) {
    const { tool: name, input } = said
    const place = { item_id: 'fc_1', output_index: 0 }
    const deltas = pieces(input).map((delta): [string, Json] => [
      'response.function_call_arguments.delta',
      { ...place, delta },
    ])
    return [...deltas, ['response.function_call_arguments.done', { ...place, arguments: input, name }]]
  }
  const place = { item_id: 'msg_1', output_index: 0, content_index: 0 }
  const part = { type: 'output_text', text: said.text, annotations: [], logprobs: [] }
  return [
    ['response.content_part.added', { ...place, part: { ...part, text: '' } }],
    ...pieces(said.text).map((delta): [string, Json] => [
      'response.output_text.delta',
      { ...place, delta, logprobs: [] },
    ]),
    ['response.output_text.done', { ...place, text: said.text, logprobs: [] }],
    ['response.content_part.done', { ...place, part }],
  ]
}

function responses(call: Answering): unknown {
  const { request } = call
  const [first] = listIn(request, 'tools') as { name: string; parameters: Json }[]
  const format = (request.text as { format?: { schema?: Json } } | undefined)?.format
  const answered = listIn(request, 'input').some(({ type }) => type === 'function_call_output')
  const said = say(first && { name: first.name, schema: first.parameters }, format?.schema, answered)
  const item = itemOf(said)
  const whole = { ...responseOf(request), status: 'completed', output: [item], usage: responsesUsage }
  if (request.stream !== true) return send(whole)(call)
  const begun = { ...responseOf(request), status: 'in_progress', output: [], usage: null }
  const opened = { ...item, status: 'in_progress', ...('tool' in said ? { arguments: '' } : { content: [] }) }
  const events: [type: string, fields: Json][] = [
    ['response.created', { response: begun }],
    ['response.in_progress', { response: begun }],
    ['response.output_item.added', { output_index: 0, item: opened }],
    ...deltasOf(said),
    ['response.output_item.done', { output_index: 0, item }],
    ['response.completed', { response: whole }],
  ]
  return sse(
    call,
    events.map(([type, fields], sequence_number) => event(type, { sequence_number, ...fields })),
  )
}

function messages(call: Answering): unknown {
  const { request } = call
  const [first] = listIn(request, 'tools') as { name: string; input_schema: Json }[]
  const answered = JSON.stringify(request.messages).includes('"tool_result"')
  const said = say(first && { name: first.name, schema: first.input_schema }, undefined, answered)
  const isTool = 'tool' in said
  const head = { id: 'msg_1', type: 'message', role: 'assistant', model: request.model }
  const usage = { input_tokens: counts.input, output_tokens: counts.output }
  const stop_reason = isTool ? 'tool_use' : 'end_turn'
  const block = isTool
    ? { type: 'tool_use', id: 'toolu_1', name: said.tool, input: JSON.parse(said.input) as Json }
    : { type: 'text', text: said.text }
  if (request.stream !== true) return send({ ...head, content: [block], stop_reason, stop_sequence: null, usage })(call)
  const deltas = isTool
    ? pieces(said.input).map((partial_json) => ({ type: 'input_json_delta', partial_json }))
    : pieces(said.text).map((text) => ({ type: 'text_delta', text }))
  return sse(call, [
    event('message_start', {
      message: { ...head, content: [], stop_reason: null, stop_sequence: null, usage: { ...usage, output_tokens: 0 } },
    }),
    event('content_block_start', { index: 0, content_block: { ...block, ...(isTool ? { input: {} } : { text: '' }) } }),
    ...deltas.map((delta) => event('content_block_delta', { index: 0, delta })),
    event('content_block_stop', { index: 0 }),
    event('message_delta', { delta: { stop_reason, stop_sequence: null }, usage }),
    event('message_stop', {}),
  ])
}

/** By path; what is not here answers as vLLM does for all tests. */
export const talkingEngine: Fault = (call) => {
  const { path } = call.seen
  if (path === '/v1/messages/count_tokens') return send({ input_tokens: counts.input })(call)
  if (path.startsWith('/v1/chat/')) return chat(call)
  if (path === '/v1/responses') return responses(call)
  if (path === '/v1/messages') return messages(call)
  return vllm(call)
}

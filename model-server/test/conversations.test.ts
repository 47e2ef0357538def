// OpenAI’s Responses and Anthropic’s Messages: the same answer as chat’s in other words, whole and as events, and what is refused.
import OpenAI from 'openai'
import { assert, describe } from '../../test/spec.ts'
import { namedEventsOf, type Server, startServer } from './server-process.ts'

const model = 'tiny-stories'
const said = 'Tell me a story about a dog.'
const messages = [{ role: 'user' as const, content: said }]

describe('conversations in other words than chat’s', (test) => {
  let server: Server
  let client: OpenAI
  let chat: { text: string; tokens: number }
  test.before(async () => {
    server = await startServer()
    client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: 'none', maxRetries: 0 })
    const answer = await client.chat.completions.create({ model, messages, temperature: 0, max_tokens: 20 })
    chat = { text: answer.choices[0]?.message.content ?? '', tokens: answer.usage?.prompt_tokens ?? 0 }
  })
  test.after(() => server.stop())

  const post = async (path: string, body: object) => {
    const response = await server.post(path, body)
    return { status: response.status, text: await response.text() }
  }

  test('responses answer OpenAI’s client, whole, as a stream and from parts', async () => {
    const asked = { model, input: said, temperature: 0, max_output_tokens: 20 }
    const whole = await client.responses.create(asked)
    assert.is(whole.output_text, chat.text)
    assert.equal([whole.status, whole.usage?.input_tokens, whole.usage?.output_tokens], ['incomplete', chat.tokens, 20])
    const parsed = await client.responses.parse({ ...asked, input: messages })
    assert.is(parsed.output_text, chat.text)
    const stream = client.responses.stream(asked)
    let text = ''
    for await (const event of stream) if (event.type === 'response.output_text.delta') text += event.delta
    assert.is(text, chat.text)
    const final = await stream.finalResponse()
    assert.equal([final.output_text, final.usage], [chat.text, whole.usage])
    const input = [
      { role: 'user' as const, content: [{ type: 'input_text' as const, text: said }] },
      { role: 'assistant' as const, content: 'Once.' },
      { role: 'user' as const, content: 'More!' },
    ]
    const ended = await client.responses.create({ ...asked, instructions: 'Be brief.', input, max_output_tokens: 200 })
    assert.equal([ended.status, ended.instructions], ['completed', 'Be brief.'])
  })

  test('messages answer whole and as events, and count the same tokens', async () => {
    const body = { model, messages, temperature: 0, max_tokens: 20 }
    const whole = JSON.parse((await post('/v1/messages', body)).text)
    const usage = { input_tokens: chat.tokens, output_tokens: 20 }
    assert.equal(
      [whole.content, whole.stop_reason, whole.usage],
      [[{ type: 'text', text: chat.text }], 'max_tokens', usage],
    )
    const events = namedEventsOf((await post('/v1/messages', { ...body, stream: true })).text)
    const deltas = events.filter(({ type }) => type === 'content_block_delta')
    assert.is(deltas.map(({ delta }) => (delta as { text: string }).text).join(''), chat.text)
    assert.equal(events.at(-1), { type: 'message_stop' })
    assert.equal(events.at(-2)?.usage, usage)
    const counted = JSON.parse((await post('/v1/messages/count_tokens', { model, messages })).text)
    assert.is(counted.input_tokens, chat.tokens)
    const stopped = JSON.parse(
      (await post('/v1/messages', { ...body, stop_sequences: [chat.text.slice(10, 14)] })).text,
    )
    assert.equal([stopped.stop_reason, stopped.stop_sequence], ['stop_sequence', chat.text.slice(10, 14)])
    assert.is(stopped.content[0].text, chat.text.slice(0, chat.text.indexOf(chat.text.slice(10, 14))))
  })

  test('the first turns of a conversation count: system, instructions, earlier answers', async () => {
    const count = async (body: object) =>
      JSON.parse((await post('/v1/messages/count_tokens', { model, messages, ...body })).text).input_tokens as number
    const plain = await count({})
    assert.ok((await count({ system: 'Be brief.' })) > plain)
    assert.is(await count({ system: [{ type: 'text', text: 'Be brief.' }] }), await count({ system: 'Be brief.' }))
    assert.ok((await count({ messages: [...messages, { role: 'assistant', content: 'No.' }, ...messages] })) > plain)
  })

  const image = { type: 'input_image', image_url: 'data:image/png;base64,AA' }
  const cases: [path: string, fields: object, says: RegExp][] = [
    ['/v1/responses', { input: undefined }, /body\.input.*Field required/],
    ['/v1/responses', { previous_response_id: 'resp_1' }, /previous_response_id is not supported/],
    ['/v1/responses', { background: true }, /background is not supported/],
    ['/v1/responses', { tools: [{ type: 'function', name: 'f', parameters: {} }] }, /tools is not supported/],
    ['/v1/responses', { text: { format: { type: 'json_schema', name: 'x', schema: {} } } }, /text is not supported/],
    ['/v1/responses', { input: [{ role: 'user', content: [image] }] }, /not a multimodal model/],
    ['/v1/responses', { input: [{ type: 'function_call_output', output: 'x' }] }, /input\.0 is a function_call_output/],
    ['/v1/responses', { model: 'other' }, /does not exist/],
    ['/v1/messages', { max_tokens: undefined }, /body\.max_tokens.*Field required/],
    ['/v1/messages', { max_tokens: 0 }, /max_tokens must be at least 1/],
    ['/v1/messages', { tools: [{ name: 'f', input_schema: {} }] }, /tools is not supported/],
    ['/v1/messages', { thinking: { type: 'enabled', budget_tokens: 1024 } }, /thinking is not supported/],
    ['/v1/messages', { messages: [] }, /empty conversation/],
    ['/v1/messages', { messages: [{ role: 'user', content: [{ type: 'image' }] }] }, /not a multimodal model/],
    ['/v1/messages/count_tokens', { messages: undefined }, /body\.messages.*Field required/],
    ['/v1/messages/count_tokens', { model: 'other' }, /does not exist/],
  ]
  for (const [path, fields, says] of cases)
    test(`${path} refuses ${JSON.stringify(fields).slice(0, 50)}`, async () => {
      const body = path === '/v1/responses' ? { input: said } : { messages, max_tokens: 9 }
      const { status, text } = await post(path, { model, ...body, ...fields })
      const { type, error } = JSON.parse(text) as { type?: string; error: { message: string; type: string } }
      assert.ok(status === 400 || status === 404, text)
      assert.is(type, path === '/v1/responses' ? undefined : 'error')
      assert.match(error.message, says)
    })
})

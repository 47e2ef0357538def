// OpenAI's client for JavaScript in the table of clients.
import OpenAI from 'openai'
import { zodResponseFormat, zodTextFormat } from 'openai/helpers/zod'
import { z } from 'zod'
import { feature, GREETING, HELLO, joined, KEY, paris, run, same, schema, thrown, URL } from './features.mjs'

// The client:
const client = new OpenAI({ baseURL: `${URL}/stream/v1`, apiKey: KEY })

const Weather = z.object({ city: z.string(), degrees: z.number() })
const tools = [{ type: 'function', function: { name: 'weather', parameters: schema, strict: true } }]
const asked = { model: 'writer', messages: HELLO }

feature('chat', async () => same((await client.chat.completions.create(asked)).choices[0].message.content, GREETING))

feature('stream', async () => {
  const stream = await client.chat.completions.create({ ...asked, stream: true })
  same(await joined(stream, ({ choices }) => choices[0]?.delta.content), GREETING)
})

feature('tools', async () => {
  const { choices } = await client.chat.completions.create({ ...asked, tools })
  same(JSON.parse(choices[0].message.tool_calls[0].function.arguments), paris)
})

feature('tools in a stream', async () => {
  const { choices } = await client.chat.completions.stream({ ...asked, tools }).finalChatCompletion()
  same(JSON.parse(choices[0].message.tool_calls[0].function.arguments), paris)
})

feature('typed answers', async () => {
  const format = zodResponseFormat(Weather, 'weather')
  const { choices } = await client.chat.completions.parse({ ...asked, response_format: format })
  same(choices[0].message.parsed, paris)
})

feature('responses', async () => {
  const input = { model: 'writer', input: 'Hello' }
  same((await client.responses.create(input)).output_text, GREETING)
  same((await client.responses.stream(input).finalResponse()).output_text, GREETING)
  const parsed = await client.responses.parse({ ...input, text: { format: zodTextFormat(Weather, 'weather') } })
  same(parsed.output_parsed, paris)
})

feature('embeddings', async () => {
  const { data } = await client.embeddings.create({ model: 'embedder', input: ['four'] })
  same(data[0].embedding, [4, 1, 2])
})

feature('errors', async () => {
  const error = await thrown(() => client.chat.completions.create({ ...asked, model: 'nobody' }))
  same([error.constructor.name, error.code], ['NotFoundError', 'model_not_found'])
})

await run()

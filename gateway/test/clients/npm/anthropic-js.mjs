// Anthropic's client for JavaScript in the table of clients.
import Anthropic from '@anthropic-ai/sdk'
import { feature, GREETING, HELLO, KEY, paris, run, same, schema, thrown, URL } from './features.mjs'

// The client:
const client = new Anthropic({ baseURL: `${URL}/stream`, apiKey: KEY })

const asked = { model: 'writer', max_tokens: 99, messages: HELLO }
const tools = [{ name: 'weather', input_schema: schema }]

feature('messages', async () => same((await client.messages.create(asked)).content[0].text, GREETING))

feature('stream', async () => same(await client.messages.stream(asked).finalText(), GREETING))

feature('tools', async () => same((await client.messages.create({ ...asked, tools })).content[0].input, paris))

feature('tools in a stream', async () => {
  const { content } = await client.messages.stream({ ...asked, tools }).finalMessage()
  same(content[0].input, paris)
})

feature('token count', async () => {
  same((await client.messages.countTokens({ model: 'writer', messages: HELLO })).input_tokens, 7)
})

feature('errors', async () => {
  const error = await thrown(() => client.messages.create({ ...asked, model: 'nobody' }))
  same([error.constructor.name, error.status], ['NotFoundError', 404])
})

await run()

// Hugging Face's client for JavaScript in the table of clients.
import { InferenceClient } from '@huggingface/inference'
import { feature, GREETING, HELLO, joined, KEY, paris, run, same, schema, thrown, URL } from './features.mjs'

// The client:
const client = new InferenceClient(KEY).endpoint(`${URL}/stream/models/writer`)
const embedder = new InferenceClient(KEY).endpoint(`${URL}/stream/models/embedder`)

const tools = [{ type: 'function', function: { name: 'weather', parameters: schema } }]

feature('chat', async () => {
  same((await client.chatCompletion({ messages: HELLO })).choices[0].message.content, GREETING)
})

feature('stream', async () => {
  const stream = client.chatCompletionStream({ messages: HELLO })
  same(await joined(stream, ({ choices }) => choices[0]?.delta.content), GREETING)
})

feature('tools', async () => {
  const { choices } = await client.chatCompletion({ messages: HELLO, tools })
  same(JSON.parse(choices[0].message.tool_calls[0].function.arguments), paris)
})

feature('tools in a stream', async () => {
  const stream = client.chatCompletionStream({ messages: HELLO, tools })
  const text = await joined(stream, ({ choices }) => choices[0]?.delta.tool_calls?.[0]?.function.arguments)
  same(JSON.parse(text), paris)
})

feature('typed answers', async () => {
  const response_format = { type: 'json_schema', json_schema: { name: 'weather', schema } }
  const { choices } = await client.chatCompletion({ messages: HELLO, response_format })
  same(JSON.parse(choices[0].message.content), paris)
})

feature('embeddings', async () => same(await embedder.featureExtraction({ inputs: 'four' }), [[4, 1, 2]]))

feature('errors', async () => {
  const nobody = new InferenceClient(KEY).endpoint(`${URL}/stream/models/nobody`)
  const error = await thrown(() => nobody.chatCompletion({ messages: HELLO }))
  same(error.httpResponse.status, 404)
})

await run()

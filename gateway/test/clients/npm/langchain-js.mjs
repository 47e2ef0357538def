// LangChain for JavaScript in the table of clients.
import { ChatAnthropic } from '@langchain/anthropic'
import { tool } from '@langchain/core/tools'
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai'
import { z } from 'zod'
import { feature, GREETING, joined, KEY, paris, run, same, thrown, URL } from './features.mjs'

// The client:
const configuration = { baseURL: `${URL}/stream/v1` }
const chat = new ChatOpenAI({ model: 'writer', apiKey: KEY, configuration })
const claude = new ChatAnthropic({ model: 'writer', apiKey: KEY, anthropicApiUrl: `${URL}/stream` })
const embedder = new OpenAIEmbeddings({ model: 'embedder', apiKey: KEY, configuration })

const Weather = z.object({ city: z.string(), degrees: z.number() })
const weather = tool(() => 'It rains.', { name: 'weather', description: 'Weather of a city.', schema: Weather })

feature('chat', async () => same((await chat.invoke('Hello')).text, GREETING))

feature('stream', async () => same(await joined(await chat.stream('Hello'), ({ text }) => text), GREETING))

feature('tools', async () => same((await chat.bindTools([weather]).invoke('Hello')).tool_calls[0].args, paris))

feature('tools in a stream', async () => {
  let whole
  for await (const chunk of await chat.bindTools([weather]).stream('Hello')) whole = whole?.concat(chunk) ?? chunk
  same(whole.tool_calls[0].args, paris)
})

feature('typed answers', async () => same(await chat.withStructuredOutput(Weather).invoke('Hello'), paris))

feature(
  'responses',
  async () => {
    const responding = new ChatOpenAI({ model: 'writer', apiKey: KEY, configuration, useResponsesApi: true })
    same((await responding.invoke('Hello')).text, GREETING)
    same(await joined(await responding.stream('Hello'), ({ text }) => text), GREETING)
  },
  '`new ChatOpenAI({ …, useResponsesApi: true })`',
)

feature('messages', async () => {
  same((await claude.invoke('Hello')).text, GREETING)
  same(await joined(await claude.stream('Hello'), ({ text }) => text), GREETING)
  same((await claude.bindTools([weather]).invoke('Hello')).tool_calls[0].args, paris)
})

feature('embeddings', async () => same(await embedder.embedDocuments(['four']), [[4, 1, 2]]))

feature('errors', async () => {
  const nobody = new ChatOpenAI({ model: 'nobody', apiKey: KEY, configuration, maxRetries: 0 })
  same((await thrown(() => nobody.invoke('Hello'))).status, 404)
})

await run()

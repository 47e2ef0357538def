// The AI SDK with its provider for OpenAI in the table of clients.
import { createOpenAI } from '@ai-sdk/openai'
import { embed, generateText, streamText } from 'ai'
import { commonFeatures, prompt, withTool } from './ai-sdk-features.mjs'
import { feature, GREETING, joined, KEY, run, same, URL } from './features.mjs'

// The client:
const provider = createOpenAI({ baseURL: `${URL}/stream/v1`, apiKey: KEY })
const model = provider.chat('writer')

commonFeatures('chat', model, provider.chat('nobody'))

feature(
  'responses',
  async () => {
    const responding = provider('writer')
    same((await generateText({ ...withTool, model: responding })).text, GREETING)
    same(await joined(streamText({ model: responding, prompt }).textStream), GREETING)
  },
  "`provider('NAME')` in place of `provider.chat('NAME')`",
)

feature('embeddings', async () =>
  same((await embed({ model: provider.embedding('embedder'), value: 'four' })).embedding, [4, 1, 2]),
)

await run()

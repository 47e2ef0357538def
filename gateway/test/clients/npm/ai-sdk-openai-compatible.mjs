// The AI SDK with its provider for any server of OpenAI's shape in the table of clients.
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { embed } from 'ai'
import { commonFeatures } from './ai-sdk-features.mjs'
import { feature, KEY, run, same, URL } from './features.mjs'

// The client:
const provider = createOpenAICompatible({
  name: 'slipway',
  supportsStructuredOutputs: true,
  baseURL: `${URL}/stream/v1`,
  apiKey: KEY,
})
const model = provider('writer')

commonFeatures('chat', model, provider('nobody'))

feature('embeddings', async () =>
  same((await embed({ model: provider.embeddingModel('embedder'), value: 'four' })).embedding, [4, 1, 2]),
)

await run()

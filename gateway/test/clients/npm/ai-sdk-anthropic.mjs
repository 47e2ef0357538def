// The AI SDK with its provider for Anthropic in the table of clients.
import { createAnthropic } from '@ai-sdk/anthropic'
import { commonFeatures } from './ai-sdk-features.mjs'
import { KEY, run, URL } from './features.mjs'

// The client:
const provider = createAnthropic({ baseURL: `${URL}/stream/v1`, apiKey: KEY })
const model = provider('writer')

commonFeatures('messages', model, provider('nobody'))

await run()

// OpenAI's Agents SDK for JavaScript in the table of clients.
import {
  Agent,
  OpenAIChatCompletionsModel,
  OpenAIResponsesModel,
  run as runAgent,
  setTracingDisabled,
  tool,
} from '@openai/agents'
import OpenAI from 'openai'
import { z } from 'zod'
import { feature, GREETING, joined, KEY, paris, run, same, thrown, URL } from './features.mjs'

// The client:
const client = new OpenAI({ baseURL: `${URL}/stream/v1`, apiKey: KEY })
const model = new OpenAIChatCompletionsModel(client, 'writer')
setTracingDisabled(true)

const Weather = z.object({ city: z.string(), degrees: z.number() })
const weather = tool({ name: 'weather', description: 'Weather.', parameters: Weather, execute: () => 'It rains.' })
const agent = (more = {}) => new Agent({ name: 'helper', model, ...more })

feature('chat', async () => same((await runAgent(agent(), 'Hello')).finalOutput, GREETING))

feature('stream', async () => {
  const result = await runAgent(agent(), 'Hello', { stream: true })
  same(await joined(result.toTextStream()), GREETING)
})

feature('tools', async () => {
  const result = await runAgent(agent({ tools: [weather] }), 'Hello')
  same([result.finalOutput, result.rawResponses.length], [GREETING, 2])
})

feature('tools in a stream', async () => {
  const result = await runAgent(agent({ tools: [weather] }), 'Hello', { stream: true })
  await result.completed
  same([result.finalOutput, result.rawResponses.length], [GREETING, 2])
})

feature('typed answers', async () => same((await runAgent(agent({ outputType: Weather }), 'Hello')).finalOutput, paris))

feature(
  'responses',
  async () => {
    const responding = agent({ model: new OpenAIResponsesModel(client, 'writer'), tools: [weather] })
    same((await runAgent(responding, 'Hello')).finalOutput, GREETING)
  },
  "`new OpenAIResponsesModel(client, 'NAME')`",
)

feature('errors', async () => {
  const nobody = new OpenAIChatCompletionsModel(client, 'nobody')
  same((await thrown(() => runAgent(agent({ model: nobody }), 'Hello'))).status, 404)
})

await run()

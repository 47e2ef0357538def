// What the AI SDK does alike with each of its providers.
import { generateText, jsonSchema, Output, stepCountIs, streamText, tool } from 'ai'
import { feature, GREETING, joined, paris, same, schema, thrown } from './features.mjs'

export const prompt = 'Hello'
const weather = tool({ inputSchema: jsonSchema(schema), execute: () => 'It rains.' })
export const withTool = { prompt, tools: { weather }, stopWhen: stepCountIs(3) }

/** @param plain the feature that an answer in one piece shows: chat or messages */
export function commonFeatures(plain, model, nobody) {
  feature(plain, async () => same((await generateText({ model, prompt })).text, GREETING))

  feature('stream', async () => same(await joined(streamText({ model, prompt }).textStream), GREETING))

  feature('tools', async () => {
    const { text, steps } = await generateText({ ...withTool, model })
    same([text, steps[0].toolCalls[0].input], [GREETING, paris])
  })

  feature('tools in a stream', async () => {
    const result = streamText({ ...withTool, model })
    same(await joined(result.textStream), GREETING)
    same((await result.steps)[0].toolCalls[0].input, paris)
  })

  feature('typed answers', async () => {
    const output = Output.object({ schema: jsonSchema(schema) })
    same((await generateText({ model, prompt, output })).output, paris)
  })

  feature('errors', async () =>
    same((await thrown(() => generateText({ model: nobody, prompt, maxRetries: 0 }))).statusCode, 404),
  )
}

// Collects the tokens of all choices into one JSON answer.
import type { Call } from '../engine/call.ts'
import type { Accepted } from '../engine/messages.ts'
import type { AnswerHead, Choice, Shape } from './shape.ts'

/** @throws ApiError when the engine gave up */
export async function wholeAnswer(
  call: Call,
  { promptTokens, promptTexts }: Accepted,
  n: number,
  shape: Shape,
  head: AnswerHead,
): Promise<object> {
  const prompt = promptTokens.reduce((sum, count) => sum + count, 0)
  const choices = promptTokens.flatMap((_, promptIndex) =>
    Array.from({ length: n }, (_, choice): Choice => {
      const text = promptTexts[promptIndex] ?? ''
      return { index: promptIndex * n + choice, text, tokens: [], finishReason: null, stopReason: null }
    }),
  )
  let completion = 0
  for await (const event of call) {
    if (event.event !== 'token') continue
    const choice = choices[event.index]
    if (!choice) continue
    const { text, logprobs, finishReason, stopReason } = event.token
    completion += 1
    choice.text += text
    if (logprobs) choice.tokens.push(logprobs)
    choice.finishReason = finishReason
    choice.stopReason = stopReason
  }
  return shape.whole(head, choices, { prompt, completion })
}

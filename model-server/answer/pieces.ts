// The tokens of one answer as texts, and how it ended: for APIs that have one answer a request.
import type { Call } from '../engine/call.ts'
import type { TokenEvent } from '../generate/sequence.ts'

export type Ending = Pick<TokenEvent, 'finishReason' | 'stopReason'> & { tokens: number }

/** Yields the text of each token; returns the end. @throws ApiError when the engine gave up */
export async function* piecesOf(call: Call): AsyncGenerator<string, Ending> {
  const ending: Ending = { finishReason: null, stopReason: null, tokens: 0 }
  for await (const message of call) {
    if (message.event !== 'token') continue
    const { text, finishReason, stopReason } = message.token
    Object.assign(ending, { finishReason, stopReason })
    ending.tokens += 1
    if (text !== '') yield text
  }
  return ending
}

/** All of it at once. */
export async function wholeText(call: Call): Promise<Ending & { text: string }> {
  const pieces = piecesOf(call)
  let text = ''
  for (;;) {
    const { done, value } = await pieces.next()
    if (done) return { ...value, text }
    text += value
  }
}

// Tokens as server-sent events, in the form and order of vLLM 0.32, down to its spaces in an error.
import { ApiError, internalError } from '../api-error.ts'
import type { Call } from '../engine/call.ts'
import type { Accepted } from '../engine/messages.ts'
import type { AnswerHead, Shape } from './shape.ts'

export interface UsageOptions {
  /** A last chunk with the whole usage and no choices. */
  atEnd: boolean
  /** Usage so far in every chunk. */
  inEvery: boolean
}

interface Progress {
  opened: boolean
  completion: number
  characters: number
}

/** Yields events until the answer has ended; never throws: what goes wrong becomes an event. */
export async function* eventStream(
  call: Call,
  { promptTokens, promptTexts }: Accepted,
  n: number,
  shape: Shape,
  head: AnswerHead,
  usage: UsageOptions,
): AsyncGenerator<string> {
  const choices = promptTokens.flatMap((prompt, index) =>
    Array.from({ length: n }, () => ({ prompt, echo: promptTexts[index] ?? '' })),
  )
  const progress: Progress[] = choices.map(() => ({ opened: false, completion: 0, characters: 0 }))
  const chunk = (index: number, choice: object, extra: object = {}): string => {
    const counts = { prompt: choices[index]?.prompt ?? 0, completion: progress[index]?.completion ?? 0 }
    const counted = usage.inEvery ? { usage: shape.chunkUsage(counts) } : {}
    return event({ ...shape.chunk(head, choice), ...counted, ...extra })
  }
  try {
    for (const index of choices.keys()) {
      const opening = shape.opening(index)
      if (opening) yield chunk(index, opening, { prompt_token_ids: null, prompt_text: null })
    }
    for await (const message of call) {
      if (message.event !== 'token') continue
      const { index, token } = message
      const state = progress[index]
      if (!state) continue
      state.completion += 1
      const text = state.opened ? token.text : (choices[index]?.echo ?? '') + token.text
      state.opened = true
      const isLast = token.finishReason !== null && !usage.atEnd
      yield chunk(index, shape.delta(index, token, text, state.characters), isLast ? fingerprint(head) : {})
      state.characters += text.length
    }
    if (usage.atEnd) {
      const prompt = promptTokens.reduce((sum, count) => sum + count, 0)
      const completion = progress.reduce((sum, state) => sum + state.completion, 0)
      const counts = { prompt_tokens: prompt, total_tokens: prompt + completion, completion_tokens: completion }
      yield event({ ...shape.chunk(head, undefined), usage: counts, ...fingerprint(head) })
    }
  } catch (error) {
    yield errorEvent(error instanceof ApiError ? error : internalError())
  }
  yield 'data: [DONE]\n\n'
}

const event = (data: object): string => `data: ${JSON.stringify(data)}\n\n`

const fingerprint = (head: AnswerHead): object => ({ system_fingerprint: head.fingerprint })

/** vLLM writes this one with Python's spaces. */
const errorEvent = ({ data: { message, type, param, status } }: ApiError): string =>
  `data: {"error": {"message": ${JSON.stringify(message)}, "type": ${JSON.stringify(type)}, "param": ${JSON.stringify(param)}, "code": ${status}}}\n\n`

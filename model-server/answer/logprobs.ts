// Log probabilities in the two shapes of OpenAI's API.
import type { TokenText } from '../generate/sequence.ts'

/** vLLM's least number, since JSON has no infinity. */
const least = -9999

const value = ({ logprob }: TokenText): number => Math.max(logprob, least)

/** Of chat: one entry per token. */
export const chatLogprobs = (tokens: readonly (readonly TokenText[])[], top: number): object => ({
  content: tokens.map((alternatives) => {
    const [drawn] = alternatives
    return { ...(drawn && chatEntry(drawn)), top_logprobs: alternatives.slice(0, top).map(chatEntry) }
  }),
})

const chatEntry = (token: TokenText): object => ({
  token: token.text,
  logprob: value(token),
  bytes: [...Buffer.from(token.text)],
})

/**
 * Of completions: four lists.
 * @param offset where the first token's text begins in the answer
 */
export function completionLogprobs(tokens: readonly (readonly TokenText[])[], offset: number): object {
  let at = offset
  const offsets = tokens.map(([drawn]) => {
    const start = at
    at += drawn?.text.length ?? 0
    return start
  })
  const drawn = tokens.flatMap(([first]) => (first ? [first] : []))
  return {
    text_offset: offsets,
    token_logprobs: drawn.map(value),
    tokens: drawn.map(({ text }) => text),
    top_logprobs: tokens.map((alternatives) =>
      Object.fromEntries(alternatives.map((token) => [token.text, value(token)])),
    ),
  }
}

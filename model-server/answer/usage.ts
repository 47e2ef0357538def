// Token counts in vLLM's three forms: in a whole answer, in a running stream, at its end.

export interface Counts {
  prompt: number
  completion: number
}

const plain = ({ prompt, completion }: Counts) => ({
  prompt_tokens: prompt,
  total_tokens: prompt + completion,
  completion_tokens: completion,
})

export const answerUsage = (counts: Counts): object => ({
  ...plain(counts),
  prompt_tokens_details: null,
  completion_tokens_details: null,
})

export const chatChunkUsage = (counts: Counts): object => ({ ...plain(counts), completion_tokens_details: null })

export const chunkUsage = (counts: Counts): object => plain(counts)

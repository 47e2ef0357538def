// Answers of /v1/chat/completions, field by field as vLLM 0.32 sends them.
import { chatLogprobs } from './logprobs.ts'
import type { Shape } from './shape.ts'
import { answerUsage, chatChunkUsage } from './usage.ts'

/**
 * @param role of the answer
 * @param top alternatives per token; undefined: no log probabilities
 */
export const chatShape = (role: string, top: number | undefined): Shape => ({
  whole: ({ id, created, model, fingerprint }, choices, counts) => ({
    id,
    object: 'chat.completion',
    created,
    model,
    choices: choices.map(({ index, text, tokens, finishReason, stopReason }) => ({
      index,
      message: {
        role,
        content: text,
        refusal: null,
        annotations: null,
        audio: null,
        function_call: null,
        reasoning: null,
      },
      logprobs: top === undefined ? null : chatLogprobs(tokens, top),
      finish_reason: finishReason,
      stop_reason: stopReason,
      token_ids: null,
      routed_experts: null,
    })),
    service_tier: null,
    system_fingerprint: fingerprint,
    usage: answerUsage(counts),
    prompt_logprobs: null,
    prompt_token_ids: null,
    prompt_text: null,
    kv_transfer_params: null,
    ec_transfer_params: null,
    metrics: null,
  }),
  opening: (index) => ({ index, delta: { role, content: '' }, logprobs: null, finish_reason: null }),
  delta: (index, { logprobs, finishReason, stopReason }, text) => ({
    index,
    delta: { content: text },
    logprobs: logprobs && top !== undefined ? chatLogprobs([logprobs], top) : null,
    finish_reason: finishReason,
    ...(finishReason !== null && { stop_reason: stopReason }),
    token_ids: null,
  }),
  chunk: ({ id, created, model }, choice) => ({
    id,
    object: 'chat.completion.chunk',
    created,
    model,
    choices: choice ? [choice] : [],
  }),
  chunkUsage: chatChunkUsage,
})

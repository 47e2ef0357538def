// Answers of /v1/completions, field by field as vLLM 0.32 sends them.
import { completionLogprobs } from './logprobs.ts'
import type { Shape } from './shape.ts'
import { answerUsage, chunkUsage } from './usage.ts'

/** @param asksLogprobs whether each token carries its log probabilities */
export const completionShape = (asksLogprobs: boolean): Shape => ({
  whole: ({ id, created, model, fingerprint }, choices, counts) => ({
    id,
    object: 'text_completion',
    created,
    model,
    choices: choices.map(({ index, text, tokens, finishReason, stopReason }) => ({
      index,
      text,
      logprobs: asksLogprobs ? completionLogprobs(tokens, 0) : null,
      finish_reason: finishReason,
      stop_reason: stopReason,
      token_ids: null,
      prompt_logprobs: null,
      prompt_token_ids: null,
      routed_experts: null,
    })),
    service_tier: null,
    system_fingerprint: fingerprint,
    usage: answerUsage(counts),
    kv_transfer_params: null,
    ec_transfer_params: null,
    metrics: null,
  }),
  opening: () => undefined,
  delta: (index, { logprobs, finishReason, stopReason }, text, offset) => ({
    index,
    text,
    logprobs: logprobs ? completionLogprobs([logprobs], offset) : null,
    finish_reason: finishReason,
    stop_reason: stopReason,
    prompt_token_ids: null,
    token_ids: null,
  }),
  chunk: ({ id, created, model }, choice) => ({
    id,
    object: 'text_completion',
    created,
    model,
    choices: choice ? [choice] : [],
  }),
  chunkUsage,
})

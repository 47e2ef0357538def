// How many requests and tokens one batch may hold. vLLM's own defaults depend on the GPU and take memory from the KV cache: here they are
// chosen for the best use of it, so that what is planned is what runs. What a model file sets itself is never changed.
import { lastValue, readFlagUses } from '../engines/flag-uses.ts'
import { readSize } from '../engines/value-forms.ts'
import type { ModelSettings } from '../schema/model.ts'

export interface Batching {
  /** `--max-num-seqs`. */
  maxNumSeqs: number
  /** `--max-num-batched-tokens`. */
  maxNumBatchedTokens: number
}

/** `get_batch_defaults` of vLLM 0.32 (engine/arg_utils.py), for a server. */
export function engineDefaults({ name, memoryGib }: { name: string; memoryGib: number }): Batching {
  if (memoryGib >= 160) return { maxNumSeqs: 1024, maxNumBatchedTokens: 16_384 }
  if (memoryGib >= 70 && !/a100/i.test(name)) return { maxNumSeqs: 1024, maxNumBatchedTokens: 8192 }
  return { maxNumSeqs: 256, maxNumBatchedTokens: 2048 }
}

/** Most requests in a batch that a plan chooses: beyond, an answer is slow for everyone. */
export const mostSeqs = 256
/** Fewest: a smaller batch gives nothing back that would be worth the waiting. */
export const fewestSeqs = 8

export const powerOfTwo = (value: number): number => 2 ** Math.ceil(Math.log2(Math.max(1, value)))

export function ownBatching(engine: Pick<ModelSettings['engine'], 'maxNumSeqs' | 'extraArgs'>): Partial<Batching> {
  const text = lastValue(readFlagUses(engine.extraArgs ?? []).uses, '--max-num-batched-tokens')
  const maxNumBatchedTokens = text === undefined ? undefined : readSize(text)
  return {
    ...(engine.maxNumSeqs === undefined ? {} : { maxNumSeqs: engine.maxNumSeqs }),
    ...(maxNumBatchedTokens === undefined ? {} : { maxNumBatchedTokens }),
  }
}

/** How many sizes of a batch are captured as CUDA graphs: `_set_cudagraph_sizes` of vLLM 0.32 (config/vllm.py). */
export function captureSizes(maxNumSeqs: number): number {
  const largest = Math.min(2 * maxNumSeqs, 512)
  const small = [1, 2, 4].filter((size) => size <= largest).length
  const steps = (from: number, end: number, step: number): number => Math.max(0, Math.ceil((end - from) / step))
  return small + steps(8, Math.min(largest + 1, 256), 8) + steps(256, largest + 1, 16)
}

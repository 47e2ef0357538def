// What differs between versions of vLLM in how they divide the GPU's memory. A planner of this repository plans the pinned version; public
// start-up logs, to which it is held, are of many.
import { assumptions } from '../schema/assumptions.ts'

export interface EngineTraits {
  /** Bytes that the sampler's peak takes for each logit. */
  samplerBytes: number
  /** GiB that stay on each GPU whatever runs. */
  fixedGib: number
  /** GiB that no peak was seen below. */
  smallestPeakGib: number
  /** Start-up counts what CUDA graphs take before it sizes the KV cache. */
  countsGraphs: boolean
  /** Batches whose tokens a layer with a window still holds. */
  batchesInFlight: number
  /** Blocks of a recurrent layer for each request. */
  stateBlocks: number
}

/**
 * Until 0.16 the sampler sorts: logits in 16 bits, their copy in 32, sorted values and indices, buffers of the sort, probabilities.
 * Measured on start-up logs of 0.9 to 0.11; no plan rests on them.
 */
const sorting = { samplerBytes: 38.6, fixedGib: 0.15, smallestPeakGib: 0, countsGraphs: false }

/** Top-k and top-p without a sort (v1/sample/ops/topk_topp_triton.py). */
const filtering = {
  samplerBytes: assumptions.samplerBytes.value,
  fixedGib: assumptions.engineFixedGib.value,
  smallestPeakGib: assumptions.smallestPeakGib.value,
  countsGraphs: true,
}

/** `0.31.0` → 31; undefined for what is no version of vLLM. */
const minorOf = (version: string | undefined): number | undefined => {
  const minor = /^0\.(\d+)(?:\.|$)/.exec(version ?? '')?.[1]
  return minor === undefined ? undefined : Number(minor)
}

/**
 * Without a version, as many public logs are: both ways to sample are answered, and the larger counts; of the cache what held until the
 * summer of 2026. A plan always has a version.
 */
export function engineTraits(version: string | undefined): [EngineTraits, ...EngineTraits[]] {
  const minor = minorOf(version)
  const since = (first: number): boolean => minor !== undefined && minor >= first
  const cache = {
    // vllm-project/vllm pull request 47728 (July 2026): blocks behind a window are kept until the batches under way have been counted.
    batchesInFlight: since(26) ? 2 : 1,
    // Pull request 50991 (August 2026): prefix caching of recurrent layers, which keeps a second state, is on by default.
    stateBlocks: since(28) ? 2 : 1,
  }
  if (minor === undefined)
    return [
      { ...filtering, ...cache },
      { ...sorting, ...cache },
    ]
  return [{ ...(since(17) ? filtering : sorting), ...cache }]
}

// What vLLM takes beside weights and KV cache on one GPU, each part from its cause. Start-up runs one batch of the largest size and one
// sampling of all sequences, takes the larger peak, adds what stays, and gives the rest to the cache (`determine_available_memory` in
// v1/worker/gpu_worker.py of vLLM 0.32). Sizes that no source states are measured on public start-up logs.
import { type AssumptionName, assumptions } from '../schema/assumptions.ts'
import type { Lock } from '../schema/lock.ts'
import { type Batching, captureSizes } from './batching.ts'
import type { EngineTraits } from './engine-traits.ts'

const gib = 2 ** 30

export interface EngineMemoryInput {
  lock: Lock
  parallel: number
  batching: Batching
  traits: EngineTraits
  /** Bytes of one activation. */
  elementBytes: number
  isEager: boolean
}

/** GiB on one GPU. */
export interface EngineMemory {
  /** CUDA libraries, workspaces and, with several GPUs, buffers of NCCL. */
  fixed: number
  /** One batch through one layer. */
  activations: number
  /** One sampling: logits of the whole vocabulary are on every GPU. */
  sampler: number
  graphs: number
  experts: number
  vision: number
  /** The larger of activations and sampler. */
  peak: number
  /** The peak and everything that stays. */
  total: number
}

const value = (name: AssumptionName): number => assumptions[name].value

/** Width inside the feed-forward part where the lock does not say it: three to four times the width of a token in what is served today. */
const innerWidth = ({ intermediateSize, hiddenSize }: Lock): number => intermediateSize ?? 3.5 * hiddenSize

export function engineMemory(input: EngineMemoryInput): EngineMemory {
  const { lock, parallel, traits, elementBytes } = input
  const { maxNumSeqs, maxNumBatchedTokens } = input.batching
  const width = 4 * lock.hiddenSize + (2 * innerWidth(lock)) / parallel
  const activations = (elementBytes * maxNumBatchedTokens * width) / gib
  const sampler = (traits.samplerBytes * maxNumSeqs * lock.vocabularySize) / gib
  const graphs = traits.countsGraphs && !input.isEager ? graphGib(lock, maxNumSeqs) : 0
  // Into, inside and out of them; the buffers stay (v1/worker/workspace.py).
  const chosen = (lock.experts?.perToken ?? 0) * value('expertBuffers')
  const experts = (elementBytes * maxNumBatchedTokens * chosen * lock.hiddenSize) / gib
  const fixed = traits.fixedGib + (parallel > 1 ? value('ncclGib') : 0)
  const vision = lock.visionTower === true ? value('visionGib') : 0
  const peak = Math.max(activations, sampler, traits.smallestPeakGib)
  return { fixed, activations, sampler, graphs, experts, vision, peak, total: fixed + peak + graphs + experts + vision }
}

const graphGib = ({ layers, hiddenSize }: Lock, maxNumSeqs: number): number =>
  (captureSizes(maxNumSeqs) * layers * hiddenSize * value('graphBytes')) / gib

/** What the figure rests on. */
export const engineAssumptions = (lock: Lock, parallel: number): AssumptionName[] => [
  'engineFixedGib',
  'samplerBytes',
  'graphBytes',
  ...(parallel > 1 ? (['ncclGib'] as const) : []),
  ...(lock.experts === undefined ? [] : (['expertBuffers'] as const)),
  ...(lock.visionTower === true ? (['visionGib'] as const) : []),
]

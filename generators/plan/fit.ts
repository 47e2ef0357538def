// GPU memory fit of a model with a KV cache: weights, what the engine takes, and the cache as vLLM lays it out. Pure arithmetic.
import { type AcceleratorKind, accelerators, cudaMemoryMib } from '../schema/accelerators.ts'
import type { Lock } from '../schema/lock.ts'
import type { ModelSettings } from '../schema/model.ts'
import { type Batching, engineDefaults, ownBatching } from './batching.ts'
import type { Fit } from './cluster-plan.ts'
import { engineMemory } from './engine-memory.ts'
import { engineTraits } from './engine-traits.ts'
import { bytesPerToken, type CacheInput, type CacheLayout, cacheLayout } from './kv-cache.ts'
import { elementBytes, weightBytes } from './weight-memory.ts'

export const gib = 2 ** 30
const mibPerGib = 1024

export interface FitInput {
  lock: Lock
  kind: AcceleratorKind
  /** GPUs that share one copy of the model. */
  parallel: number
  maxModelLen: number
  /** Share of GPU memory the engine takes. */
  utilization: number
  engine: Pick<ModelSettings['engine'], 'dtype' | 'quantization' | 'kvCacheDtype' | 'maxNumSeqs' | 'extraArgs'> & {
    enforceEager?: boolean
  }
  /** Requests of one replica at which another is ordered: a batch should hold as many. */
  wantedSeqs?: number
  /** What the planner chose; left out: what the file says, and the engine's own defaults for the rest. */
  batching?: Batching
  /** Of vLLM; left out: the careful side of what differs between versions. */
  version?: string
  /** A GPU that is no kind of ours, as in a start-up log. */
  gpu?: { name: string; memoryGib: number; computeCapability: string }
}

/** The GPU of the kind, or the one that the input describes. */
export const gpuOf = ({ kind, gpu }: FitInput): NonNullable<FitInput['gpu']> => {
  if (gpu !== undefined) return gpu
  const { name, computeCapability, ...memory } = accelerators[kind]
  return { name, computeCapability, memoryGib: cudaMemoryMib(memory) / mibPerGib }
}

const isEager = ({ enforceEager, extraArgs = [] }: FitInput['engine']): boolean =>
  enforceEager === true || extraArgs.includes('--enforce-eager')

/** Of one key or value: fp8 where the file or the checkpoint says so. */
function cacheBytes({ lock, engine }: FitInput): number {
  const wanted = engine.kvCacheDtype ?? 'auto'
  return (wanted === 'auto' ? lock.cacheDtype : wanted) === 'fp8' ? 1 : elementBytes(engine.dtype)
}

const cacheInput = (input: FitInput): CacheInput => ({
  lock: input.lock,
  parallel: input.parallel,
  cacheBytes: cacheBytes(input),
  modelBytes: elementBytes(input.engine.dtype),
  traits: engineTraits(input.version)[0],
})

export const layoutOf = (input: FitInput): CacheLayout => cacheLayout(cacheInput(input))

/** weights + engine + KV cache against memory × utilization, per GPU. `freeKvGib` is negative when the weights alone do not fit. */
export function fitModel(input: FitInput): Fit {
  const { lock, parallel, maxModelLen, engine } = input
  const gpu = gpuOf(input)
  const { computeCapability, memoryGib: gpuMemoryGib } = gpu
  const usableGib = gpuMemoryGib * input.utilization
  const weightsGib = weightBytes({ lock, parallel, engine, computeCapability }) / gib
  const batching = input.batching ?? { ...engineDefaults(gpu), ...ownBatching(engine) }
  const traits = engineTraits(input.version)
  const runtime = traits
    .map((one) =>
      engineMemory({
        ...{ lock, parallel, batching, traits: one },
        elementBytes: elementBytes(engine.dtype),
        isEager: isEager(engine),
      }),
    )
    .reduce((most, one) => (one.total > most.total ? one : most))
  const freeKvGib = usableGib - weightsGib - runtime.total
  const layout = layoutOf(input)
  const blocks = Math.max(0, Math.floor((freeKvGib * gib) / Math.max(1, layout.bytesPerBlock)))
  const inFlight = traits[0].batchesInFlight * batching.maxNumBatchedTokens
  const blocksPerRequest = Math.max(1, layout.blocksOf(maxModelLen, inFlight))
  // `get_max_concurrency_for_kv_cache_config`.
  const fullLengthRequests = blocks / blocksPerRequest
  return {
    gpuMemoryGib,
    isUnseenGpu: input.gpu === undefined && accelerators[input.kind].cudaMib === undefined,
    usableGib,
    weightsGib,
    runtimeGib: runtime.total,
    runtime,
    batching,
    kvBytesPerToken: bytesPerToken(cacheInput(input)),
    freeKvGib,
    blocks,
    blocksPerRequest,
    blockGib: layout.bytesPerBlock / gib,
    // A block is set aside for what no request holds any longer.
    startsWith: blocks - 1 >= blocksPerRequest && (!layout.hasStates || batching.maxNumSeqs <= blocks),
    kvTokens: Math.floor(fullLengthRequests * maxModelLen),
    maxModelLen,
    fullLengthRequests,
  }
}

export const fits = (fit: Fit): boolean => fit.freeKvGib > 0 && fit.startsWith

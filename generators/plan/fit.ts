// GPU memory fit of a model with a KV cache. Pure arithmetic: exact in the KV cache, assumed only in the runtime overhead.
import { type AcceleratorKind, accelerators } from '../schema/accelerators.ts'
import { type AssumptionName, assumptions } from '../schema/assumptions.ts'
import type { Lock } from '../schema/lock.ts'
import type { ModelSettings } from '../schema/model.ts'
import type { Fit } from './cluster-plan.ts'

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
  engine: Pick<ModelSettings['engine'], 'dtype' | 'quantization' | 'kvCacheDtype'>
}

const bytesOf: Record<string, number> = { F32: 4, float32: 4, BF16: 2, bfloat16: 2, F16: 2, float16: 2 }

/** The dtype most parameters are stored in; safetensors names. */
const storedDtype = (lock: Lock): string =>
  Object.entries(lock.parameters).reduce((most, entry) => (entry[1] > most[1] ? entry : most), ['BF16', 0])[0]

/** Bytes of one activation or KV element. `auto` serves float32 weights as float16, everything else as it is stored (vLLM `--dtype`). */
export function elementBytes(dtype: ModelSettings['engine']['dtype']): number {
  if (dtype !== undefined && dtype !== 'auto') return bytesOf[dtype] ?? 2
  return 2
}

/**
 * Bytes of the weights in GPU memory, all GPUs together. A quantized repository is taken as stored. Other weights are
 * converted to the serving dtype; `fp8` on load halves 16-bit weights but for the embedding and the output layer, counted
 * as two tables of vocabulary × width (one, if they are tied: then this is a little too much).
 */
export function weightBytes(lock: Lock, engine: FitInput['engine']): number {
  if (lock.quantization !== undefined) return lock.weightBytes
  const stored = bytesOf[storedDtype(lock)] ?? 2
  const served = (lock.weightBytes * elementBytes(engine.dtype)) / stored
  if (engine.quantization !== 'fp8') return served
  const tables = Math.min(served, 2 * lock.vocabularySize * lock.hiddenSize * 2)
  return tables + (served - tables) / 2
}

/** Above this many parameters activations and CUDA graphs take the larger assumption. */
const largeModel = 10e9

/** Runtime overhead per GPU, GiB, and what it assumes. */
export function runtimeGib(lock: Lock, parallel: number): { value: number; assumptions: AssumptionName[] } {
  const parameters = Object.values(lock.parameters).reduce((sum, count) => sum + count, 0)
  const names: AssumptionName[] = [
    parameters > largeModel ? 'largeActivationGib' : 'activationGib',
    ...(parallel > 1 ? (['ncclGib'] as const) : []),
  ]
  return { value: names.reduce((sum, name) => sum + assumptions[name].value, 0), assumptions: names }
}

/** KV bytes per token and layer on one GPU: key and value. A head that cannot be split is kept on every GPU. */
const kvBytesPerLayer = ({ lock, parallel, engine }: FitInput): number => {
  const element = engine.kvCacheDtype === 'fp8' ? 1 : elementBytes(engine.dtype)
  return 2 * Math.max(1, Math.ceil(lock.kvHeads / parallel)) * lock.headDim * element
}

/** KV bytes of one request of `tokens` on one GPU; local layers keep at most their window. */
function requestKvBytes(input: FitInput, tokens: number): number {
  const { lock } = input
  const local = lock.slidingWindow?.localLayers ?? 0
  const window = lock.slidingWindow?.tokens ?? 0
  return kvBytesPerLayer(input) * ((lock.layers - local) * tokens + local * Math.min(tokens, window))
}

/**
 * weights + runtime + KV cache against memory × utilization, per GPU. KV bytes per token = 2 × layers × kvHeads × headDim ×
 * bytes / tensorParallelSize. `freeKvGib` is negative when the weights alone do not fit.
 */
export function fitModel(input: FitInput): Fit {
  const gpuMemoryGib = accelerators[input.kind].memoryMib / mibPerGib
  const usableGib = gpuMemoryGib * input.utilization
  const weightsGib = weightBytes(input.lock, input.engine) / input.parallel / gib
  const runtime = runtimeGib(input.lock, input.parallel).value
  const freeKvGib = usableGib - weightsGib - runtime
  const fullLengthRequests = Math.max(0, (freeKvGib * gib) / requestKvBytes(input, input.maxModelLen))
  return {
    gpuMemoryGib,
    usableGib,
    weightsGib,
    runtimeGib: runtime,
    kvBytesPerToken: kvBytesPerLayer(input) * input.lock.layers,
    freeKvGib,
    kvTokens: Math.floor(fullLengthRequests * input.maxModelLen),
    maxModelLen: input.maxModelLen,
    fullLengthRequests,
  }
}

export const fits = (fit: Fit): boolean => fit.freeKvGib > 0 && fit.fullLengthRequests >= 1

/** Longest context of which one request fits, rounded down to a number people like to read; 0 when none does. */
export function longestContext(input: FitInput): number {
  let low = 0
  let high = input.lock.maxPositionEmbeddings
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if (fits(fitModel({ ...input, maxModelLen: middle }))) low = middle
    else high = middle - 1
  }
  const step = low >= 4096 ? 1024 : low >= 512 ? 128 : 16
  return Math.floor(low / step) * step
}

// Bytes of the weights on one GPU, once they are loaded.
import { assumptions } from '../schema/assumptions.ts'
import type { Lock } from '../schema/lock.ts'
import type { ModelSettings } from '../schema/model.ts'

const bytesOf: Record<string, number> = { F32: 4, float32: 4, BF16: 2, bfloat16: 2, F16: 2, float16: 2 }

/** The dtype most parameters are stored in; safetensors names. */
const storedDtype = (lock: Lock): string =>
  Object.entries(lock.parameters).reduce((most, entry) => (entry[1] > most[1] ? entry : most), ['BF16', 0])[0]

/** Bytes of one activation or KV element. `auto` serves float32 weights as float16, everything else as it is stored (vLLM `--dtype`). */
export function elementBytes(dtype: ModelSettings['engine']['dtype']): number {
  if (dtype !== undefined && dtype !== 'auto') return bytesOf[dtype] ?? 2
  return 2
}

export interface WeightInput {
  lock: Lock
  parallel: number
  engine: Pick<ModelSettings['engine'], 'dtype' | 'quantization'>
  /** CUDA compute capability of the GPU. */
  computeCapability: string
}

/**
 * A quantized repository is taken as stored. Other weights are converted to the serving dtype; `fp8` on load halves 16-bit weights but
 * for the embedding and the output layer, counted as two tables of vocabulary × width (one, if they are tied: then this is a little too
 * much).
 */
export function weightBytes(input: WeightInput): number {
  const { lock, parallel, engine } = input
  if (lock.quantization === 'mxfp4' && lock.experts !== undefined) return paddedExperts(input)
  if (lock.quantization !== undefined) return (lock.weightBytes * assumptions.packedWeightShare.value) / parallel
  const stored = bytesOf[storedDtype(lock)] ?? 2
  const served = (lock.weightBytes * elementBytes(engine.dtype)) / stored
  if (engine.quantization !== 'fp8') return served / parallel
  const tables = Math.min(served, 2 * lock.vocabularySize * lock.hiddenSize * 2)
  return (tables + ((served - tables) / 2) * assumptions.quantizedLoadShare.value) / parallel
}

/** Four bits, and eight of scale for 32 values. */
const mxfp4Bytes = 17 / 32

const upTo = (step: number, value: number): number => Math.ceil(value / step) * step

/**
 * Kernels for MXFP4 want widths of whole tiles: 256 for the token vector, 128 inside an expert's share of one GPU
 * (`mxfp4_round_up_hidden_size_and_intermediate_size` of vLLM 0.32, fused_moe/oracle/mxfp4.py). On Hopper Triton's layout widens one
 * side alone: 64.4 GiB of gpt-oss-120b in start-up logs.
 */
function paddedExperts({ lock, parallel, computeCapability }: WeightInput): number {
  const { total = 0, intermediateSize = lock.hiddenSize } = lock.experts ?? {}
  const matrices = 3 * total * lock.layers * mxfp4Bytes
  const stored = Math.min(lock.weightBytes, matrices * lock.hiddenSize * intermediateSize)
  const inner = intermediateSize / parallel
  const tile = computeCapability.startsWith('9.') ? 1 : 128
  return (lock.weightBytes - stored) / parallel + matrices * upTo(256, lock.hiddenSize) * upTo(tile, inner)
}

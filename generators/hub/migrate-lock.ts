// A lock of before the cache was described, as one of today: without the Hub, where its old facts say all. What was worked out is named
// as unverified until `npm run lock` reads it.
import type { CacheLayers } from '../schema/cache-layers.ts'
import type { Lock } from '../schema/lock.ts'

export type OldLock = Omit<Lock, 'cache'> & { slidingWindow?: { tokens: number; localLayers: number } }

/** Old locks said of windows how many layers have them, and of every other layer nothing: these families have no other kind. */
const uniform = [
  ...['LlamaForCausalLM', 'Qwen2ForCausalLM', 'Qwen2MoeForCausalLM', 'Qwen3ForCausalLM', 'Qwen3MoeForCausalLM'],
  ...[
    'Phi3ForCausalLM',
    'PhiMoEForCausalLM',
    'GPT2LMHeadModel',
    'OPTForCausalLM',
    'GraniteForCausalLM',
    'OlmoForCausalLM',
  ],
  ...['GptOssForCausalLM', 'Gemma2ForCausalLM', 'Gemma3ForCausalLM', 'Gemma3ForConditionalGeneration'],
]

const encoders = /Bert|Roberta|MPNet|^NewModel|^GteNew/i

export const isOutdated = (lock: unknown): lock is OldLock =>
  typeof lock === 'object' && lock !== null && 'layers' in lock && !('cache' in lock)

/** Undefined: only the Hub can say what its layers keep. */
export function migrateLock({ slidingWindow, ...old }: OldLock): Lock | undefined {
  const isKnown = (one: string): boolean => uniform.includes(one)
  if (old.architectures.some((one) => encoders.test(one))) return withCache(old, [])
  if (!old.architectures.every(isKnown)) return undefined
  const local = slidingWindow?.localLayers ?? 0
  const kinds: CacheLayers[] = [
    { kind: 'full', layers: old.layers - local },
    { kind: 'sliding', layers: local, window: slidingWindow?.tokens ?? 1 },
  ]
  return withCache(
    old,
    kinds.filter(({ layers }) => layers > 0),
  )
}

/** In the order of the schema. */
function withCache(old: Omit<OldLock, 'slidingWindow'>, cache: CacheLayers[]): Lock {
  const { unverified, needsRemoteCode, hasChatTemplate, safetensors, experts, quantization, ...facts } = old
  const seesImages = facts.pipelineTag === 'image-text-to-text'
  const isBundled = facts.id.startsWith('./')
  const derived = ['cache', ...(seesImages ? ['visionTower'] : [])]
  return {
    ...facts,
    cache,
    ...(experts === undefined ? {} : { experts }),
    ...(quantization === undefined ? {} : { quantization }),
    ...(seesImages ? { visionTower: true } : {}),
    ...{ needsRemoteCode, hasChatTemplate, safetensors },
    unverified: isBundled ? unverified : [...unverified.filter((one) => one !== 'slidingWindow'), ...derived],
  } as Lock
}

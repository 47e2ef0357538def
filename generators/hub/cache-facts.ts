// The layers of a model by what they keep of past tokens, out of its config.json: words become kinds, with the sizes that decide the cache.
import type { CacheLayers } from '../schema/cache-layers.ts'
import { type LayerWord, layerWords } from './layer-words.ts'
import { type Config, positive } from './read-config.ts'
import { stateShape } from './state-facts.ts'

export interface Shape {
  layers: number
  hiddenSize: number
  kvHeads: number
  headDim: number
}

/** `is_deepseek_mla` of vLLM 0.32 (transformers_utils/model_arch_config_convertor.py) knows no others: these compute their keys in full. */
const latentInName = /minicpm3/i

/** Throws a HubProblem where a layer is of a kind that is not known. */
export function cacheFacts(config: Config, architectures: readonly string[], shape: Shape): CacheLayers[] {
  if (architectures.some((name) => /Bert|Roberta|MPNet|^NewModel|^GteNew|^DistilBert/i.test(name))) return []
  const words = layerWords(config, shape.layers)
  const count = (...wanted: LayerWord[]): number => words.filter((word) => wanted.includes(word)).length
  const window = slidingWindow(config, architectures)
  const kinds: CacheLayers[] = [
    ...attention(config, architectures, shape, count('full', 'both')),
    { kind: 'sliding', layers: count('sliding'), window, ...localHeads(config, shape) },
    { kind: 'chunked', layers: count('chunked'), window: positive(config, 'attention_chunk_size') ?? 1 },
  ]
  const states = count('state', 'both')
  if (states > 0) kinds.push({ kind: 'state', layers: states, ...stateShape(config, shape.hiddenSize) })
  return kinds.filter(({ layers }) => layers > 0)
}

/** Cohere’s local layers see one token more than their configuration says: model_executor/models/commandr.py of vLLM 0.32. */
function slidingWindow(config: Config, architectures: readonly string[]): number {
  const window = positive(config, 'sliding_window_size', 'sliding_window') ?? 1
  return architectures.some((name) => name.startsWith('Cohere2')) ? window + 1 : window
}

/** Layers that look at all tokens: with keys and values, or with one vector for both. */
function attention(config: Config, architectures: readonly string[], shape: Shape, layers: number): CacheLayers[] {
  const rank = positive(config, 'kv_lora_rank')
  if (rank !== undefined && !architectures.some((name) => latentInName.test(name)))
    return [
      { kind: 'latent', layers, width: rank + (positive(config, 'qk_rope_head_dim') ?? 0) },
      ...indexer(config, layers),
    ]
  if (rank !== undefined) {
    const dim = (positive(config, 'qk_nope_head_dim') ?? 0) + (positive(config, 'qk_rope_head_dim') ?? 0)
    return [{ kind: 'full', layers, headDim: dim }]
  }
  return [{ kind: 'full', layers, ...globalHeads(config, shape) }]
}

/** DeepSeek’s sparse attention keeps an FP8 key with its scales beside each vector: DeepseekV32IndexerCache of vLLM 0.32. */
function indexer(config: Config, layers: number): CacheLayers[] {
  const dim = positive(config, 'index_head_dim')
  if (dim === undefined || positive(config, 'index_topk') === undefined) return []
  return [{ kind: 'latent', layers, width: dim + 4 * Math.floor(dim / 128), bytes: 1 }]
}

const differing = (own: { kvHeads?: number; headDim?: number; valueDim?: number }, shape: Shape) => ({
  ...(own.kvHeads === undefined || own.kvHeads === shape.kvHeads ? {} : { kvHeads: own.kvHeads }),
  ...(own.headDim === undefined || own.headDim === shape.headDim ? {} : { headDim: own.headDim }),
  ...(own.valueDim === undefined || own.valueDim === (own.headDim ?? shape.headDim) ? {} : { valueDim: own.valueDim }),
})

/** Gemma 4 has wider and fewer heads where it looks at all tokens; Zamba 2 and MiMo have head sizes of their own. */
function globalHeads(config: Config, shape: Shape) {
  const gemma = String(config.model_type).startsWith('gemma4')
  return differing(
    {
      kvHeads: config.attention_k_eq_v === false ? undefined : positive(config, 'num_global_key_value_heads'),
      headDim: positive(config, 'global_head_dim', 'attention_head_dim') ?? (gemma ? 512 : undefined),
      valueDim: positive(config, 'v_head_dim'),
    },
    shape,
  )
}

const localHeads = (config: Config, shape: Shape) =>
  differing(
    {
      kvHeads: positive(config, 'swa_num_key_value_heads'),
      headDim: positive(config, 'swa_head_dim'),
      valueDim: positive(config, 'swa_v_head_dim'),
    },
    shape,
  )

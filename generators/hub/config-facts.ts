// Facts about a model's shape out of its config.json. Names differ by family; every family of the catalogue is in the tests.
import type { CacheLayers } from '../schema/cache-layers.ts'
import { cacheFacts } from './cache-facts.ts'
import { HubProblem } from './hub-problem.ts'
import { quantizationFacts } from './quantization-facts.ts'
import { type Config, isConfig, positive, whole } from './read-config.ts'

export interface ConfigFacts {
  architectures: string[]
  layers: number
  hiddenSize: number
  heads: number
  kvHeads: number
  headDim: number
  vocabularySize: number
  maxPositionEmbeddings: number
  cache: CacheLayers[]
  intermediateSize?: number
  experts?: { total: number; perToken: number; intermediateSize?: number }
  quantization?: string
  cacheDtype?: 'fp8'
  visionTower?: boolean
  /** config.json names code that comes with the repository. */
  autoMap: boolean
}

/**
 * What a config.json may leave out, because the model's class has it as a default. Sources: configuration_gemma3.py (Gemma3TextConfig),
 * configuration_gemma3n.py, configuration_gemma4.py and configuration_deepseek_v3.py of transformers 5.19.
 */
const classDefaults: Record<string, Config> = {
  gemma3_text: {
    num_attention_heads: 8,
    num_key_value_heads: 4,
    head_dim: 256,
    vocab_size: 262_208,
    max_position_embeddings: 131_072,
    sliding_window_pattern: 6,
  },
  gemma3n_text: {
    num_key_value_heads: 2,
    head_dim: 256,
    sliding_window: 512,
    sliding_window_pattern: 5,
    num_kv_shared_layers: 15,
  },
  gemma4_text: { head_dim: 256, sliding_window: 512, sliding_window_pattern: 6 },
  deepseek_v3: { n_routed_experts: 256, num_experts_per_tok: 8, moe_intermediate_size: 2048 },
}

/** @param side hf_quant_config.json, where a repository of ModelOpt has one. Throws a HubProblem that names every field that is missing. */
export function configFacts(file: Config, side?: Config): ConfigFacts {
  const inner = [file.text_config, file.llm_config, file.language_config, file.thinker_config].find(isConfig) ?? file
  const config: Config = { ...classDefaults[String(inner.model_type)], ...inner }
  const missing: string[] = []
  const number = (...names: string[]): number => {
    const value = whole(config, ...names)
    if (value === undefined) missing.push(names.join(' or '))
    return value ?? 0
  }
  const layers = number('num_hidden_layers', 'n_layer', 'num_layers')
  const hiddenSize = number('hidden_size', 'n_embd', 'd_model')
  const heads = isWithoutAttention(config) ? 1 : number('num_attention_heads', 'n_head', 'num_heads')
  const vocabularySize = number('vocab_size')
  const maxPositionEmbeddings = isWithoutAttention(config)
    ? (whole(config, 'max_position_embeddings') ?? longestOfStates)
    : number('max_position_embeddings', 'n_positions', 'n_ctx', 'max_sequence_length')
  const architectures = Array.isArray(file.architectures) ? file.architectures.map(String) : []
  if (architectures.length === 0) missing.push('architectures')
  if (missing.length > 0)
    throw new HubProblem(
      'config',
      `config.json has no ${missing.join(', no ')}`,
      'only transformers models can be served',
    )
  const kvHeads = kvHeadsOf(config) ?? heads
  const headDim = positive(config, 'head_dim', 'hidden_size_per_head') ?? Math.floor(hiddenSize / heads)
  const intermediateSize = widest(config)
  const experts = expertsOf(config)
  return {
    architectures,
    layers,
    hiddenSize,
    heads,
    kvHeads,
    headDim,
    vocabularySize,
    maxPositionEmbeddings,
    cache: cacheFacts(config, architectures, { layers, hiddenSize, kvHeads, headDim }),
    ...(intermediateSize === undefined ? {} : { intermediateSize }),
    ...(experts === undefined ? {} : { experts }),
    ...quantizationFacts(file, side),
    ...([file.vision_config, file.visual, file.vision_tower_config].some(isConfig) ? { visionTower: true } : {}),
    autoMap: isConfig(file.auto_map),
  }
}

/** Mamba’s classes have no heads and no longest context. */
const isWithoutAttention = (config: Config): boolean =>
  ['mamba', 'mamba2', 'falcon_mamba'].includes(String(config.model_type))

/** What vLLM takes where a configuration names none: `default_max_len` in config/model.py is 2,048, and these models know no end. */
const longestOfStates = 32_768

function kvHeadsOf(config: Config): number | undefined {
  if (config.multi_query === true && config.new_decoder_architecture !== true) return 1
  return whole(
    config,
    ...['n_head_kv', 'num_kv_heads', 'num_key_value_heads', 'multi_query_group_num', 'num_attention_groups'],
  )
}

/** A list has one width a layer. */
function widest(config: Config): number | undefined {
  const value = ['intermediate_size', 'ffn_dim', 'n_inner'].map((name) => config[name]).find((one) => one !== undefined)
  const largest = Array.isArray(value) ? Math.max(...value.map(Number)) : value
  return Number.isInteger(largest) && Number(largest) > 0 ? Number(largest) : undefined
}

function expertsOf(config: Config): ConfigFacts['experts'] {
  const total = whole(config, 'num_local_experts', 'num_experts', 'n_routed_experts', 'moe_num_experts')
  const perToken = whole(
    config,
    ...['num_experts_per_tok', 'num_experts_per_token', 'experts_per_token', 'top_k_experts', 'moe_topk', 'moe_top_k'],
  )
  if (total === undefined || perToken === undefined || total <= 1) return undefined
  const intermediateSize = positive(config, 'moe_intermediate_size', 'expert_ffn_hidden_size', 'intermediate_size')
  return { total, perToken, ...(intermediateSize === undefined ? {} : { intermediateSize }) }
}

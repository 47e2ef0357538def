// Facts about a model's shape out of its config.json. Names differ by family; every family of the catalogue is in the tests.
import { HubProblem } from './hub-problem.ts'

/** config.json, or the part of it that describes the language model. */
type Config = Record<string, unknown>

export interface ConfigFacts {
  architectures: string[]
  layers: number
  hiddenSize: number
  heads: number
  kvHeads: number
  headDim: number
  vocabularySize: number
  maxPositionEmbeddings: number
  slidingWindow?: { tokens: number; localLayers: number }
  experts?: { total: number; perToken: number }
  quantization?: string
  /** config.json names code that comes with the repository. */
  autoMap: boolean
}

/**
 * What a config.json may leave out, because the model's class has it as a default. Source: configuration_gemma3.py
 * (Gemma3TextConfig) of transformers 4.57.
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
}

/** Throws a HubProblem that names every field that is missing. */
export function configFacts(whole: Config): ConfigFacts {
  const inner = isConfig(whole.text_config) ? whole.text_config : whole
  const config = { ...classDefaults[String(inner.model_type)], ...inner }
  const missing: string[] = []
  const number = (...names: string[]): number => {
    const value = names.map((name) => config[name]).find((one) => Number.isInteger(one))
    if (typeof value === 'number') return value
    missing.push(names.join(' or '))
    return 0
  }
  const layers = number('num_hidden_layers', 'n_layer', 'num_layers')
  const hiddenSize = number('hidden_size', 'n_embd', 'd_model')
  const heads = number('num_attention_heads', 'n_head', 'num_heads')
  const vocabularySize = number('vocab_size')
  const maxPositionEmbeddings = number('max_position_embeddings', 'n_positions', 'n_ctx')
  const architectures = Array.isArray(whole.architectures) ? whole.architectures.map(String) : []
  if (architectures.length === 0) missing.push('architectures')
  if (missing.length > 0)
    throw new HubProblem(
      'config',
      `config.json has no ${missing.join(', no ')}`,
      'only transformers models can be served',
    )
  const window = slidingWindow(config, layers)
  const experts = expertsOf(config)
  const quantization = isConfig(whole.quantization_config) ? whole.quantization_config.quant_method : undefined
  return {
    architectures,
    layers,
    hiddenSize,
    heads,
    kvHeads: optional(config, 'num_key_value_heads', 'num_kv_heads') ?? heads,
    headDim: optional(config, 'head_dim') ?? Math.floor(hiddenSize / heads),
    vocabularySize,
    maxPositionEmbeddings,
    ...(window === undefined ? {} : { slidingWindow: window }),
    ...(experts === undefined ? {} : { experts }),
    ...(typeof quantization === 'string' ? { quantization } : {}),
    autoMap: isConfig(whole.auto_map),
  }
}

const isConfig = (value: unknown): value is Config =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function optional(config: Config, ...names: string[]): number | undefined {
  const value = names.map((name) => config[name]).find((one) => Number.isInteger(one))
  return typeof value === 'number' ? value : undefined
}

/**
 * A window counts only where the file says which layers have it (`layer_types`, or every n-th layer without): Qwen2.5 and Phi-3.5
 * carry a `sliding_window` that is not in force. Without one the plan assumes more KV cache than is needed, never less.
 */
function slidingWindow(config: Config, layers: number): ConfigFacts['slidingWindow'] {
  const tokens = optional(config, 'sliding_window')
  if (tokens === undefined || tokens <= 0 || config.use_sliding_window === false) return undefined
  const types = Array.isArray(config.layer_types) ? config.layer_types : undefined
  const every = optional(config, 'sliding_window_pattern')
  const localLayers =
    types !== undefined
      ? types.filter((type) => type === 'sliding_attention').length
      : every !== undefined && every > 0
        ? layers - Math.floor(layers / every)
        : 0
  return localLayers === 0 ? undefined : { tokens, localLayers }
}

function expertsOf(config: Config): ConfigFacts['experts'] {
  const total = optional(config, 'num_local_experts', 'num_experts', 'n_routed_experts')
  const perToken = optional(config, 'num_experts_per_tok', 'experts_per_token', 'moe_topk')
  return total === undefined || perToken === undefined || total <= 1 ? undefined : { total, perToken }
}

// What a recurrent layer keeps of a request. Sources: MambaStateShapeCalculator and MambaStateDtypeCalculator of vLLM 0.32,
// model_executor/layers/mamba/mamba_utils.py, and what each model class passes to them.
import type { StateLayers } from '../schema/cache-layers.ts'
import { HubProblem } from './hub-problem.ts'
import { type Config, isConfig, positive } from './read-config.ts'

type StateShape = Omit<StateLayers, 'kind' | 'layers'>

/** Fields that decide the shape are all needed; a state that is not recognised is refused. */
export function stateShape(config: Config, hiddenSize: number): StateShape {
  const shape =
    shortConvolution(config, hiddenSize) ?? deltaNet(config) ?? kimiDelta(config) ?? mamba2(config, hiddenSize)
  const found = shape ?? mamba1(config, hiddenSize)
  if (found !== undefined) return found
  throw new HubProblem(
    'attention',
    'config.json has recurrent layers, but not the fields that give the size of their state',
    'teach it to generators/hub/state-facts.ts from the engine’s source, or choose another model',
  )
}

/** `float32` in config.json makes the state twice as large as the model’s own format. */
const inFloat32 = (format: unknown): { matrixBytes?: number } => (format === 'float32' ? { matrixBytes: 4 } : {})

/** `short_conv_state_shape`: LFM2. */
function shortConvolution(config: Config, hiddenSize: number): StateShape | undefined {
  const width = positive(config, 'conv_L_cache')
  return width === undefined ? undefined : { convolution: { values: hiddenSize, steps: width - 1 } }
}

/** `gated_delta_net_state_shape`: Qwen3-Next and its heirs, OLMo Hybrid. */
function deltaNet(config: Config): StateShape | undefined {
  const values = positive(config, 'linear_num_value_heads')
  if (values === undefined) return undefined
  const keys = positive(config, 'linear_num_key_heads') ?? 16
  const keyDim = positive(config, 'linear_key_head_dim') ?? 128
  const valueDim = positive(config, 'linear_value_head_dim') ?? 128
  const kernel = positive(config, 'linear_conv_kernel_dim') ?? 4
  return {
    convolution: { values: 2 * keys * keyDim + values * valueDim, steps: kernel - 1 },
    matrix: values * valueDim * keyDim,
    ...inFloat32(config.mamba_ssm_dtype),
  }
}

/** `kda_state_shape`: Kimi Linear; its state is in float32 whatever the model is in. */
function kimiDelta(config: Config): StateShape | undefined {
  if (!isConfig(config.linear_attn_config)) return undefined
  const heads = positive(config.linear_attn_config, 'num_heads')
  const dim = positive(config.linear_attn_config, 'head_dim')
  if (heads === undefined || dim === undefined) return undefined
  const kernel = positive(config.linear_attn_config, 'short_conv_kernel_size') ?? 4
  return {
    convolution: { values: 3 * heads * dim, steps: kernel - 1 },
    matrix: heads * dim * dim,
    matrixBytes: 4,
  }
}

/** `mamba2_state_shape`: Granite 4, Bamba, Falcon-H1, Zamba 2, Nemotron-H, Mamba 2. */
function mamba2(config: Config, hiddenSize: number): StateShape | undefined {
  const nemotron = positive(config, 'mamba_num_heads') !== undefined
  const plain = config.model_type === 'mamba2'
  const heads = positive(config, 'mamba_num_heads', 'mamba_n_heads', 'n_mamba_heads', ...(plain ? ['num_heads'] : []))
  const dim = positive(config, 'mamba_head_dim', 'mamba_d_head', 'mamba_headdim', ...(plain ? ['head_dim'] : []))
  const size = positive(config, 'mamba_d_state', 'ssm_state_size', 'state_size')
  const kernel = positive(config, 'mamba_d_conv', 'conv_kernel')
  const groups = positive(config, 'mamba_n_groups', 'mamba_ngroups', 'n_groups') ?? 1
  if (heads === undefined || size === undefined || kernel === undefined) return undefined
  const expand = Number(config.mamba_expand ?? config.expand ?? 2)
  const inner = nemotron ? heads * (dim ?? 0) : (positive(config, 'mamba_d_ssm') ?? expand * hiddenSize)
  const headDim = dim ?? Math.floor(inner / heads)
  return {
    convolution: { values: inner, groups, groupValues: 2 * size, steps: kernel - 1 },
    matrix: heads * headDim * size,
    ...inFloat32(nemotron ? (config.mamba_ssm_cache_dtype ?? 'float32') : undefined),
  }
}

/** `mamba1_state_shape`: Jamba, Mamba, Falcon Mamba. */
function mamba1(config: Config, hiddenSize: number): StateShape | undefined {
  const size = positive(config, 'mamba_d_state', 'state_size')
  const kernel = positive(config, 'mamba_d_conv', 'conv_kernel')
  if (size === undefined || kernel === undefined) return undefined
  const expand = Number(config.mamba_expand ?? config.expand ?? 2)
  const jamba = config.mamba_expand !== undefined
  const inner = jamba ? expand * hiddenSize : (positive(config, 'intermediate_size') ?? expand * hiddenSize)
  return { convolution: { values: inner, steps: kernel - 1 }, matrix: inner * size }
}

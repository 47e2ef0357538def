// The KV cache as vLLM lays it out: blocks of tokens, pages of one size for all layers, groups of layers that share a table of blocks.
// Sources, all of vLLM 0.32: v1/kv_cache_interface.py (page sizes, blocks of a request), v1/core/kv_cache_utils.py (groups, bytes of a
// block, capacity), platforms/interface.py (block size of models with recurrent layers).
import type { StateLayers, TokenLayers } from '../schema/cache-layers.ts'
import type { Lock } from '../schema/lock.ts'
import type { EngineTraits } from './engine-traits.ts'

/** Layers of one kind on one GPU: `KVCacheSpec`. */
interface Spec {
  kind: 'full' | 'sliding' | 'latent' | 'state'
  layers: number
  /** Tokens of a block. */
  block: number
  /** Bytes of a block of one layer. */
  page: number
  window: number
}

export interface CacheInput {
  lock: Pick<Lock, 'cache' | 'kvHeads' | 'headDim'>
  parallel: number
  /** Bytes of one key or value, and of what is kept in the model's own format. */
  cacheBytes: number
  modelBytes: number
  traits: EngineTraits
}

export interface CacheLayout {
  bytesPerBlock: number
  /** Blocks of one request of this many tokens, while this many are under way. */
  blocksOf(tokens: number, inFlight: number): number
  /** Tokens of a block of the layers that look at all tokens. */
  blockTokens: number
  /** A request takes at least a block for its state, and the engine refuses to start with fewer blocks than requests. */
  hasStates: boolean
  /** Tables of blocks that a request has. */
  groups: number
}

/** `get_supported_kernel_block_sizes` of FlashAttention and Triton; FlashMLA wants 64, and 128 beside recurrent layers. */
const plainBlock = 16
const latentBlock = 64
const latentStateBlock = 128

/** A head that cannot be split is kept on every GPU: `get_num_kv_heads` in config/model.py. */
const headsOn = (kvHeads: number, parallel: number): number => Math.max(1, Math.floor(kvHeads / parallel))

/** Of one token in one layer: key and value (`AttentionSpec.state_content_size_bytes`), or the latent that replaces both. */
const tokenBytes = ({ lock, parallel, cacheBytes }: CacheInput, layers: TokenLayers): number => {
  if (layers.kind === 'latent') return layers.width * (layers.bytes ?? cacheBytes)
  const dim = layers.headDim ?? lock.headDim
  return headsOn(layers.kvHeads ?? lock.kvHeads, parallel) * (dim + (layers.valueDim ?? dim)) * cacheBytes
}

/** `MambaSpec.page_size_bytes`; groups of channels that cannot be split are kept whole (`extra_groups_for_head_shards`). */
function stateBytes({ convolution, matrix, matrixBytes }: StateLayers, { parallel, modelBytes }: CacheInput): number {
  const groups = convolution?.groups ?? 0
  const kept = groups % parallel === 0 ? groups : parallel
  const channels = (convolution?.values ?? 0) + kept * (convolution?.groupValues ?? 0)
  const convolved = (channels / parallel) * (convolution?.steps ?? 0) * modelBytes
  return convolved + ((matrix ?? 0) / parallel) * (matrixBytes ?? modelBytes)
}

/** Bytes that one more token takes on one GPU while the request is shorter than every window. */
export const bytesPerToken = (input: CacheInput): number =>
  input.lock.cache.reduce((sum, one) => (one.kind === 'state' ? sum : sum + one.layers * tokenBytes(input, one)), 0)

function specsOf(input: CacheInput): Spec[] {
  const { lock } = input
  const states = lock.cache.filter((one) => one.kind === 'state')
  const hasLatent = lock.cache.some(({ kind }) => kind === 'latent')
  const statePage = Math.max(0, ...states.map((one) => stateBytes(one, input)))
  const attention = lock.cache.filter((one) => one.kind !== 'state')
  const [first] = attention
  const step = hasLatent ? (states.length > 0 ? latentStateBlock : latentBlock) : plainBlock
  // `_align_hybrid_block_size`: a block of attention is at least as large as a state, and the state is padded to it.
  const block = first === undefined ? 0 : step * Math.max(1, Math.ceil(statePage / (step * tokenBytes(input, first))))
  const page = first === undefined ? statePage : block * tokenBytes(input, first)
  return [
    ...attention.map((one) => ({
      // Layers with chunks are given blocks for all tokens: `need_disable_hybrid_kv_cache_manager` in config/vllm.py.
      kind: one.kind === 'chunked' ? ('full' as const) : one.kind,
      layers: one.layers,
      block,
      page: block * tokenBytes(input, one),
      window: one.kind === 'sliding' ? one.window : 0,
    })),
    ...states.map(({ layers }) => ({ kind: 'state' as const, layers, block: 1, page, window: 0 })),
  ]
}

const isSame = (a: Spec, b: Spec): boolean =>
  a.kind === b.kind && a.page === b.page && a.block === b.block && a.window === b.window

/** Layers of the same kind and size are one: `_get_kv_cache_groups_uniform_page_size` gathers them first. */
function merged(specs: readonly Spec[]): Spec[] {
  const found: Spec[] = []
  for (const spec of specs) {
    const same = found.find((one) => isSame(one, spec))
    if (same === undefined) found.push({ ...spec })
    else same.layers += spec.layers
  }
  return found
}

/** `unify_kv_cache_spec_page_size`: a smaller page gets more tokens where it divides the largest, and padding where not. */
function unified(specs: readonly Spec[]): Spec[] {
  const page = Math.max(...specs.map((spec) => spec.page))
  return specs.map((spec) =>
    page % spec.page === 0 ? { ...spec, page, block: spec.block * (page / spec.page) } : { ...spec, page },
  )
}

/** Half as many again are padded rather than split: `_get_kv_cache_groups_uniform_page_size`. */
function groupSize(specs: readonly Spec[]): number {
  const counts = specs.map(({ layers }) => layers)
  const [fewest, most] = [Math.min(...counts), Math.max(...counts)]
  return most < fewest * 1.5 ? most : fewest
}

/** `max_memory_usage_bytes` ÷ page of each spec. */
function blocksOf(spec: Spec, tokens: number, inFlight: number, { stateBlocks }: EngineTraits): number {
  if (spec.kind === 'state') return stateBlocks
  if (spec.kind !== 'sliding') return Math.ceil(tokens / spec.block)
  // The window may begin inside a block.
  return Math.ceil(Math.min(spec.window - 1 + inFlight, tokens) / spec.block) + 1
}

/** `get_kv_cache_groups` and `_get_kv_cache_bytes_per_block`. */
export function cacheLayout(input: CacheInput): CacheLayout {
  const specs = merged(specsOf(input))
  const keepsAll = specs.every(({ kind }) => kind === 'full' || kind === 'latent')
  const hasStates = specs.some(({ kind }) => kind === 'state')
  if (specs.length <= 1 || keepsAll) {
    const [first] = specs
    // Without attention there is no prefix caching, and so no second state: `is_prefix_caching_supported` in config/model.py.
    const traits = { ...input.traits, stateBlocks: 1 }
    return {
      bytesPerBlock: specs.reduce((sum, { layers, page }) => sum + layers * page, 0),
      blocksOf: (tokens, inFlight) => (first === undefined ? 0 : blocksOf(first, tokens, inFlight, traits)),
      blockTokens: first?.block ?? 1,
      hasStates,
      groups: specs.length === 0 ? 0 : 1,
    }
  }
  const pages = unified(specs)
  const size = groupSize(pages)
  const tables = pages.map((spec) => ({ spec, count: Math.ceil(spec.layers / size) }))
  return {
    bytesPerBlock: size * (pages[0]?.page ?? 0),
    blocksOf: (tokens, inFlight) =>
      tables.reduce((sum, { spec, count }) => sum + count * blocksOf(spec, tokens, inFlight, input.traits), 0),
    blockTokens: pages.find(({ kind }) => kind !== 'state')?.block ?? 1,
    hasStates,
    groups: tables.reduce((sum, { count }) => sum + count, 0),
  }
}

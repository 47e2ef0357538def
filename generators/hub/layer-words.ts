// What each layer of a model is, in the words of its config.json. Families say it in a dozen ways; a word that nobody here knows is
// refused, never counted as something else. Sources: config classes of transformers 5.19, model_executor/models of vLLM 0.32.
import { HubProblem } from './hub-problem.ts'
import { type Config, isConfig, numbers, positive, words } from './read-config.ts'

export type LayerWord = 'full' | 'sliding' | 'chunked' | 'state' | 'both' | 'none'

const meanings: Record<string, LayerWord> = {
  full_attention: 'full',
  attention: 'full',
  global_attention: 'full',
  indexed_attention: 'full',
  deepseek_sparse_attention: 'full',
  sliding_attention: 'sliding',
  chunked_attention: 'chunked',
  linear_attention: 'state',
  mamba: 'state',
  mamba2: 'state',
  conv: 'state',
  hybrid: 'both',
  moe: 'none',
  mlp: 'none',
}

/** Of Nemotron-H: a layer is one of these, never attention and feed-forward together. */
const letters: Record<string, LayerWord> = { M: 'state', '*': 'full', '-': 'none', E: 'none' }

/** What is neither of these is computed by code that keeps caches of its own beside the layers’. */
const unknownCaches = ['compress_ratios', 'indexer_n_heads', 'block_configs', 'ple_layer_ids', 'attn_module_list_cfg']

const refusal = (what: string): HubProblem =>
  new HubProblem(
    'attention',
    `config.json has ${what}, so nobody here knows what such a layer keeps of past tokens`,
    'teach it to generators/hub/layer-words.ts from the engine’s source, or choose another model',
  )

/** One word a layer, in order. */
export function layerWords(config: Config, layers: number): LayerWord[] {
  const odd = unknownCaches.find((name) => config[name] !== undefined && config[name] !== null)
  if (odd !== undefined) throw refusal(`${odd}, a kind of attention that is not known`)
  const found = namedLayers(config) ?? numberedLayers(config, layers) ?? defaultLayers(config, layers)
  // Some lists go on with the layers that only predict further tokens.
  if (found.length < layers) throw refusal(`words for ${found.length} of ${layers} layers`)
  const own = found.slice(0, layers)
  return own.slice(0, layers - (positive(config, 'num_kv_shared_layers') ?? 0))
}

/** A list of words, or a text with a letter a layer. */
function namedLayers(config: Config): LayerWord[] | undefined {
  const named = words(config.layer_types) ?? words(config.layers_block_type)
  if (named !== undefined)
    return named.map((word) => {
      const meaning = meanings[word]
      if (meaning === undefined) throw refusal(`a layer of the kind ${JSON.stringify(word)}`)
      return meaning
    })
  if (typeof config.hybrid_override_pattern !== 'string') return undefined
  return [...config.hybrid_override_pattern].map((letter) => {
    const meaning = letters[letter]
    if (meaning === undefined) throw refusal(`a layer of the kind ${JSON.stringify(letter)}`)
    return meaning
  })
}

const each = (layers: number, isFirst: (index: number) => boolean, first: LayerWord, other: LayerWord): LayerWord[] =>
  Array.from({ length: layers }, (_, index) => (isFirst(index) ? first : other))

/** Numbers of layers, or every n-th one. */
function numberedLayers(config: Config, layers: number): LayerWord[] | undefined {
  const linear = isConfig(config.linear_attn_config) ? numbers(config.linear_attn_config.full_attn_layers) : undefined
  // Counted from one, as Kimi Linear does.
  if (linear !== undefined) return each(layers, (index) => linear.includes(index + 1), 'full', 'state')
  const attention = numbers(config.attn_layer_indices) ?? numbers(config.full_attn_idxs)
  if (attention !== undefined) return each(layers, (index) => attention.includes(index), 'full', 'state')
  const kinds = numbers(config.attn_type_list)
  if (kinds !== undefined) return kinds.map((kind) => (kind === 1 ? 'full' : 'state'))
  const local = numbers(config.hybrid_layer_pattern)
  if (local !== undefined) return local.map((kind) => (kind === 1 ? 'sliding' : 'full'))
  const period = positive(config, 'attn_layer_period')
  const offset = Number(config.attn_layer_offset ?? 0)
  if (period !== undefined) return each(layers, (index) => index % period === offset, 'full', 'state')
  const interval = positive(config, 'full_attention_interval')
  if (interval !== undefined) return each(layers, (index) => (index + 1) % interval === 0, 'full', 'state')
  return windowedLayers(config, layers)
}

function windowedLayers(config: Config, layers: number): LayerWord[] | undefined {
  if (positive(config, 'attention_chunk_size') !== undefined && !String(config.model_type).startsWith('mimo')) {
    const rotated = numbers(config.no_rope_layers)
    const every = positive(config, 'no_rope_layer_interval') ?? 4
    return each(layers, (index) => (rotated ? rotated[index] === 0 : (index + 1) % every === 0), 'full', 'chunked')
  }
  if (positive(config, 'sliding_window') === undefined) return undefined
  const pattern = config.sliding_window_pattern ?? config._sliding_window_pattern
  if (typeof pattern === 'string' && pattern.length > 0)
    return each(layers, (index) => pattern[index % pattern.length] === 'L', 'sliding', 'full')
  const every = positive({ pattern }, 'pattern')
  return every === undefined ? undefined : each(layers, (index) => (index + 1) % every === 0, 'full', 'sliding')
}

/** Classes that alternate without saying so, that have no attention at all, or that have one window for all layers. */
function defaultLayers(config: Config, layers: number): LayerWord[] {
  const type = String(config.model_type)
  const all = (word: LayerWord): LayerWord[] => each(layers, () => true, word, word)
  if (['mamba', 'mamba2', 'falcon_mamba'].includes(type)) return all('state')
  if (type === 'falcon_h1') return all('both')
  if (['gpt_oss', 'gemma2'].includes(type)) return each(layers, (index) => index % 2 === 0, 'sliding', 'full')
  return all(hasOneWindow(config) ? 'sliding' : 'full')
}

/** Qwen’s classes leave their window out unless a field asks for it; all others use what is there. */
const hasOneWindow = (config: Config): boolean => {
  if (positive(config, 'sliding_window') === undefined || config.use_sliding_window === false) return false
  return config.use_sliding_window === true || !/qwen/i.test(String(config.model_type))
}

// Tensors that are in the files of a model and that vLLM does not keep: layers that only predict further tokens, and an output layer
// that is the embedding once more. Sources: `load_weights` of the model classes of vLLM 0.32 (`skip_prefixes`, `mtp.`), where a tied
// `lm_head` is the embedding's own parameter.
import { type Config, isConfig, positive } from './read-config.ts'

/** Models whose class ties the two tables unless the file says otherwise: configurations of transformers 5.19. */
const tiedByDefault = /^(?:gemma|gpt2|opt|bloom|falcon_h1|cohere)/

export function unloadedTensor(file: Config, layers: number): (name: string) => boolean {
  const inner = isConfig(file.text_config) ? file.text_config : file
  const stated = file.tie_word_embeddings ?? inner.tie_word_embeddings
  const isTied = stated === true || (stated === undefined && tiedByDefault.test(String(inner.model_type)))
  const further = positive(inner, 'num_nextn_predict_layers') ?? 0
  return (name) => {
    if (/(?:^|\.)mtp(?:_layers|_block)?\./.test(name)) return true
    if (isTied && /(?:^|\.)lm_head\.weight$/.test(name)) return true
    const layer = Number(/(?:^|\.)layers\.(\d+)\./.exec(name)?.[1] ?? -1)
    return layer >= layers && layer < layers + further && !/vision|visual|audio/.test(name)
  }
}

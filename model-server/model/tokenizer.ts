// Text to token ids and back, with the Hub's tokenizer files; what the token loop asks for, and nothing more.
import { Tokenizer as HubTokenizer } from '@huggingface/tokenizers'
import { UserMistake } from '../user-mistake.ts'
import type { ModelDirectory } from './model-directory.ts'

export interface PairEncoding {
  ids: number[]
  /** Undefined where the tokenizer has no second kind. */
  types: number[] | undefined
}

export class Tokenizer {
  readonly vocabularySize: number
  /** Length of the longest token: at least this many characters make one token. */
  readonly longestToken: number
  /** Written words of special tokens (bos_token and so on), as chat templates want them. */
  readonly specialTokens: Readonly<Record<string, string>>
  readonly #hub: HubTokenizer

  /** @throws UserMistake when tokenizer.json cannot be used */
  constructor({ path, tokenizer, tokenizerConfig }: ModelDirectory) {
    try {
      this.#hub = new HubTokenizer(tokenizer, tokenizerConfig)
      const vocabulary = this.#hub.get_vocab(true)
      let largest = 0
      let longest = 1
      for (const [token, id] of vocabulary) {
        largest = Math.max(largest, id)
        longest = Math.max(longest, token.length)
      }
      this.vocabularySize = largest + 1
      this.longestToken = longest
    } catch (error) {
      throw new UserMistake(`${path}/tokenizer.json: cannot be used (${(error as Error).message})`)
    }
    this.specialTokens = specialTokens(tokenizerConfig)
  }

  encode(text: string, addSpecialTokens: boolean): number[] {
    return this.#hub.encode(text, { add_special_tokens: addSpecialTokens }).ids
  }

  encodePair(text: string, pair: string | undefined, addSpecialTokens: boolean): PairEncoding {
    const options = {
      text_pair: pair ?? null,
      add_special_tokens: addSpecialTokens,
      return_token_type_ids: true,
    } as const
    const { ids, token_type_ids: types } = this.#hub.encode(text, options)
    return { ids, types }
  }

  /** Ids outside of the vocabulary are nothing, as in vLLM. */
  decode(ids: readonly number[], skipSpecialTokens: boolean): string {
    const known = ids.filter((id) => id < this.vocabularySize)
    if (known.length === 0) return ''
    return this.#hub.decode(known, { skip_special_tokens: skipSpecialTokens, clean_up_tokenization_spaces: false })
  }

  /** As it is in the vocabulary. */
  tokenText(id: number): string {
    return this.#hub.id_to_token(id) ?? ''
  }

  idOf(token: string): number | undefined {
    return this.#hub.token_to_id(token)
  }
}

/** Values are texts, or objects with the text in `content`. */
function specialTokens(config: Record<string, unknown>): Record<string, string> {
  const found: Record<string, string> = {}
  for (const [name, value] of Object.entries(config)) {
    const text = typeof value === 'object' && value !== null ? (value as { content?: unknown }).content : value
    if (name.endsWith('_token') && typeof text === 'string') found[name] = text
  }
  return found
}

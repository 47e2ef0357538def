// A text model's ONNX graph with its key-value cache: token ids in, scores of the next token out. Knows no sampling.
import { UserMistake } from '../user-mistake.ts'
import type { Feeds, InferenceSession, Runtime, Tensor } from './runtime.ts'

/** What the model remembers of one sequence. */
export interface Cache {
  /** Tokens in it. */
  length: number
  past: Feeds
}

interface CacheSlot {
  input: string
  output: string
  heads: number
  width: number
}

export class Decoder {
  readonly vocabularySize: number
  /** Whether a prompt may be read in pieces. Merged exports may not: their second branch was traced with one token. */
  readonly readsInPieces: boolean
  readonly #runtime: Runtime
  readonly #session: InferenceSession
  readonly #slots: readonly CacheSlot[]

  /** @throws UserMistake when the graph has another interface */
  constructor(runtime: Runtime, session: InferenceSession, file: string, vocabularySize: number) {
    this.#runtime = runtime
    this.#session = session
    this.vocabularySize = vocabularySize
    this.readsInPieces = !session.inputNames.includes('use_cache_branch')
    this.#slots = cacheSlots(session, file)
  }

  newCache(): Cache {
    const { Tensor } = this.#runtime
    const past = this.#slots.map(({ input, heads, width }) => {
      return [input, new Tensor('float32', new Float32Array(0), [1, heads, 0, width])] as const
    })
    return { length: 0, past: Object.fromEntries(past) }
  }

  /**
   * Reads tokens after those in the cache, which grows by them.
   * @param ids at least one
   * @returns scores of the token after the last one; `vocabularySize` numbers
   */
  async read(ids: readonly number[], cache: Cache): Promise<Float32Array> {
    const outputs = await this.#session.run({ ...this.#inputs(ids, cache), ...cache.past })
    const past: Feeds = {}
    for (const { input, output } of this.#slots) past[input] = outputs[output] as Tensor
    free(cache.past)
    cache.past = past
    cache.length += ids.length
    const logits = outputs.logits as Tensor
    const width = logits.dims[2] as number
    const scores = logits.data as Float32Array
    return scores.subarray((ids.length - 1) * width, ids.length * width)
  }

  /** Gives the memory back now, not when the garbage collector comes round. */
  release(cache: Cache): void {
    free(cache.past)
    cache.past = {}
  }

  #inputs(ids: readonly number[], { length }: Cache): Feeds {
    const { Tensor } = this.#runtime
    const count = ids.length
    const inputs: Feeds = {
      input_ids: new Tensor('int64', BigInt64Array.from(ids, BigInt), [1, count]),
    }
    const names = this.#session.inputNames
    if (names.includes('attention_mask'))
      inputs.attention_mask = new Tensor('int64', new BigInt64Array(length + count).fill(1n), [1, length + count])
    if (names.includes('position_ids')) {
      const positions = BigInt64Array.from(ids, (_, index) => BigInt(length + index))
      inputs.position_ids = new Tensor('int64', positions, [1, count])
    }
    if (names.includes('use_cache_branch'))
      inputs.use_cache_branch = new Tensor('bool', Uint8Array.of(length > 0 ? 1 : 0), [1])
    return inputs
  }
}

/** The collector sees only small objects in JavaScript and would let the buffers behind them pile up. */
function free(tensors: Feeds): void {
  for (const { data } of Object.values(tensors)) {
    const { buffer } = data as Float32Array
    if (buffer instanceof ArrayBuffer && buffer.byteLength > 0) buffer.transfer(0)
  }
}

const known = /^(?:input_ids|attention_mask|position_ids|use_cache_branch|past_key_values\..+)$/

/** @throws UserMistake when the graph has another interface */
function cacheSlots(session: InferenceSession, file: string): CacheSlot[] {
  const { inputNames, outputNames, inputMetadata } = session
  const odd = inputNames.filter((name) => !known.test(name))
  if (odd.length > 0 || !outputNames.includes('logits'))
    throw new UserMistake(
      `${file}: not a text model that this server can run (inputs ${inputNames.slice(0, 6).join(', ')}…, outputs ${outputNames.slice(0, 3).join(', ')}…)`,
    )
  const slots = inputMetadata.flatMap((input) => {
    if (!input.name.startsWith('past_key_values.')) return []
    const output = input.name.replace('past_key_values', 'present')
    const shape = input.isTensor ? input.shape : []
    const [heads, width] = [shape[1], shape[3]]
    if (
      !input.isTensor ||
      input.type !== 'float32' ||
      typeof heads !== 'number' ||
      typeof width !== 'number' ||
      !outputNames.includes(output)
    )
      throw new UserMistake(
        `${file}: its cache ${input.name} is not float32 of fixed heads and width; choose another --dtype`,
      )
    return [{ input: input.name, output, heads, width }]
  })
  if (slots.length === 0)
    throw new UserMistake(
      `${file}: exported without a key-value cache; export it with past (optimum: text-generation-with-past)`,
    )
  return slots
}

// A BERT-like ONNX graph: texts to vectors or to scores of labels.
import { UserMistake } from '../user-mistake.ts'
import { configNumber, type ModelDirectory } from './model-directory.ts'
import type { Feeds, InferenceSession, Runtime, Tensor } from './runtime.ts'
import type { PairEncoding } from './tokenizer.ts'

type Pooling = 'mean' | 'first'

export class Encoder {
  readonly kind: 'embed' | 'classify'
  readonly labels: readonly string[]
  readonly #runtime: Runtime
  readonly #session: InferenceSession
  readonly #output: string
  readonly #pooling: Pooling
  readonly #normalizes: boolean

  /** @throws UserMistake when the graph has another interface */
  constructor(runtime: Runtime, session: InferenceSession, file: string, directory: ModelDirectory) {
    const { inputNames, outputNames } = session
    const odd = inputNames.filter((name) => !['input_ids', 'attention_mask', 'token_type_ids'].includes(name))
    const output = ['logits', 'sentence_embedding', 'last_hidden_state', 'token_embeddings'].find((name) =>
      outputNames.includes(name),
    )
    if (odd.length > 0 || output === undefined)
      throw new UserMistake(
        `${file}: neither a text model with a cache nor an encoder (inputs ${inputNames.join(', ')}; outputs ${outputNames.join(', ')})`,
      )
    this.#runtime = runtime
    this.#session = session
    this.#output = output
    this.kind = output === 'logits' ? 'classify' : 'embed'
    this.labels = this.kind === 'classify' ? labelsOf(directory.config) : []
    this.#pooling = directory.pooling?.pooling_mode_cls_token === true ? 'first' : 'mean'
    this.#normalizes = directory.normalizes
  }

  /**
   * @param activation unit length for vectors, probabilities for scores; undefined: the model's files decide for vectors, and scores get it
   * @returns a vector of the model's width, or one number per label
   */
  async encode({ ids, types }: PairEncoding, activation: boolean | undefined): Promise<number[]> {
    const { Tensor } = this.#runtime
    const shape = [1, ids.length]
    const feeds: Feeds = { input_ids: new Tensor('int64', BigInt64Array.from(ids, BigInt), shape) }
    const names = this.#session.inputNames
    if (names.includes('attention_mask'))
      feeds.attention_mask = new Tensor('int64', new BigInt64Array(ids.length).fill(1n), shape)
    if (names.includes('token_type_ids')) {
      const kinds = types ?? ids.map(() => 0)
      feeds.token_type_ids = new Tensor('int64', BigInt64Array.from(kinds, BigInt), shape)
    }
    const outputs = await this.#session.run(feeds)
    const output = outputs[this.#output] as Tensor
    const data = output.data as Float32Array
    if (this.kind === 'classify') return activation === false ? [...data] : probabilities([...data])
    const vector = output.dims.length === 3 ? pool(data, ids.length, this.#pooling) : [...data]
    return (activation ?? this.#normalizes) ? unit(vector) : vector
  }
}

/** From tokens × width to width. */
function pool(data: Float32Array, tokens: number, pooling: Pooling): number[] {
  const width = data.length / tokens
  if (pooling === 'first') return [...data.subarray(0, width)]
  const sums = new Float64Array(width)
  for (let at = 0; at < data.length; at += 1) sums[at % width] = (sums[at % width] ?? 0) + (data[at] ?? 0)
  return Array.from(sums, (sum) => sum / tokens)
}

function unit(vector: readonly number[]): number[] {
  const length = Math.hypot(...vector)
  return vector.map((value) => (length === 0 ? 0 : value / length))
}

/** One label: how likely it is. Several: how likely each is among them. */
function probabilities(scores: readonly number[]): number[] {
  if (scores.length === 1) return scores.map((score) => 1 / (1 + Math.exp(-score)))
  const highest = Math.max(...scores)
  const weights = scores.map((score) => Math.exp(score - highest))
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return weights.map((weight) => weight / total)
}

function labelsOf(config: Record<string, unknown>): string[] {
  const names = config.id2label as Record<string, string> | undefined
  const count = names ? Object.keys(names).length : (configNumber(config, 'num_labels') ?? 1)
  return Array.from({ length: count }, (_, index) => names?.[String(index)] ?? `LABEL_${index}`)
}

// One answer in the making: reads its prompt piece by piece, then adds a token at each step until something ends it.
import type { Cache, Decoder } from '../model/decoder.ts'
import type { Tokenizer } from '../model/tokenizer.ts'
import type { Sampling } from '../request/sampling.ts'
import { type Random, seeded } from './random.ts'
import { draw, type TokenLogprob } from './sampler.ts'
import { Detokenizer, type Passed, StopWatch } from './text-stream.ts'

/**
 * Tokens of a prompt that are read at once. Others get their turn in between, and a request that is gone stops there.
 * GPT-2 (124 M) reads 128 tokens in about 0.3 s on one core; pieces of 32 cost a tenth more in total.
 */
export const pieceLength = 128

export interface TokenText {
  id: number
  logprob: number
  text: string
}

/** One token of an answer; the last one has a finish reason. */
export interface TokenEvent {
  text: string
  /** The token first, then the likeliest. */
  logprobs: TokenText[] | undefined
  finishReason: 'stop' | 'length' | null
  /** Stop text or token that ended it. */
  stopReason: string | number | null
}

export interface SequenceInput {
  prompt: readonly number[]
  sampling: Sampling
  /** Number of the choice: choices of one seed differ by it. */
  choice: number
  seed: number
  endOfText: ReadonlySet<number>
  maxModelLen: number
}

export class Sequence {
  readonly #decoder: Decoder
  readonly #tokenizer: Tokenizer
  readonly #input: SequenceInput
  readonly #mostTokens: number
  readonly #random: Random
  readonly #cache: Cache
  readonly #detokenizer: Detokenizer
  readonly #stopWatch: StopWatch
  readonly #promptSet: ReadonlySet<number>
  readonly #counts = new Map<number, number>()
  readonly #endings: ReadonlySet<number>
  #unread: readonly number[]
  #length = 0

  constructor(decoder: Decoder, tokenizer: Tokenizer, input: SequenceInput) {
    const { prompt, sampling, choice, seed, endOfText, maxModelLen } = input
    this.#decoder = decoder
    this.#tokenizer = tokenizer
    this.#input = input
    this.#mostTokens = Math.min(sampling.maxTokens ?? maxModelLen, maxModelLen - prompt.length)
    this.#random = seeded(seed + choice)
    this.#cache = decoder.newCache()
    this.#detokenizer = new Detokenizer(tokenizer, sampling.skipSpecialTokens)
    this.#detokenizer.begin(prompt.slice(-1))
    this.#stopWatch = new StopWatch(sampling.stop, sampling.includeStop)
    this.#promptSet = sampling.repetitionPenalty === 1 ? new Set() : new Set(prompt)
    this.#endings = new Set([...(sampling.ignoreEos ? [] : endOfText), ...sampling.stopTokenIds])
    this.#unread = prompt
  }

  /** Tokens that its cache holds. */
  get cachedTokens(): number {
    return this.#cache.length
  }

  /** One step. Undefined while the prompt is not read to its end. */
  async step(): Promise<TokenEvent | undefined> {
    const count = this.#decoder.readsInPieces ? pieceLength : this.#unread.length
    const piece = this.#unread.slice(0, count)
    const scores = await this.#decoder.read(piece, this.#cache)
    this.#unread = this.#unread.slice(count)
    if (this.#unread.length > 0) return undefined
    const { sampling } = this.#input
    const banned = this.#length < sampling.minTokens ? this.#endings : []
    const history = { prompt: this.#promptSet, answer: this.#counts }
    const { id, logprobs } = draw(scores, sampling, history, this.#random, banned)
    this.#unread = [id]
    this.#length += 1
    this.#counts.set(id, (this.#counts.get(id) ?? 0) + 1)
    return { ...this.#report(id), logprobs: logprobs?.map((one) => this.#describe(one)) }
  }

  release(): void {
    this.#decoder.release(this.#cache)
  }

  #report(id: number): Omit<TokenEvent, 'logprobs'> {
    const { sampling, endOfText } = this.#input
    if (this.#length > sampling.minTokens && this.#endings.has(id)) {
      const shown = sampling.includeStop ? this.#detokenizer.push(id) : ''
      const isEnd = !sampling.ignoreEos && endOfText.has(id)
      return { text: shown + this.#rest(), finishReason: 'stop', stopReason: isEnd ? null : id }
    }
    const { text, stop } = this.#pass(this.#detokenizer.push(id))
    if (stop !== undefined) return { text, finishReason: 'stop', stopReason: stop }
    if (this.#length >= this.#mostTokens) return { text: text + this.#rest(), finishReason: 'length', stopReason: null }
    return { text, finishReason: null, stopReason: null }
  }

  /** Stop texts count only in what comes after min_tokens. */
  #pass(text: string): Passed {
    return this.#length > this.#input.sampling.minTokens ? this.#stopWatch.push(text) : { text, stop: undefined }
  }

  #rest(): string {
    return this.#stopWatch.rest() + this.#detokenizer.rest()
  }

  #describe({ id, logprob }: TokenLogprob): TokenText {
    return { id, logprob, text: this.#tokenizer.decode([id], false) }
  }
}

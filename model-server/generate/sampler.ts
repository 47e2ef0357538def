// From scores to one token: penalties, temperature, min_p, top_k, top_p and the draw, in vLLM's order.
import { greedyBelow, type Sampling } from '../request/sampling.ts'
import type { Random } from './random.ts'

export interface TokenLogprob {
  id: number
  logprob: number
}

export interface Drawn {
  id: number
  /** The drawn token first, then the likeliest; undefined when not asked for. */
  logprobs: TokenLogprob[] | undefined
}

/** What was said so far: how often each token came in the answer, and which ones the prompt had. */
export interface History {
  prompt: ReadonlySet<number>
  answer: ReadonlyMap<number, number>
}

/**
 * @param scores raw, one per token of the vocabulary; changed in place
 * @param banned tokens that may not come, before min_tokens are reached
 */
export function draw(
  scores: Float32Array,
  sampling: Sampling,
  history: History,
  random: Random,
  banned: Iterable<number>,
): Drawn {
  const table = sampling.logprobs === undefined ? undefined : Float32Array.from(scores)
  for (const id of banned) scores[id] = -Infinity
  for (const [id, bias] of sampling.logitBias) scores[id] = (scores[id] ?? -Infinity) + bias
  penalise(scores, sampling, history)
  const id = sampling.temperature < greedyBelow ? likeliest(scores) : drawn(scores, sampling, random)
  return { id, logprobs: table && logprobsOf(table, id, sampling.logprobs ?? 0) }
}

function penalise(scores: Float32Array, sampling: Sampling, { prompt, answer }: History): void {
  const { repetitionPenalty, frequencyPenalty, presencePenalty } = sampling
  if (repetitionPenalty !== 1)
    for (const id of new Set([...prompt, ...answer.keys()])) {
      const score = scores[id] ?? 0
      scores[id] = score > 0 ? score / repetitionPenalty : score * repetitionPenalty
    }
  if (frequencyPenalty === 0 && presencePenalty === 0) return
  for (const [id, count] of answer) scores[id] = (scores[id] ?? 0) - frequencyPenalty * count - presencePenalty
}

export function likeliest(scores: Float32Array): number {
  let best = 0
  for (let id = 1; id < scores.length; id += 1) if ((scores[id] ?? 0) > (scores[best] ?? 0)) best = id
  return best
}

/** Turns scores into weights in place, drops those below the limits, and draws one. */
function drawn(scores: Float32Array, { temperature, minP, topK, topP }: Sampling, random: Random): number {
  const highest = scores[likeliest(scores)] ?? 0
  let total = 0
  for (let id = 0; id < scores.length; id += 1) {
    const weight = Math.exp(((scores[id] ?? 0) - highest) / temperature)
    scores[id] = weight
    total += weight
  }
  // The likeliest token has the weight 1, so min_p is the least weight itself.
  const least = Math.max(minP, leastWeight(scores, topK, topP, minP))
  if (least > 0) {
    total = 0
    for (let id = 0; id < scores.length; id += 1) {
      if ((scores[id] ?? 0) < least) scores[id] = 0
      total += scores[id] ?? 0
    }
  }
  let left = random() * total
  let last = 0
  for (let id = 0; id < scores.length; id += 1) {
    const weight = scores[id] ?? 0
    if (weight === 0) continue
    last = id
    left -= weight
    if (left < 0) return id
  }
  // Rounding may leave a crumb.
  return last
}

/** Weight of the last token that top_k and top_p let through; tokens of the same weight pass together. */
function leastWeight(weights: Float32Array, topK: number, topP: number, minP: number): number {
  const limitsCount = topK > 0 && topK < weights.length
  if (!limitsCount && topP >= 1) return 0
  const sorted = weights
    .filter((weight) => weight >= minP)
    .sort()
    .reverse()
  const kept = limitsCount ? sorted.subarray(0, topK) : sorted
  if (topP >= 1) return kept.at(-1) ?? 0
  const wanted = topP * kept.reduce((sum, weight) => sum + weight, 0)
  let sum = 0
  for (const weight of kept) {
    sum += weight
    if (sum >= wanted) return weight
  }
  return kept.at(-1) ?? 0
}

/** Logarithms of the model's own probabilities: the drawn token, then the `count` likeliest. */
function logprobsOf(scores: Float32Array, drawnId: number, count: number): TokenLogprob[] {
  const highest = scores[likeliest(scores)] ?? 0
  let total = 0
  for (const score of scores) total += Math.exp(score - highest)
  const offset = highest + Math.log(total)
  const described = (id: number): TokenLogprob => ({ id, logprob: (scores[id] ?? 0) - offset })
  const best = likeliestFew(scores, count).filter((id) => id !== drawnId)
  // The drawn one is one of the asked-for number where it is among the likeliest, and one more where it is not.
  return [drawnId, ...best].map(described)
}

function likeliestFew(scores: Float32Array, count: number): number[] {
  const best: number[] = []
  for (let id = 0; id < scores.length; id += 1) {
    const score = scores[id] ?? 0
    if (best.length === count && (count === 0 || score <= (scores[best[count - 1] ?? 0] ?? 0))) continue
    let place = best.length
    while (place > 0 && (scores[best[place - 1] ?? 0] ?? 0) < score) place -= 1
    best.splice(place, 0, id)
    if (best.length > count) best.pop()
  }
  return best
}

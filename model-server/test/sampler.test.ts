// The draw of one token against what its parameters promise, on tables small enough to know the answer.
import { assert, describe } from '../../test/spec.ts'
import { seeded } from '../generate/random.ts'
import { draw } from '../generate/sampler.ts'
import type { Sampling } from '../request/sampling.ts'

const usual: Sampling = {
  maxTokens: 1,
  minTokens: 0,
  temperature: 1,
  topP: 1,
  topK: 0,
  minP: 0,
  repetitionPenalty: 1,
  presencePenalty: 0,
  frequencyPenalty: 0,
  seed: undefined,
  logitBias: [],
  logprobs: undefined,
  stop: [],
  stopTokenIds: [],
  includeStop: false,
  ignoreEos: false,
  skipSpecialTokens: true,
}

const nothing = { prompt: new Set<number>(), answer: new Map<number, number>() }

/** Scores whose softmax is these probabilities. */
const scoresOf = (probabilities: readonly number[]): Float32Array => Float32Array.from(probabilities, Math.log)

/** How often each token comes in many draws. */
function shares(
  probabilities: readonly number[],
  sampling: Partial<Sampling>,
  history = nothing,
  banned: number[] = [],
) {
  const random = seeded(1)
  const counts = probabilities.map(() => 0)
  const draws = 20_000
  for (let turn = 0; turn < draws; turn += 1) {
    const { id } = draw(scoresOf(probabilities), { ...usual, ...sampling }, history, random, banned)
    counts[id] = (counts[id] ?? 0) + 1
  }
  return counts.map((count) => count / draws)
}

const near = (got: readonly number[], want: readonly number[]): void => {
  for (const [index, value] of want.entries())
    assert.ok(Math.abs((got[index] ?? 0) - value) < 0.015, `${JSON.stringify(got)} is not near ${JSON.stringify(want)}`)
}

const four = [0.5, 0.3, 0.15, 0.05]

describe('the draw', (test) => {
  test('follows the probabilities', () => near(shares(four, {}), four))

  test('temperature sharpens and flattens', () => {
    const powered = (power: number) => {
      const weights = four.map((value) => value ** power)
      const total = weights.reduce((sum, value) => sum + value, 0)
      return weights.map((value) => value / total)
    }
    near(shares(four, { temperature: 0.5 }), powered(2))
    near(shares(four, { temperature: 2 }), powered(0.5))
    near(shares(four, { temperature: 0 }), [1, 0, 0, 0])
  })

  test('top_k keeps this many', () => near(shares(four, { topK: 2 }), [0.625, 0.375, 0, 0]))

  test('top_p keeps the fewest whose sum reaches it', () => {
    near(shares(four, { topP: 0.7 }), [0.625, 0.375, 0, 0])
    near(shares(four, { topP: 0.81 }), [0.526, 0.316, 0.158, 0])
    near(shares(four, { topP: 0.01 }), [1, 0, 0, 0])
  })

  test('top_p counts in what top_k left', () => near(shares(four, { topK: 2, topP: 0.6 }), [1, 0, 0, 0]))

  test('min_p is a share of the likeliest', () => near(shares(four, { minP: 0.25 }), [0.526, 0.316, 0.158, 0]))

  test('logit_bias adds to scores', () =>
    near(shares(four, { logitBias: [[3, Math.log(10)]] }), [0.345, 0.207, 0.103, 0.345]))

  test('banned tokens never come', () => near(shares(four, {}, nothing, [0]), [0, 0.6, 0.3, 0.1]))

  test('presence counts once, frequency each time, and both only for the answer', () => {
    const history = { prompt: new Set([1]), answer: new Map([[0, 3]]) }
    near(shares(four, { presencePenalty: Math.log(2) }, history), [0.333, 0.4, 0.2, 0.067])
    near(shares(four, { frequencyPenalty: Math.log(2) }, history), [0.111, 0.533, 0.267, 0.089])
  })

  test('repetition divides what is likely and multiplies what is not, for prompt and answer', () => {
    const { id } = draw(
      Float32Array.of(4, 3, -1),
      { ...usual, temperature: 0, repetitionPenalty: 2 },
      { ...nothing, prompt: new Set([0]) },
      seeded(1),
      [],
    )
    assert.is(id, 1)
    const scores = Float32Array.of(4, 3, -1)
    draw(
      scores,
      { ...usual, temperature: 0, repetitionPenalty: 2 },
      { prompt: new Set([2]), answer: new Map([[0, 1]]) },
      seeded(1),
      [],
    )
    assert.equal([...scores], [2, 3, -2])
  })

  test('logprobs give the drawn token first, then the likeliest without it', () => {
    const { logprobs } = draw(
      scoresOf(four),
      { ...usual, logprobs: 2, topK: 1, logitBias: [[3, 100]] },
      nothing,
      seeded(1),
      [],
    )
    assert.equal(
      logprobs?.map(({ id }) => id),
      [3, 0, 1],
    )
    assert.ok(Math.abs((logprobs?.[1]?.logprob ?? 0) - Math.log(0.5)) < 1e-6)
  })
})

describe('random numbers', (test) => {
  test('are the same for the same seed, and even', () => {
    const [one, two] = [seeded(42), seeded(42)]
    const numbers = Array.from({ length: 10_000 }, () => one())
    assert.equal(
      numbers,
      numbers.map(() => two()),
    )
    const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length
    assert.ok(Math.abs(mean - 0.5) < 0.01)
    assert.ok(numbers.every((value) => value >= 0 && value < 1))
  })

  test('differ for neighbouring, negative and large seeds', () => {
    const firsts = [0, 1, 2, -1, 2 ** 40, 2 ** 40 + 1, 2 ** 53].map((seed) => seeded(seed)())
    assert.is(new Set(firsts).size, firsts.length)
  })
})

// A sleeping model that was asked for: how far its start is, how long it still takes as planned, and whether it can end well at all.
import { ApiError } from '../api-error.ts'
import type { ColdStart, ModelStart, StartProblem } from '../discovery/directory.ts'

/** What a client may know of a start. */
export interface WakeReport {
  stage: 'asked' | ModelStart['stage']
  /** Of the weights, while they come. */
  percent?: number
  /** As planned; undefined: nobody planned it. */
  secondsLeft?: number
}

/** Milliseconds in which the autoscaler orders a pod: a scrape, a poll, and again as long. */
const orderMs = 60_000

/** Seconds after which to ask again where no plan says more, or the plan's time is over. */
const leastSeconds = 10

const problemWords: Readonly<Record<StartProblem | 'order', string>> = {
  order: 'its autoscaler ordered no pod within a minute',
  capacity: 'there is no node with room for it now',
  quota: 'the cluster’s quota is used up',
  image: 'an image of it cannot be pulled',
  settings: 'its pod cannot be made as it is configured',
  weights: 'its weights cannot be fetched',
  crash: 'its engine ends as soon as it starts',
}

export class Wake {
  /** Share of the weights that are there, as the fetch container says. */
  percent: number | undefined
  readonly #coldStart: ColdStart | undefined
  readonly #askedAt: number
  #start: ModelStart | undefined
  /** Somebody would see a pod if there were one. */
  #isWatched = false
  #stageAt: number

  constructor(coldStart: ColdStart | undefined, start: ModelStart | 'none' | undefined, now: number) {
    this.#coldStart = coldStart
    this.#askedAt = now
    this.#stageAt = now
    this.update(start, now)
  }

  get hasPod(): boolean {
    return this.#start !== undefined
  }

  update(seen: ModelStart | 'none' | undefined, now: number): void {
    this.#isWatched = seen !== undefined
    const start = seen === 'none' ? undefined : seen
    if (start?.stage !== this.#start?.stage || start?.hasWeights !== this.#start?.hasWeights) this.#stageAt = now
    if (start?.stage !== 'weights') this.percent = undefined
    this.#start = start
  }

  report(now: number): WakeReport {
    const stage = this.#start?.stage ?? 'asked'
    const secondsLeft = this.#secondsLeft(now)
    return {
      stage,
      ...(stage === 'weights' && this.percent !== undefined && { percent: Math.floor(this.percent) }),
      ...(secondsLeft !== undefined && { secondsLeft }),
    }
  }

  /** Why waiting makes no sense; an error that says it. */
  problem(model: string, now: number): ApiError | undefined {
    const isLate = this.#isWatched && this.#start === undefined && now - this.#askedAt >= orderMs
    const problem = this.#start?.problem ?? (isLate ? 'order' : undefined)
    return problem && cannotStart(model, problem)
  }

  /** Until a retry makes sense. */
  retryAfter(now: number): number {
    return Math.max(leastSeconds, this.#secondsLeft(now) ?? 0)
  }

  /** Parts that are over count nothing, the one that goes on what is left of it. */
  #secondsLeft(now: number): number | undefined {
    if (!this.#coldStart) return undefined
    const { node, image, weights, engine } = this.#coldStart
    const inStage = (now - this.#stageAt) / 1000
    const left = (seconds: number): number => Math.max(0, seconds - inStage)
    const { stage, hasWeights } = this.#start ?? { stage: 'node', hasWeights: false }
    const ofWeights = hasWeights ? 0 : weights
    const coming = this.percent === undefined ? left(weights) : weights * (1 - this.percent / 100)
    const seconds = {
      node: left(node) + image + ofWeights + engine,
      image: left(image) + ofWeights + engine,
      weights: coming + image + engine,
      loading: left(engine),
    }[stage]
    return Math.ceil(seconds)
  }
}

const cannotStart = (model: string, problem: StartProblem | 'order'): ApiError =>
  new ApiError({
    status: 502,
    code: 'model_cannot_start',
    message: `The model ${model} cannot start: ${problemWords[problem]}.`,
    retryAfter: 60,
    reason: `cannot_start_${problem}`,
  })

/** In words, for a comment of a stream. */
export function wakeWords({ stage, percent, secondsLeft }: WakeReport): string {
  const what = stage === 'asked' ? 'a pod is ordered' : percent === undefined ? stage : `${stage} ${percent} %`
  return secondsLeft === undefined
    ? `model starting: ${what}`
    : `model starting: ${what}, ready in about ${secondsLeft} s`
}

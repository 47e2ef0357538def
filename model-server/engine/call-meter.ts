// Turns what happens to one job into metrics: when its answers started, each token, how they ended.
import type { JobEvent } from './messages.ts'

/** Where the numbers go; seconds everywhere. */
export interface Meter {
  waiting(change: number): void
  running(change: number): void
  /** Tokens that the caches of running answers hold. */
  cached(change: number): void
  promptTokens(count: number): void
  generationTokens(count: number): void
  queueTime(seconds: number): void
  timeToFirstToken(seconds: number): void
  interTokenLatency(seconds: number): void
  finished(reason: 'stop' | 'length', seconds: number): void
  /** No place was left. */
  rejected(): void
}

interface Answer {
  startedAt: number | undefined
  lastTokenAt: number | undefined
  cached: number
}

const seconds = (from: number, to: number): number => (to - from) / 1000

export class CallMeter {
  readonly #meter: Meter
  readonly #createdAt = performance.now()
  /** Those that wait or run, by their index. */
  readonly #answers: Map<number, Answer>
  readonly #count: number
  #prompts: readonly number[] = []

  constructor(meter: Meter, answers: number) {
    this.#meter = meter
    this.#count = answers
    this.#answers = new Map(
      Array.from({ length: answers }, (_, index) => [
        index,
        { startedAt: undefined, lastTokenAt: undefined, cached: 0 },
      ]),
    )
    meter.waiting(answers)
  }

  see(event: JobEvent): void {
    if (event.event === 'accepted') {
      this.#prompts = event.promptTokens
      this.#meter.promptTokens(event.promptTokens.reduce((sum, count) => sum + count, 0))
    } else if (event.event === 'started') this.#start(event.index)
    else if (event.event === 'token') this.#token(event.index, event.token.finishReason)
    else if (event.event === 'encoded') this.#meter.finished('stop', seconds(this.#createdAt, performance.now()))
  }

  /** However it ended: what still waits or runs does so no more. */
  close(): void {
    for (const answer of this.#answers.values()) this.#leave(answer)
    this.#answers.clear()
  }

  #start(index: number): void {
    const answer = this.#answers.get(index)
    if (!answer) return
    answer.startedAt = performance.now()
    const perPrompt = Math.max(1, this.#count / Math.max(1, this.#prompts.length))
    answer.cached = this.#prompts[Math.floor(index / perPrompt)] ?? 0
    this.#meter.waiting(-1)
    this.#meter.running(1)
    this.#meter.cached(answer.cached)
    this.#meter.queueTime(seconds(this.#createdAt, answer.startedAt))
  }

  #token(index: number, finishReason: 'stop' | 'length' | null): void {
    const answer = this.#answers.get(index)
    if (answer?.startedAt === undefined) return
    const now = performance.now()
    if (answer.lastTokenAt === undefined) this.#meter.timeToFirstToken(seconds(this.#createdAt, now))
    else this.#meter.interTokenLatency(seconds(answer.lastTokenAt, now))
    answer.lastTokenAt = now
    answer.cached += 1
    this.#meter.cached(1)
    this.#meter.generationTokens(1)
    if (finishReason === null) return
    this.#meter.finished(finishReason, seconds(this.#createdAt, now))
    this.#leave(answer)
    this.#answers.delete(index)
  }

  #leave(answer: Answer): void {
    if (answer.startedAt === undefined) this.#meter.waiting(-1)
    else {
      this.#meter.running(-1)
      this.#meter.cached(-answer.cached)
    }
  }
}

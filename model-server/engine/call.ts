// One job as its HTTP route sees it: an answer to the question whether it fits, then events in their order.
import { ApiError, type ErrorData, engineDead } from '../api-error.ts'
import type { Accepted, JobEvent } from './messages.ts'

type Step = { event: JobEvent } | { error: ApiError } | 'end'

export class Call implements AsyncIterable<JobEvent> {
  readonly #queue: Step[] = []
  #wake: (() => void) | undefined

  push(event: JobEvent): void {
    this.#put({ event })
  }

  refuse(error: ErrorData): void {
    this.#put({ error: new ApiError(error) })
  }

  end(): void {
    this.#put('end')
  }

  /** @throws ApiError when the job was refused */
  async accepted(): Promise<Accepted> {
    const first = await this.#next()
    if (first?.event === 'accepted') return first
    throw engineDead()
  }

  /** The only event of a job that has one answer. @throws ApiError when the job was refused */
  async result<Name extends JobEvent['event']>(name: Name): Promise<Extract<JobEvent, { event: Name }>> {
    for await (const event of this) if (event.event === name) return event as Extract<JobEvent, { event: Name }>
    throw engineDead()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<JobEvent> {
    for (;;) {
      const event = await this.#next()
      if (event === undefined) return
      yield event
    }
  }

  #put(step: Step): void {
    this.#queue.push(step)
    this.#wake?.()
    this.#wake = undefined
  }

  /** Undefined at the end. @throws ApiError */
  async #next(): Promise<JobEvent | undefined> {
    while (this.#queue.length === 0)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    const step = this.#queue.shift()
    if (step === undefined || step === 'end') return undefined
    if ('error' in step) throw step.error
    return step.event
  }
}

// The newest wakes of sleeping models at this pod, for the operator’s view.
export interface LastWake {
  model: string
  /** When a request asked for it. */
  at: string
}

const kept = 50

export class LastWakes {
  readonly #wakes: LastWake[] = []

  add(model: string): void {
    this.#wakes.unshift({ model, at: new Date().toISOString() })
    if (this.#wakes.length > kept) this.#wakes.pop()
  }

  /** Newest first. */
  read(): readonly LastWake[] {
    return this.#wakes
  }
}

// Lets several tasks share the model: one step each, in turn; the rest wait in the order in which they came.

export interface Task {
  /** Called when it is taken off the queue. */
  start(): void
  /** @returns true when it has ended */
  step(): Promise<boolean>
  /** Gives its memory back; called once, however it ends. */
  release(): void
}

export class Scheduler {
  readonly #mostRunning: number
  readonly #waiting: Task[] = []
  readonly #running = new Set<Task>()
  #isActive = false
  #stepping: Task | undefined

  constructor(mostRunning: number) {
    this.#mostRunning = mostRunning
  }

  add(task: Task): void {
    this.#waiting.push(task)
    if (!this.#isActive) void this.#run()
  }

  /** Nobody wants it any more. A step that is under way ends first. */
  remove(task: Task): void {
    const place = this.#waiting.indexOf(task)
    if (place >= 0) this.#waiting.splice(place, 1)
    if (this.#running.delete(task) && task !== this.#stepping) task.release()
  }

  async #run(): Promise<void> {
    this.#isActive = true
    while (this.#waiting.length + this.#running.size > 0) {
      this.#fill()
      for (const task of this.#running) await this.#step(task)
    }
    this.#isActive = false
  }

  #fill(): void {
    while (this.#running.size < this.#mostRunning) {
      const task = this.#waiting.shift()
      if (task === undefined) return
      this.#running.add(task)
      task.start()
    }
  }

  async #step(task: Task): Promise<void> {
    this.#stepping = task
    const ended = await task.step()
    this.#stepping = undefined
    if (!ended && this.#running.has(task)) return
    this.#running.delete(task)
    task.release()
  }
}

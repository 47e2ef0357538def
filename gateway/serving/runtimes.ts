// The models at run time, kept in step with the directory.

import type { Ticker } from '../clock.ts'
import type { Config } from '../config.ts'
import type { Snapshot } from '../discovery/directory.ts'
import { ModelRuntime, type RuntimeEvents } from './model-runtime.ts'

export class Runtimes {
  readonly #config: Config
  readonly #ticker: Ticker
  readonly #events: RuntimeEvents
  readonly #byName = new Map<string, ModelRuntime>()

  constructor(config: Config, ticker: Ticker, events: RuntimeEvents) {
    this.#config = config
    this.#ticker = ticker
    this.#events = events
  }

  update(snapshot: Snapshot): void {
    for (const [name, entry] of snapshot.models) {
      const known = this.#byName.get(name)
      if (known) known.update(entry)
      else this.#byName.set(name, new ModelRuntime(entry, this.#config, this.#ticker, this.#events))
    }
    for (const [name, runtime] of this.#byName) {
      if (snapshot.models.has(name)) continue
      runtime.close()
      if (runtime.idle) this.#byName.delete(name)
    }
  }

  get(name: string): ModelRuntime | undefined {
    return this.#byName.get(name)
  }

  all(): Iterable<ModelRuntime> {
    return this.#byName.values()
  }

  close(): void {
    for (const runtime of this.#byName.values()) runtime.close()
    this.#byName.clear()
  }
}

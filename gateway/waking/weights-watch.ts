// Asks the pods of models that wake how far their weights are, while somebody waits for them.
import type { Ticking } from '../clock.ts'
import type { Runtimes } from '../serving/runtimes.ts'

const intervalMs = 2000

export class WeightsWatch implements Ticking {
  readonly #runtimes: Runtimes
  readonly #fetched: (address: string) => Promise<number | undefined>
  #nextAt = 0

  /** @param fetched bytes that are in the pod of an address */
  constructor(runtimes: Runtimes, fetched: (address: string) => Promise<number | undefined>) {
    this.#runtimes = runtimes
    this.#fetched = fetched
  }

  tick(now: number): void {
    if (now < this.#nextAt) return
    this.#nextAt = now + intervalMs
    for (const { wake, waiting, entry } of this.#runtimes.all()) {
      const { start, spec } = entry
      if (!wake || waiting === 0 || typeof start !== 'object' || start.stage !== 'weights') continue
      if (start.address === undefined || spec.weightBytes === undefined) continue
      const total = spec.weightBytes
      void this.#fetched(start.address).then((bytes) => {
        if (bytes !== undefined) wake.percent = Math.min(99, (100 * bytes) / total)
      })
    }
  }
}

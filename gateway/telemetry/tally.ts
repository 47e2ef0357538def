// A counter that costs a map lookup: OpenTelemetry sorts and serialises the attributes at every add, which is more than
// the rest of a request's accounting together; here it sees them once per read.
import type { Attributes } from '@opentelemetry/api'

interface Entry {
  attributes: Attributes
  value: number
}

export class Tally {
  readonly #entries = new Map<string, Entry>()

  /**
   * Adds to the counter of these attributes.
   * @param first with `rest`, the attributes' values in any fixed order: the key of the entry
   */
  add(value: number, first: string, attributes: Attributes, ...rest: string[]): void {
    const key = rest.length === 0 ? first : `${first}\n${rest.join('\n')}`
    const entry = this.#entries.get(key)
    if (entry) entry.value += value
    else this.#entries.set(key, { attributes, value })
  }

  observe(emit: (value: number, attributes: Attributes) => void): void {
    for (const { value, attributes } of this.#entries.values()) emit(value, attributes)
  }
}

// A counter that costs a map lookup: OpenTelemetry sorts and serialises the attributes at every add, which is more than
// the rest of a request's accounting together; here it sees them once per read.
import type { Attributes } from '@opentelemetry/api'
import { Series } from './series.ts'

export class Tally {
  readonly #names: readonly string[]
  readonly #series = new Series(() => ({ value: 0 }))

  /** @param names of the attributes */
  constructor(...names: string[]) {
    this.#names = names
  }

  /** @param values of the attributes, in the order of their names */
  add(value: number, ...values: string[]): void {
    this.#series.of(this.#names, values).value += value
  }

  forget(name: string, isKnown: (value: string) => boolean): void {
    this.#series.forget(name, isKnown)
  }

  observe(emit: (value: number, attributes: Attributes) => void): void {
    for (const [attributes, { value }] of this.#series.all()) emit(value, attributes)
  }
}

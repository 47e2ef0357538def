// The series of one metric: a state for each set of attribute values, found by one map lookup, and never more than a limit.
import type { Attributes } from '@opentelemetry/api'

/** As many as OpenTelemetry's SDK allows one metric; what comes after is counted together. */
const seriesLimit = 2000
/** OpenTelemetry's mark of that one series. */
const overflow: Attributes = { 'otel.metric.overflow': true }

interface Entry<State> {
  attributes: Attributes
  state: State
}

export class Series<State> {
  readonly #make: () => State
  readonly #entries = new Map<string, Entry<State>>()
  #rest: Entry<State> | undefined

  constructor(make: () => State) {
    this.#make = make
  }

  /** State of the series in which attribute `names[i]` has `values[i]`. */
  of(names: readonly string[], values: readonly string[]): State {
    const key = values.length === 1 ? (values[0] as string) : values.join('\n')
    return (this.#entries.get(key) ?? this.#add(key, names, values)).state
  }

  #add(key: string, names: readonly string[], values: readonly string[]): Entry<State> {
    if (this.#entries.size >= seriesLimit) {
      this.#rest ??= { attributes: overflow, state: this.#make() }
      return this.#rest
    }
    const attributes = Object.fromEntries(names.map((name, index) => [name, values[index]]))
    const entry = { attributes, state: this.#make() }
    this.#entries.set(key, entry)
    return entry
  }

  /** Drops the series whose attribute has a value that is no longer known, so that models that left do not stay forever. */
  forget(name: string, isKnown: (value: string) => boolean): void {
    for (const [key, { attributes }] of this.#entries) {
      const value = attributes[name]
      if (typeof value === 'string' && !isKnown(value)) this.#entries.delete(key)
    }
  }

  *all(): Iterable<[Attributes, State]> {
    for (const { attributes, state } of this.#entries.values()) yield [attributes, state]
    if (this.#rest) yield [this.#rest.attributes, this.#rest.state]
  }
}

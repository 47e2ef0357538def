// When drift is healed: after some looks in a row that showed it, and not again at once.
import { type Application, type Drift, driftOf } from './drift.ts'
import { healAgainMs, looksBeforeHealing } from './settings.ts'

export class Healer {
  /** Looks in a row that showed drift, by Application. */
  readonly #seen = new Map<string, number>()
  readonly #healedAt = new Map<string, number>()
  readonly #synced = new Map<string, object>()

  /** What to heal now; `now` in milliseconds. Outside a window Argo CD has healed it before, its own pauses included. */
  due(applications: readonly Application[], now: number): Drift[] {
    for (const { metadata, spec, status } of applications)
      if (status?.sync?.status === 'Synced' && spec.source !== undefined) this.#synced.set(metadata.name, spec.source)
    const drifts = applications.flatMap((one) => driftOf(one, this.#synced.get(one.metadata.name)) ?? [])
    const names = new Set(drifts.map(({ name }) => name))
    for (const name of this.#seen.keys()) if (!names.has(name)) this.#seen.delete(name)
    for (const name of names) this.#seen.set(name, (this.#seen.get(name) ?? 0) + 1)
    const due = drifts.filter(
      ({ name }) =>
        (this.#seen.get(name) ?? 0) >= looksBeforeHealing &&
        now - (this.#healedAt.get(name) ?? Number.NEGATIVE_INFINITY) >= healAgainMs,
    )
    for (const { name } of due) this.#healedAt.set(name, now)
    return due
  }
}

// The changes that the cycle previews, and the committed table of what each does at AWS: a replacement shows in the diff of a pull request.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { regions } from '../../../generators/schema/regions.ts'
import type { Settings, Step } from './engine.ts'

/** What a person changes in the cluster file. The secret and `gitops.enabled` are not previewed but applied: cycle.ts. */
export const changes: Record<string, (settings: Settings) => void> = {
  'edge.rateLimit': ({ cluster }) => {
    cluster.edge.rateLimit *= 2
  },
  'gpu.maxGpus': ({ cluster }) => {
    cluster.gpu.maxGpus = { ...cluster.gpu.maxGpus, l4: (cluster.gpu.maxGpus.l4 ?? 0) + 4 }
  },
  'network.zoneIds: one more': ({ cluster }) => {
    const more = regions[cluster.region]?.zoneIds.find((zone) => !cluster.network.zoneIds.includes(zone))
    if (more === undefined) throw new Error(`${cluster.name} uses every zone of ${cluster.region}`)
    cluster.network.zoneIds = [...cluster.network.zoneIds, more]
  },
}

/** One line for each resource that is not left as it is. */
export const linesOf = (steps: readonly Step[]): string[] =>
  steps
    .filter(({ action }) => action !== 'same')
    // A replacement has three steps; this one names its reason.
    .filter(({ action }) => !['create-replacement', 'delete-replaced', 'read', 'discard'].includes(action))
    .map(({ action, address }) => `${action} ${address}`)
    .sort()

/** `UPDATE_CHANGES=1` writes the table in place of comparing it. */
export class ChangeTable {
  readonly #file: string
  readonly #update = process.env.UPDATE_CHANGES !== undefined
  readonly #table: Record<string, string[]>

  constructor(cluster: string) {
    this.#file = join(import.meta.dirname, '../recorded/changes', `${cluster}.json`)
    this.#table = existsSync(this.#file)
      ? (JSON.parse(readFileSync(this.#file, 'utf8')) as Record<string, string[]>)
      : {}
  }

  /** Lines that the table has for a change; those that were seen, when it is written anew. */
  expected(change: string, seen: string[]): string[] {
    if (this.#update) {
      this.#table[change] = seen
      writeFileSync(this.#file, `${JSON.stringify(this.#table, null, 2)}\n`)
    }
    return this.#table[change] ?? [`recorded/changes has no line for ${change}: UPDATE_CHANGES=1`]
  }
}

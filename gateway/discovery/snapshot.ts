// Puts entries from any source together: one table, with bad and double entries listed apart instead of failing.
import type { ModelEntry, Problem, Snapshot, Tenant } from './directory.ts'

/** An entry and the words by which its source object is named in problems. */
export interface Sourced<T> {
  object: string
  entry: T
}

/**
 * One snapshot. Of two models with one name, and of two tenants with one name, the first given stays: pass the older
 * object first. A name that is already a served name or an id of another model is no alias.
 */
export function buildSnapshot(
  models: readonly Sourced<ModelEntry>[],
  tenants: readonly Sourced<Tenant>[],
  gatewayReplicas: number,
  found: readonly Problem[],
): Snapshot {
  const problems = [...found]
  const byName = new Map<string, ModelEntry>()
  for (const { object, entry } of models) {
    if (byName.has(entry.name)) problems.push({ object, message: `another object already serves ${entry.name}` })
    else byName.set(entry.name, entry)
  }
  const names = new Map(byName)
  const add = (name: string, entry: ModelEntry, object: string) => {
    const owner = names.get(name)
    if (owner === undefined) names.set(name, entry)
    else if (owner !== entry) problems.push({ object, message: `the name ${name} already belongs to ${owner.name}` })
  }
  const kept = models.filter(({ entry }) => byName.get(entry.name) === entry)
  for (const { object, entry } of kept) add(entry.modelId, entry, object)
  for (const { object, entry } of kept) for (const alias of entry.aliases) add(alias, entry, object)

  const byTenant = new Map<string, Tenant>()
  for (const { object, entry } of tenants) {
    if (byTenant.has(entry.name)) problems.push({ object, message: `another object already is tenant ${entry.name}` })
    else byTenant.set(entry.name, entry)
  }
  return {
    models: byName,
    names,
    tenants: [...byTenant.values()],
    gatewayReplicas: Math.max(1, gatewayReplicas),
    problems,
  }
}

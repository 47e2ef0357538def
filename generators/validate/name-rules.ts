// Names that clients send as `model`: file names, aliases and Hub ids must lead to one model.
import { didYouMean } from '../diagnostics/nearest.ts'
import { fieldPointer } from '../schema/field-pointer.ts'
import type { Findings } from './findings.ts'
import type { CheckedModel, ValidModel } from './repository.ts'

/**
 * Two files may serve the same Hub id (a canary beside a stable one): the id then leads nowhere by itself, and clients use
 * the file names. Anything that somebody wrote down, a file name or an alias, must be unique in its cluster.
 */
export function checkNames(
  cluster: string,
  models: readonly ValidModel[],
  checked: ReadonlyMap<string, CheckedModel>,
  findings: Findings,
): void {
  const owners = new Map<string, string>()
  for (const { name } of models) owners.set(name, name)
  for (const { name, settings } of models) if (!owners.has(settings.model)) owners.set(settings.model, name)
  const ids = new Set(models.map(({ settings }) => settings.model))
  for (const { name, settings, source } of models) {
    const file = checked.get(name)?.file
    for (const [index, alias] of settings.aliases.entries()) {
      const owner = owners.get(alias)
      if (owner === undefined) owners.set(alias, name)
      else if (file !== undefined && (owner !== name || ids.has(alias) || alias === name)) {
        const pointer = [...fieldPointer(file, cluster, ['aliases']), index]
        const whose = owner === name ? 'is already a name of this model' : `is already a name of model ${owner}`
        findings.add(
          'ALIAS_TAKEN',
          source.position(pointer),
          `"${alias}" ${whose}`,
          'choose another alias, or remove it',
          cluster,
        )
      }
    }
  }
}

/** Clusters and tenants that a model file names. */
export function checkReferences(
  model: CheckedModel,
  clusters: ReadonlySet<string>,
  tenants: ReadonlySet<string>,
  findings: Findings,
): void {
  const { file, loaded } = model
  for (const cluster of Object.keys(file.clusters)) {
    if (clusters.has(cluster)) continue
    findings.add(
      'CLUSTER_UNKNOWN',
      loaded.file.position(['clusters', cluster], 'key'),
      `there is no cluster "${cluster}"`,
      `${didYouMean(cluster, clusters)}clusters: ${[...clusters].join(', ')}`,
    )
  }
  const named = [
    { pointer: ['access', 'tenants'], names: file.access?.tenants },
    ...Object.entries(file.clusters).map(([cluster, patch]) => ({
      pointer: ['clusters', cluster, 'access', 'tenants'],
      names: patch.access?.tenants,
    })),
  ]
  for (const { pointer, names } of named) {
    for (const [index, tenant] of (names ?? []).entries()) {
      if (tenants.has(tenant)) continue
      findings.add(
        'TENANT_UNKNOWN',
        loaded.file.position([...pointer, index]),
        `there is no tenant "${tenant}"`,
        `${didYouMean(tenant, tenants)}tenants: ${[...tenants].join(', ')}`,
      )
    }
  }
}

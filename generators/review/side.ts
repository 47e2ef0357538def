// One of the two states that are compared: the base, or the change.
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Repository } from '../load/repository.ts'
import type { ClusterPlan } from '../plan/cluster-plan.ts'

export interface Side {
  repository: Repository
  plans: ClusterPlan[]
  /** What synth says of it. */
  diagnostics: Diagnostic[]
  /** The model’s file lists the cluster, sound or not. */
  runs(model: string, cluster: string): boolean
}

export function makeSide(repository: Repository, plans: ClusterPlan[], diagnostics: Diagnostic[]): Side {
  const files = new Map(repository.models.map(({ name, file }) => [name, file.value]))
  return {
    repository,
    plans,
    diagnostics,
    runs(model, cluster) {
      if (repository.broken.has(`apps/models/${model}.yaml`)) return true
      const value = files.get(model)
      const clusters = typeof value === 'object' && value !== null && 'clusters' in value ? value.clusters : undefined
      return typeof clusters === 'object' && clusters !== null && Object.hasOwn(clusters, cluster)
    },
  }
}

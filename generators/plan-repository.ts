// The first phases, which every command and a run on this machine share: load -> validate -> plan. They need none of the libraries that
// render.
import type { Diagnostic } from './diagnostics/diagnostic.ts'
import { loadRepository } from './load/load-repository.ts'
import type { Repository } from './load/repository.ts'
import type { ClusterPlan } from './plan/cluster-plan.ts'
import { planCluster } from './plan/plan-cluster.ts'
import type { ValidRepository } from './validate/repository.ts'
import { validateRepository } from './validate/validate-repository.ts'

/** Names given on the command line; empty lists mean all. */
export interface Only {
  models: readonly string[]
  clusters: readonly string[]
}

export const everything: Only = { models: [], clusters: [] }

export type Progress = (phase: string, done?: number, total?: number) => void

export interface Planned {
  /** Absent when a file has an error. */
  valid: ValidRepository | undefined
  plans: ClusterPlan[]
  diagnostics: Diagnostic[]
}

/** Reads, validates and plans. With an error among the diagnostics the plans may lack what is wrong. */
export function planRepository(root: string, only: Only, progress: Progress = () => {}): Planned {
  progress('load')
  const loaded = loadRepository(root, only)
  const planned = planLoaded(loaded.repository, progress)
  return { ...planned, diagnostics: [...loaded.diagnostics, ...planned.diagnostics] }
}

/** The same without reading: what `explain` calls again and again with one field changed. */
export function planLoaded(repository: Repository, progress: Progress = () => {}): Planned {
  progress('validate')
  const { valid, diagnostics } = validateRepository(repository)
  progress('plan')
  const planned = valid?.clusters.map((cluster) => planCluster(valid, cluster)) ?? []
  return {
    valid,
    plans: planned.map(({ plan }) => plan),
    diagnostics: [...diagnostics, ...planned.flatMap((one) => one.diagnostics)],
  }
}

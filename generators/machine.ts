// The order of the phases for a run on this machine: load -> validate -> plan. Nothing is rendered, so the libraries for that
// are not loaded either: half of the time that a start would take.
import type { Diagnostic } from './diagnostics/diagnostic.ts'
import { isError } from './diagnostics/diagnostic.ts'
import { sortDiagnostics } from './diagnostics/report.ts'
import { loadRepository } from './load/load-repository.ts'
import { planCluster } from './plan/plan-cluster.ts'
import { type MachinePlan, planMachine } from './plan/plan-machine.ts'
import { validateRepository } from './validate/validate-repository.ts'

export interface PlannedMachine {
  /** Absent when there is an error. */
  machine?: MachinePlan
  /** What synth says about the same files; its rules over rendered objects are its own. */
  diagnostics: Diagnostic[]
}

export function planRepositoryForMachine(root: string): PlannedMachine {
  const loaded = loadRepository(root, { models: [], clusters: [] })
  const { valid, diagnostics } = validateRepository(loaded.repository)
  const planned = valid?.clusters.map((cluster) => planCluster(valid, cluster)) ?? []
  const found = [...loaded.diagnostics, ...diagnostics, ...planned.flatMap((one) => one.diagnostics)]
  const plans = planned.map(({ plan }) => plan)
  return {
    diagnostics: sortDiagnostics(found),
    ...(valid && !found.some(isError) && { machine: planMachine(valid, plans) }),
  }
}

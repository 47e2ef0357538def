// What `npm start` needs of the repository: a plan for this machine. Nothing is rendered, so the libraries for that are not loaded
// either: half of the time that a start would take.
import type { Diagnostic } from './diagnostics/diagnostic.ts'
import { isError } from './diagnostics/diagnostic.ts'
import { sortDiagnostics } from './diagnostics/report.ts'
import { type MachinePlan, planMachine } from './plan/plan-machine.ts'
import { everything, planRepository } from './plan-repository.ts'

export interface PlannedMachine {
  /** Absent when there is an error. */
  machine?: MachinePlan
  /** What synth says about the same files; its rules over rendered objects are its own. */
  diagnostics: Diagnostic[]
}

export function planRepositoryForMachine(root: string): PlannedMachine {
  const { valid, plans, diagnostics } = planRepository(root, everything)
  return {
    diagnostics: sortDiagnostics(diagnostics),
    ...(valid && !diagnostics.some(isError) && { machine: planMachine(valid, plans) }),
  }
}

// Collects the diagnostics of one phase.
import type { Code } from '../diagnostics/codes.ts'
import { diagnose } from '../diagnostics/diagnose.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Pointer } from '../load/source-file.ts'

/** Says that a field of a model is wrong in the cluster at hand. */
export type Report = (code: Code, field: Pointer, message: string, hint: string, target?: 'key' | 'value') => void

export class Findings {
  readonly diagnostics: Diagnostic[] = []

  add(...finding: Parameters<typeof diagnose>): void {
    this.diagnostics.push(diagnose(...finding))
  }
}

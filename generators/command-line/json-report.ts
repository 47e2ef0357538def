// What every command prints with --json: one object on one line.
import type { Diagnostic } from '../diagnostics/diagnostic.ts'

export interface JsonReport {
  ok: boolean
  diagnostics?: readonly Diagnostic[]
  summary?: object
  result?: object | null
}

/** `version` goes up when a field gets another meaning. */
export const jsonReport = (report: JsonReport): string => `${JSON.stringify({ version: 1, ...report })}\n`

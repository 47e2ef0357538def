// Prints diagnostics in the form that fits the place: terminal, pipe or GitHub Actions.
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { isError } from '../diagnostics/diagnostic.ts'
import { formatAnnotation, formatLine, formatTerminal } from '../diagnostics/report.ts'
import type { Console } from './command.ts'

export function printDiagnostics(diagnostics: readonly Diagnostic[], console: Console): void {
  const format = console.terminal ? formatTerminal : formatLine
  for (const diagnostic of diagnostics) {
    console.log(`${format(diagnostic)}\n`)
    if (console.github) console.log(`${formatAnnotation(diagnostic)}\n`)
  }
}

/** "2 errors, 1 warning"; empty when there is none. */
export function countDiagnostics(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter(isError).length
  const warnings = diagnostics.length - errors
  const count = (number: number, noun: string) => (number === 0 ? [] : [`${number} ${noun}${number === 1 ? '' : 's'}`])
  return [...count(errors, 'error'), ...count(warnings, 'warning')].join(', ')
}

// Prints diagnostics in the form that fits the place: terminal, pipe or GitHub Actions.
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { isError } from '../diagnostics/diagnostic.ts'
import { formatAnnotation, formatLine, formatTerminal, withoutFlood } from '../diagnostics/report.ts'
import type { ExitCode, Output } from './command.ts'

export function printDiagnostics(diagnostics: readonly Diagnostic[], output: Output): void {
  const format = output.terminal ? formatTerminal : formatLine
  for (const one of withoutFlood(diagnostics)) {
    output.log(typeof one === 'string' ? `${one}; --json shows all\n` : `${format(one)}\n`)
    if (typeof one !== 'string') output.annotate?.(formatAnnotation(one))
  }
}

/** How a command ends that would have written files. */
export function refuse(diagnostics: readonly Diagnostic[], output: Output): ExitCode {
  printDiagnostics(diagnostics, output)
  output.log('nothing was written\n')
  return 1
}

/** "2 errors, 1 warning"; empty when there is none. */
export function countDiagnostics(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter(isError).length
  const warnings = diagnostics.length - errors
  const count = (number: number, noun: string) => (number === 0 ? [] : [`${number} ${noun}${number === 1 ? '' : 's'}`])
  return [...count(errors, 'error'), ...count(warnings, 'warning')].join(', ')
}

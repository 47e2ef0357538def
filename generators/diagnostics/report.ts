// Prints diagnostics: one line each for files and pipes, the same on several lines for a terminal, annotations for GitHub.
import type { Diagnostic } from './diagnostic.ts'

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/**
 * A mistake among a model's base fields is found once per cluster; it is one mistake. Names the clusters at the end of the
 * message.
 */
function mergeClusters(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const merged = new Map<string, Diagnostic>()
  for (const diagnostic of diagnostics) {
    const { code, position, message, hint, clusters = [] } = diagnostic
    const key = JSON.stringify([code, position, message, hint])
    const known = merged.get(key)
    if (known === undefined || clusters.length === 0) merged.set(key, diagnostic)
    else merged.set(key, { ...known, clusters: [...(known.clusters ?? []), ...clusters] })
  }
  return [...merged.values()].map((diagnostic) => {
    const { clusters = [], message } = diagnostic
    if (clusters.length === 0) return diagnostic
    return { ...diagnostic, message: `${message} (cluster${clusters.length > 1 ? 's' : ''} ${clusters.join(', ')})` }
  })
}

/** By file, line, column, code and message, in code units: the same order on every machine. */
export const sortDiagnostics = (diagnostics: readonly Diagnostic[]): Diagnostic[] =>
  mergeClusters(diagnostics).sort(
    (a, b) =>
      compareText(a.position.file, b.position.file) ||
      a.position.line - b.position.line ||
      a.position.column - b.position.column ||
      compareText(a.code, b.code) ||
      compareText(a.message, b.message),
  )

const place = ({ position: { file, line, column } }: Diagnostic): string => `${file}:${line}:${column}`

/** `CODE file:line:col message -> hint`. */
export const formatLine = (diagnostic: Diagnostic): string =>
  `${diagnostic.code} ${place(diagnostic)} ${diagnostic.message} -> ${diagnostic.hint}`

export const formatTerminal = (diagnostic: Diagnostic): string =>
  `${diagnostic.level} ${diagnostic.code} ${place(diagnostic)}\n    ${diagnostic.message}\n    -> ${diagnostic.hint}`

const escapeData = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')

const escapeProperty = (text: string): string => escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C')

/** Workflow command that GitHub shows beside the line in the pull request. */
export const formatAnnotation = (diagnostic: Diagnostic): string => {
  const { file, line, column } = diagnostic.position
  return `::${diagnostic.level} file=${escapeProperty(file)},line=${line},col=${column},title=${diagnostic.code}::${escapeData(`${diagnostic.message} -> ${diagnostic.hint}`)}`
}

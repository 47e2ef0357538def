// Prints diagnostics: one line each for files and pipes, the same on several lines for a terminal, annotations for GitHub.
import type { Diagnostic } from './diagnostic.ts'
import { visibleLine } from './visible.ts'

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

/** More of one file and level are counted and not printed. */
const mostOfOneFile = 50

/** What a person reads: the first of each file, and behind them a sentence about the others. JSON has them all. */
export function withoutFlood(diagnostics: readonly Diagnostic[]): (Diagnostic | string)[] {
  const groups = Map.groupBy(diagnostics, ({ position, level }) => `${level} ${position.file}`)
  const last = new Map([...groups.values()].map((group) => [group[mostOfOneFile - 1], group.length - mostOfOneFile]))
  const shown = new Set([...groups.values()].flatMap((group) => group.slice(0, mostOfOneFile)))
  return diagnostics.flatMap((one) => {
    if (!shown.has(one)) return []
    const more = last.get(one) ?? 0
    return more > 0 ? [one, `and ${more} more ${one.level}s in ${visibleLine(one.position.file)}`] : [one]
  })
}

/** The parts of a diagnostic that hold text of users, each on one line and visible. */
const partsOf = ({ position: { file, line, column }, message, hint }: Diagnostic) => ({
  place: `${visibleLine(file)}:${line}:${column}`,
  message: visibleLine(message),
  hint: visibleLine(hint),
})

/** `CODE file:line:col message -> hint`. */
export function formatLine(diagnostic: Diagnostic): string {
  const { place, message, hint } = partsOf(diagnostic)
  return `${diagnostic.code} ${place} ${message} -> ${hint}`
}

export function formatTerminal(diagnostic: Diagnostic): string {
  const { place, message, hint } = partsOf(diagnostic)
  return `${diagnostic.level} ${diagnostic.code} ${place}\n    ${message}\n    -> ${hint}`
}

const escapeData = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')

const escapeProperty = (text: string): string => escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C')

/** Workflow command that GitHub shows beside the line in the pull request. */
export function formatAnnotation(diagnostic: Diagnostic): string {
  const { position, level, code } = diagnostic
  const { message, hint } = partsOf(diagnostic)
  const file = escapeProperty(visibleLine(position.file))
  return `::${level} file=${file},line=${position.line},col=${position.column},title=${code}::${escapeData(`${message} -> ${hint}`)}`
}

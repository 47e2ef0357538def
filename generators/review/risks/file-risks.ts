// Risks of files that are neither sources nor rendered: code, workflows, policies, dependencies. What nothing here judges is counted.
import type { FileChange } from '../changes.ts'
import { dependencyRisks } from './dependency-risks.ts'
import { type Area, areaOf } from './file-areas.ts'
import { policyRisks } from './policy-risks.ts'
import type { Risk } from './risk.ts'
import { workflowRisks } from './workflow-risks.ts'

/** A change beside sources and rendered files that says something else than before, not only in comments or types. */
export interface CodeChange extends FileChange {
  /** First line of the file that differs. */
  line: number
}

export interface Unjudged {
  area: string
  files: number
}

/** Whether anything is said of a file that is neither a source nor rendered. */
export const isJudged = (path: string): boolean => !('quiet' in areaOf(path).verdict)

const at = ({ path, line }: CodeChange): string => `${path}:${line}`

export function fileRisks(changes: readonly CodeChange[]): Risk[] {
  return [
    ...[...Map.groupBy(changes, ({ path }) => areaOf(path))].flatMap(([area, own]) => areaRisk(area, own)),
    ...workflowRisks(changes),
    ...policyRisks(changes),
    ...dependencyRisks(changes),
  ]
}

function areaRisk({ name, verdict }: Area, own: readonly CodeChange[]): Risk[] {
  const [first] = own
  if (!('level' in verdict) || first === undefined) return []
  const { level, rule, text } = verdict
  const count = own.length === 1 ? '1 file' : `${own.length} files`
  return [{ level, rule, where: at(first), text: `${count} of ${name} change${own.length === 1 ? 's' : ''}: ${text}` }]
}

/** Parts that something here does not judge, for the first line of the card. */
export function unjudgedFiles(changes: readonly CodeChange[]): Unjudged[] {
  const own = changes.filter(({ path }) => 'level' in areaOf(path).verdict)
  return [...Map.groupBy(own, ({ path }) => areaOf(path).name)].map(([area, files]) => ({ area, files: files.length }))
}

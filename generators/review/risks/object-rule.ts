// What a rule about a rendered object gets, and what most of them ask.
import { type ObjectChange, treeAt } from '../object-changes.ts'
import type { RiskLevel } from './risk.ts'

export type ObjectFinding = [level: RiskLevel, rule: string, text: string]

/** `stays`: the object’s Application is still there after the change. */
export type ObjectRule = (change: ObjectChange, stays: boolean) => ObjectFinding | undefined

/** Objects that are called like their model or their app need no name. */
export const label = ({ kind, name, app }: ObjectChange): string =>
  app.replace(/^model-/, '') === name ? `its ${kind}` : `${kind} \`${name}\``

export const isRemoved = (change: ObjectChange, kind: string): boolean =>
  change.kind === kind && change.verb === 'removed'

export const differs = ({ before, after }: ObjectChange, path: readonly string[]): boolean =>
  before !== undefined &&
  after !== undefined &&
  JSON.stringify(treeAt(before, path)) !== JSON.stringify(treeAt(after, path))

// The whole comparison of two states of the repository: pure, and the same for the same two states.
import { type Diagnostic, isError } from '../diagnostics/diagnostic.ts'
import { type Capacity, type ClusterBill, capacities, clusterBills } from './capacity.ts'
import { type Cause, type CauseInput, causesOf } from './causes.ts'
import type { FileChange } from './changes.ts'
import { type ModelRow, modelRows } from './model-rows.ts'
import { groupChanges, type ObjectGroup, objectChanges } from './object-changes.ts'
import { keyRisks } from './risks/key-risks.ts'
import { modelRisks } from './risks/model-risks.ts'
import { nodeRisks } from './risks/node-risks.ts'
import { objectRisks } from './risks/object-risks.ts'
import type { Risk, RiskLevel } from './risks/risk.ts'
import { rolloutRisks } from './risks/rollout-risks.ts'
import { limitRisks, removedModelRisks } from './risks/tenant-risks.ts'
import type { Side } from './side.ts'
import { type SourceChange, sourceChanges } from './source-changes.ts'

export interface GroupWithCauses extends ObjectGroup {
  causes: Map<string, Cause[]>
}

export interface Review {
  models: ModelRow[]
  capacity: Capacity[]
  bills: ClusterBill[]
  /** Caution first. */
  risks: Risk[]
  objects: GroupWithCauses[]
  /** Fields of hand-written files, among them those that reach no rendered object. */
  sources: SourceChange[]
  /** Errors of the change, and warnings that the base does not have. */
  diagnostics: Diagnostic[]
  /** Rendered files that are not what the sources say; somebody forgot `npm run synth`. */
  stale: string[]
}

export interface ReviewInput {
  before: Side
  after: Side
  rendered: readonly FileChange[]
  stale: readonly string[]
  code: CauseInput['code']
  renderAgain: CauseInput['renderAgain']
}

export function review({ before, after, rendered, stale, code, renderAgain }: ReviewInput): Review {
  const objects = objectChanges(rendered)
  const models = modelRows(before, after, objects)
  const sources = sourceChanges(before.repository, after.repository)
  const apps = new Set(
    after.plans.flatMap(({ cluster, models: all }) => all.map(({ name }) => `${cluster.name}/model-${name}`)),
  )
  for (const { cluster, app, verb } of objects)
    if (!app.startsWith('model-') && verb !== 'removed') apps.add(`${cluster}/${app}`)
  const known = new Set(before.diagnostics.map(({ code: name, message }) => `${name} ${message}`))
  const input: CauseInput = { after: after.repository, sources, code, renderAgain }
  // A sum without the models that synth refuses would say that something gets cheaper.
  const complete = !models.some(({ verbs }) => verbs[0] === 'invalid')
  return {
    models,
    capacity: complete ? capacities(before, after) : [],
    bills: complete ? clusterBills(before, after, [...new Set(models.map(({ cluster }) => cluster))]) : [],
    risks: sorted([
      ...removedModelRisks(models, after),
      ...modelRisks(models),
      ...objectRisks(objects, apps),
      ...nodeRisks(objects, after),
      ...rolloutRisks(models, after),
      ...limitRisks(sources),
      ...keyRisks(before, after),
    ]),
    objects: groupChanges(objects).map((group) => ({ ...group, causes: causesOf(group, input) })),
    sources,
    diagnostics: after.diagnostics.filter((one) => isError(one) || !known.has(`${one.code} ${one.message}`)),
    stale: [...stale],
  }
}

const ranks: readonly RiskLevel[] = ['caution', 'warning', 'note']

const sorted = (risks: readonly Risk[]): Risk[] =>
  [...risks].sort(
    (a, b) => ranks.indexOf(a.level) - ranks.indexOf(b.level) || (a.where < b.where ? -1 : a.where > b.where ? 1 : 0),
  )

/** Nothing that anybody would want to look at. */
export const isEmpty = ({ models, objects, sources, diagnostics, stale }: Review): boolean =>
  models.length + objects.length + sources.length + diagnostics.length + stale.length === 0

// The whole comparison of two states of the repository: pure, and the same for the same two states.
import { type Diagnostic, isError, type Position } from '../diagnostics/diagnostic.ts'
import { type Capacity, type ClusterBill, capacities, clusterBills } from './capacity.ts'
import { type Cause, type CauseInput, causesOf } from './causes.ts'
import type { FileChange } from './changes.ts'
import { type ModelRow, modelRows } from './model-rows.ts'
import { groupChanges, type ObjectGroup, objectChanges } from './object-changes.ts'
import type { ResourceChange } from './platform/resource-changes.ts'
import { fieldRisks } from './risks/field-risks.ts'
import { type CodeChange, fileRisks, type Unjudged, unjudgedFiles } from './risks/file-risks.ts'
import { gatewayRisks } from './risks/gateway-risks.ts'
import { keyRisks } from './risks/key-risks.ts'
import { modelRisks } from './risks/model-risks.ts'
import { nodeRisks } from './risks/node-risks.ts'
import { objectRisks } from './risks/object-risks.ts'
import { type PlatformComparison, platformRisks, resourceCauses } from './risks/platform-risks.ts'
import { reservationRisks } from './risks/reservation-risks.ts'
import { type Risk, riskLevels } from './risks/risk.ts'
import { rolloutRisks } from './risks/rollout-risks.ts'
import { sharedFileRisks } from './risks/shared-file-risks.ts'
import { removedModelRisks, tenantFileRisks } from './risks/tenant-risks.ts'
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
  /** What changes at AWS. */
  resources: (ResourceChange & { causes: readonly Position[] })[]
  /** Files that nothing here judges. */
  unjudged: Unjudged[]
  /** Rendered files that are not what the sources say; somebody forgot `npm run synth`. */
  stale: string[]
}

export interface ReviewInput {
  before: Side
  after: Side
  rendered: readonly FileChange[]
  stale: readonly string[]
  code: CauseInput['code']
  files: readonly CodeChange[]
  /** YYYY-MM-DD, by which the card says what ends soon. */
  date?: string
  platform?: PlatformComparison
  renderAgain: CauseInput['renderAgain']
}

export function review({
  before,
  after,
  rendered,
  stale,
  code,
  files,
  date,
  platform,
  renderAgain,
}: ReviewInput): Review {
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
      ...(date === undefined ? [] : reservationRisks(after, date)),
      ...tenantFileRisks(sources),
      ...sharedFileRisks(sources),
      ...fieldRisks(sources, before, after),
      ...gatewayRisks(before, after),
      ...keyRisks(before, after),
      ...fileRisks(files),
      ...platformRisks(platform, sources),
    ]),
    objects: groupChanges(objects).map((group) => ({ ...group, causes: causesOf(group, input) })),
    sources,
    diagnostics: after.diagnostics.filter((one) => isError(one) || !known.has(`${one.code} ${one.message}`)),
    resources: (platform?.changes ?? []).map((change) => ({
      ...change,
      causes: resourceCauses(change, platform, sources),
    })),
    unjudged: unjudgedFiles(files),
    stale: [...stale],
  }
}

const sorted = (risks: readonly Risk[]): Risk[] =>
  [...risks].sort(
    (a, b) =>
      riskLevels.indexOf(a.level) - riskLevels.indexOf(b.level) || (a.where < b.where ? -1 : a.where > b.where ? 1 : 0),
  )

/** Nothing that anybody would want to look at. */
export const isEmpty = ({ models, objects, resources, sources, risks, diagnostics, stale }: Review): boolean =>
  models.length +
    objects.length +
    resources.length +
    sources.length +
    risks.length +
    diagnostics.length +
    stale.length ===
  0

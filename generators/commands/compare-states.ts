// Brings the two states of a review together: sources of both, planned by the same planner, and the rendered files that differ.
import { type Diagnostic, isError } from '../diagnostics/diagnostic.ts'
import { sortDiagnostics } from '../diagnostics/report.ts'
import type { GitHistory } from '../load/git-history.ts'
import { loadRepository } from '../load/load-repository.ts'
import { filesToRead, otherRepository } from '../load/other-repository.ts'
import type { Repository } from '../load/repository.ts'
import { everything, type Progress, planLoaded, renderPlan } from '../pipeline.ts'
import type { FileChange } from '../review/changes.ts'
import { type Review, review } from '../review/review.ts'
import { isJudged } from '../review/risks/file-risks.ts'
import type { PlatformComparison } from '../review/risks/platform-risks.ts'
import { makeSide, type Side } from '../review/side.ts'
import { codeChanges } from './code-changes.ts'
import { migratedFiles, writeMigrated } from './migrate-files.ts'
import type { PlatformInput } from './platform-states.ts'

/** What loading reads; rendered files are compared as texts. */
const isSource = (path: string): boolean =>
  path.startsWith('apps/') ||
  path.startsWith('model-server/models/') ||
  /^clusters\/[^/]+\/(?:cluster\.yaml|infra\.json)$/.test(path)

/** What synth is made of, reads or writes. */
const reachesSynth = /^(?:apps|clusters|generators|model-server\/models)\//

const rendered = /^clusters\/[^/]+\/rendered\//

export interface States {
  /** Commits; without `head` the working tree. */
  base: string
  head: string | undefined
  /** Of today, YYYY-MM-DD; without one nothing is said of what ends soon. */
  date?: string
}

/** `platforms` declares what both sides make at AWS, which takes seconds. */
export function compareStates(
  history: GitHistory,
  root: string,
  states: States,
  progress: Progress,
  platforms?: (input: PlatformInput) => PlatformComparison | undefined,
): Review {
  const { base, head } = states
  progress('compare')
  const changed = history.changed(base, head, ['.'])
  const paths = changed.filter((path) => reachesSynth.test(path))
  const renderedPaths = paths.filter((path) => rendered.test(path))
  const textsAfter = (wanted: readonly string[]) =>
    head === undefined ? history.workingTexts(wanted) : history.texts(head, wanted)
  progress('load')
  const after = head === undefined ? sideOf(loadRepository(root, everything)) : headSide(history, head)
  const differs = filesToRead(paths.filter(isSource))
  const before = history.withFiles(base, differs, (folder) => {
    // At an upgrade the base has the form of an earlier version; a field that only moved changes nothing.
    writeMigrated(folder, migratedFiles(folder))
    return sideOf(otherRepository(after.repository, folder, differs))
  })
  progress('render')
  const stale = staleFiles(after, paths, textsAfter)
  // What counts is what Argo CD will apply once the tree is fresh; the card says that it is not.
  const compared = [...new Set([...renderedPaths, ...stale.keys()])].sort()
  const texts = new Map([...textsAfter(renderedPaths), ...stale])
  const lineOf = (path: string) => history.firstChangedLine(base, head, path)
  const files = codeChanges(changed.filter(isJudged), {
    before: (wanted) => history.texts(base, wanted),
    after: textsAfter,
    lineOf,
  })
  const platform = platforms?.({
    history,
    root,
    states,
    changed: [...files.map(({ path }) => path), ...changed.filter(isSource)],
    clusters: after.repository.clusters.map(({ name }) => name),
    lineOf,
  })
  return review({
    before,
    after,
    rendered: fileChanges(compared, history.texts(base, compared), texts),
    stale: [...stale.keys()],
    code: paths
      .filter((path) => /^generators\/.*\.(?:ts|json)$/.test(path) && !path.includes('/test/'))
      .map((path) => ({ file: path, line: history.firstChangedLine(base, head, path), column: 1 })),
    files,
    ...(states.date !== undefined && { date: states.date }),
    ...(platform && { platform }),
    renderAgain,
  })
}

const headSide = (history: GitHistory, head: string): Side =>
  history.withFiles(head, isSource, (folder) => sideOf(loadRepository(folder, everything)))

function sideOf({ repository, diagnostics }: { repository: Repository; diagnostics: Diagnostic[] }): Side {
  const planned = planLoaded(repository)
  return makeSide(repository, planned.plans, sortDiagnostics([...diagnostics, ...planned.diagnostics]))
}

const fileChanges = (
  paths: readonly string[],
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string | undefined>,
): FileChange[] =>
  paths.flatMap((path) => {
    const [old, fresh] = [before.get(path), after.get(path)]
    if (old === fresh) return []
    return [{ path, ...(old === undefined ? {} : { before: old }), ...(fresh === undefined ? {} : { after: fresh }) }]
  })

/**
 * Rendered files that are not what the sources of the change say, with what they should be (`undefined`: not there). Only models whose files differ are rendered, unless something
 * differs that every model shares.
 */
function staleFiles(
  { plans, diagnostics }: Side,
  paths: readonly string[],
  textsOf: (paths: readonly string[]) => Map<string, string>,
): Map<string, string | undefined> {
  if (diagnostics.some(isError)) return new Map()
  const models = modelsTouched(paths)
  const files = plans.flatMap((plan) => {
    const own = models === undefined ? plan.models : plan.models.filter(({ name }) => models.has(name))
    if (models !== undefined && own.length === 0) return []
    return renderPlan({ ...plan, models: own }, { models: [...(models ?? [])], clusters: [] }).files
  })
  const expected = new Map(files.map(({ path, text }) => [path, text]))
  const left = paths.filter((path) => rendered.test(path) && !expected.has(path))
  const present = textsOf([...expected.keys(), ...left])
  const wrong = [...new Set([...expected.keys(), ...left])].filter((path) => present.get(path) !== expected.get(path))
  return new Map(wrong.sort().map((path) => [path, expected.get(path)]))
}

const modelPaths = [
  /^apps\/models\/([^/]+?)(?:\.lock\.json|\.yaml)$/,
  /^clusters\/[^/]+\/rendered\/model-([^/]+)\/[^/]+$/,
  /^clusters\/[^/]+\/rendered\/argocd\/application-model-([^/]+)\.yaml$/,
]

/** Names of models; `undefined`: something differs that all share. */
function modelsTouched(paths: readonly string[]): Set<string> | undefined {
  const names = paths.map((path) => modelPaths.map((pattern) => pattern.exec(path)?.[1]).find(Boolean))
  return names.includes(undefined) ? undefined : new Set(names.filter((name) => name !== undefined))
}

/** Only that model and that cluster are looked at; the other names stay for references. */
function renderAgain(repository: Repository, model: string, cluster: string) {
  const { plans, diagnostics } = planLoaded({
    ...repository,
    models: repository.models.filter(({ name }) => name === model),
    clusters: repository.clusters.map((one) =>
      one.name === cluster ? one : { name: one.name, file: undefined, infra: undefined },
    ),
    only: { models: [model], clusters: [cluster] },
  })
  if (diagnostics.some(isError)) return []
  return plans.flatMap((plan) => renderPlan(plan, { models: [model], clusters: [] }).files)
}

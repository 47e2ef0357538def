// The order of the phases, and nothing else: load -> validate -> plan -> render -> verify -> write.
import type { Diagnostic } from './diagnostics/diagnostic.ts'
import { isError } from './diagnostics/diagnostic.ts'
import { sortDiagnostics } from './diagnostics/report.ts'
import type { ClusterPlan } from './plan/cluster-plan.ts'
import { everything, type Only, type Planned, type Progress, planLoaded, planRepository } from './plan-repository.ts'
import { referenceFiles } from './reference/reference-files.ts'
import { renderCluster } from './render/render-cluster.ts'
import { ManifestRules } from './verify/manifest-rules.ts'
import { type Comparison, compareTree } from './write/compare-tree.ts'
import { manifestPath, manifestText, type RenderedFile, renderedFolder } from './write/rendered-file.ts'
import { writeTree } from './write/write-tree.ts'

export { everything, type Only, type Planned, type Progress, planLoaded, planRepository }

/** Renders one cluster and checks every object; each folder is turned into text before the next one is built. */
export function renderPlan(plan: ClusterPlan, only: Only): { files: RenderedFile[]; diagnostics: Diagnostic[] } {
  const rules = new ManifestRules()
  const files: RenderedFile[] = []
  for (const { manifests, texts } of renderCluster(plan, { models: only.models }, manifestText)) {
    rules.check(manifests, texts)
    for (const [index, manifest] of manifests.entries()) {
      files.push({ path: manifestPath(manifest), text: texts[index] as string })
    }
  }
  if (only.models.length === 0) rules.finish()
  return { files, diagnostics: rules.diagnostics }
}

export interface Rendered {
  plans: ClusterPlan[]
  files: RenderedFile[]
  diagnostics: Diagnostic[]
}

/** Everything before the disk: from the repository to the bytes of every file. Pure but for reading the sources. */
export function renderRepository(root: string, only: Only, progress: Progress = () => {}): Rendered {
  const { plans, diagnostics } = planRepository(root, only, progress)
  if (diagnostics.some(isError)) return { plans, files: [], diagnostics: sortDiagnostics(diagnostics) }
  const files: RenderedFile[] = []
  for (const [index, plan] of plans.entries()) {
    progress('render', index, plans.length)
    const rendered = renderPlan(plan, only)
    diagnostics.push(...rendered.diagnostics)
    files.push(...rendered.files)
  }
  if (only.models.length === 0 && only.clusters.length === 0) files.push(...referenceFiles())
  return { plans, files, diagnostics: sortDiagnostics(diagnostics) }
}

export interface Synthesized extends Rendered {
  /** Absent when there was an error before the comparison. */
  comparison?: Comparison
}

/** `write: false` compares only. Nothing is written when there is an error. */
export function synthesize(root: string, only: Only, options: { write: boolean; progress?: Progress }): Synthesized {
  const { progress = () => {} } = options
  const rendered = renderRepository(root, only, progress)
  if (rendered.diagnostics.some(isError)) return rendered
  progress('compare')
  const comparison = compareTree(root, rendered.files, { folders: coveredFolders(rendered.plans, only) })
  const diagnostics = [...rendered.diagnostics, ...comparison.diagnostics]
  if (options.write && !diagnostics.some(isError)) {
    writeTree(root, comparison, (done, total) => progress('write', done, total))
  }
  return { ...rendered, diagnostics, comparison }
}

/** With `--only` a run knows nothing about other models, so it may call stale only what is in the named ones’ folders. */
const coveredFolders = (plans: readonly ClusterPlan[], only: Only): string[] =>
  plans.flatMap(({ cluster }) => {
    const folder = renderedFolder(cluster.name)
    return only.models.length === 0 ? [folder] : only.models.map((name) => `${folder}/model-${name}`)
  })

// Every rendered folder has its Application, and every Application its folder.
import type { Manifest } from '../../render/manifest.ts'
import { specOf } from './app-objects.ts'

export interface OrphanProblem {
  manifest: Manifest
  message: string
  hint: string
}

const argocdFolder = 'argocd'

export function applicationProblems(manifests: readonly Manifest[]): OrphanProblem[] {
  const folders = new Map<string, Manifest>()
  for (const manifest of manifests) if (!folders.has(manifest.app)) folders.set(manifest.app, manifest)
  const named = new Set<string>()
  const problems: OrphanProblem[] = []
  for (const manifest of manifests) {
    if (manifest.object.kind !== 'Application') continue
    const path = (specOf(manifest.object).source as { path?: string } | undefined)?.path
    // A Helm source has a chart instead of a folder.
    if (path === undefined) continue
    const folder = path.split('/').at(-1) ?? ''
    named.add(folder)
    if (path !== `clusters/${manifest.cluster}/rendered/${folder}` || !folders.has(folder)) {
      problems.push({
        manifest,
        message: `Application ${manifest.object.metadata.name} reads ${path}, which is not rendered`,
        hint: 'its path is clusters/CLUSTER/rendered/APP',
      })
    }
  }
  // The root Application, which the platform program makes, reads the folder of the Applications.
  for (const [folder, manifest] of folders) {
    if (folder === argocdFolder || named.has(folder)) continue
    problems.push({
      manifest,
      message: `the folder ${folder} has no Application, so nobody would apply it`,
      hint: 'list it in generators/render/argocd/applications.ts',
    })
  }
  return problems
}

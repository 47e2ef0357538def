// Every rendered folder has its Application, and every Application its folder.
import type { Manifest } from '../render/manifest.ts'
import { specOf } from './app-objects.ts'

interface OrphanProblem {
  source: string
  message: string
  hint: string
}

/** The root Application, which the platform program makes, reads this one. */
const argocdFolder = 'argocd'

export class FolderRules {
  readonly #folders = new Map<string, string>()
  readonly #applications: { name: string; path: string; folder: string; expected: string; source: string }[] = []

  note({ app, cluster, source, object }: Manifest): void {
    if (!this.#folders.has(app)) this.#folders.set(app, source)
    if (object.kind !== 'Application') return
    const path = (specOf(object).source as { path?: string } | undefined)?.path
    // A Helm source has a chart instead of a folder.
    if (path === undefined) return
    const folder = path.split('/').at(-1) ?? ''
    this.#applications.push({
      name: object.metadata.name,
      path,
      folder,
      expected: `clusters/${cluster}/rendered/${folder}`,
      source,
    })
  }

  problems(): OrphanProblem[] {
    const named = new Set(this.#applications.map(({ folder }) => folder))
    const lost = this.#applications
      .filter(({ path, folder, expected }) => path !== expected || !this.#folders.has(folder))
      .map(({ name, path, source }) => ({
        source,
        message: `Application ${name} reads ${path}, which is not rendered`,
        hint: 'its path is clusters/CLUSTER/rendered/APP',
      }))
    const orphans = [...this.#folders]
      .filter(([folder]) => folder !== argocdFolder && !named.has(folder))
      .map(([folder, source]) => ({
        source,
        message: `the folder ${folder} has no Application, so nobody would apply it`,
        hint: 'list it in generators/render/render-cluster.ts',
      }))
    return [...lost, ...orphans]
  }
}

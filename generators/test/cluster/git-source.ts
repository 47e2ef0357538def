// The repository that Argo CD reads: a copy of the sample tree, with `gitops` turned on, pushed to a bare repository. From then on
// only commits change the cluster.
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parse, stringify } from 'yaml'
import { sampleRoot } from '../../../test/sample-tree.ts'
import { everything, planRepository, synthesize } from '../../pipeline.ts'
import type { ClusterPlan } from '../../plan/cluster-plan.ts'
import { repositoryRoot } from '../fixture.ts'
import { clusterGitUrl } from './control-plane.ts'

const author = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', '-c', 'commit.gpgsign=false']

interface Application {
  metadata: { name: string }
  spec: {
    source: {
      chart?: string
      repoURL: string
      targetRevision: string
      path?: string
      helm?: { valuesObject?: Record<string, unknown> }
    }
  }
}

export class GitSource {
  readonly cluster: string
  readonly folder = mkdtempSync(join(tmpdir(), 'slipway-git-'))
  readonly #tree = join(this.folder, 'tree')
  readonly bare = join(this.folder, 'bare.git')
  /** Add-ons whose chart is replaced by a folder of this repository. */
  readonly mirrored = new Set<string>()

  constructor(cluster: string) {
    this.cluster = cluster
    for (const path of ['apps', 'clusters', 'model-server/models'])
      cpSync(join(sampleRoot, path), join(this.#tree, path), { recursive: true })
    this.edit(`clusters/${cluster}/cluster.yaml`, 'enabled: false', 'enabled: true')
    this.setSyncWindows('')
    execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', this.bare])
    this.#git('init', '--quiet', '--initial-branch=main')
    this.#git('remote', 'add', 'origin', this.bare)
    this.commit('base')
  }

  get plan(): ClusterPlan {
    const plan = planRepository(this.#tree, everything).plans.find(({ cluster }) => cluster.name === this.cluster)
    if (plan === undefined) throw new Error(`no plan of ${this.cluster}`)
    return plan
  }

  read(path: string): string {
    return readFileSync(join(this.#tree, path), 'utf8')
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.#tree, path)), { recursive: true })
    writeFileSync(join(this.#tree, path), text)
  }

  /** Version and values of an add-on’s chart in its rendered Application. */
  chart(addon: string): { version: string; values: Record<string, unknown> } {
    const path = `clusters/${this.cluster}/rendered/argocd/application-${addon}.yaml`
    const { spec } = parse(readFileSync(join(repositoryRoot, path), 'utf8')) as Application
    return { version: spec.source.targetRevision, values: spec.source.helm?.valuesObject ?? {} }
  }

  /** Names of the rendered objects of a kind in a folder. */
  #names(folder: string, kind: string): string[] {
    const prefix = `${kind}-`
    return readdirSync(join(this.#tree, `clusters/${this.cluster}/rendered/${folder}`))
      .filter((file) => file.startsWith(prefix))
      .map((file) => file.slice(prefix.length, -'.yaml'.length))
  }

  applicationNames(): string[] {
    return this.#names('argocd', 'application')
  }

  namespaceNames(): string[] {
    return this.#names('namespaces', 'namespace')
  }

  edit(path: string, from: string | RegExp, to: string): void {
    const text = this.read(path)
    if (text.replace(from, to) === text) throw new Error(`${path} has no ${from}`)
    this.write(path, text.replace(from, to))
  }

  /** The cluster’s own windows would make the suite fail on some days of the week: it has only those that a case sets. */
  setSyncWindows(list: string): void {
    const path = `clusters/${this.cluster}/cluster.yaml`
    const without = this.read(path).replace(/^syncWindows:\n(?: .*\n)*/m, '')
    this.write(path, list === '' ? without : `${without}syncWindows:\n  - ${list}\n`)
  }

  remove(path: string): void {
    rmSync(join(this.#tree, path), { recursive: true })
  }

  /** Renders, commits and pushes; the commit. `render: false` commits what a person broke. */
  commit(message: string, { render = true } = {}): string {
    if (render) this.#render()
    this.#git('add', '--all')
    this.#git('commit', '--quiet', '--allow-empty', '--message', message)
    this.#git('push', '--quiet', '--force', 'origin', 'HEAD:main')
    return this.#git('rev-parse', 'HEAD').trim()
  }

  get head(): string {
    return this.#git('rev-parse', 'HEAD').trim()
  }

  /** The commit before becomes the newest content again, as `git revert` does it. */
  revert(): string {
    this.#git('revert', '--no-edit', 'HEAD')
    this.#git('push', '--quiet', 'origin', 'HEAD:main')
    return this.#git('rev-parse', 'HEAD').trim()
  }

  drop(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }

  #render(): void {
    const { diagnostics } = synthesize(this.#tree, everything, { write: true })
    const errors = diagnostics.filter(({ level }) => level === 'error')
    if (errors.length > 0) throw new Error(JSON.stringify(errors, undefined, 2))
    this.#mirrorCharts()
    if (clusterGitUrl !== undefined) this.#redirect(clusterGitUrl)
  }

  /** For a cluster that cannot be asked to take another repository for the real one. */
  #redirect(url: string): void {
    const folder = `clusters/${this.cluster}/rendered/argocd`
    for (const name of readdirSync(join(this.#tree, folder)))
      this.write(`${folder}/${name}`, this.read(`${folder}/${name}`).replaceAll(this.plan.cluster.gitops.repoUrl, url))
  }

  /** Chart repositories are not reachable; a folder with a note replaces each chart. Their definitions are in the cluster. */
  #mirrorCharts(): void {
    const folder = `clusters/${this.cluster}/rendered/argocd`
    for (const name of readdirSync(join(this.#tree, folder)).filter((file) => file.startsWith('application-'))) {
      const object = parse(this.read(`${folder}/${name}`)) as Application
      const { source } = object.spec
      if (source.chart === undefined) continue
      const path = `mirror/${object.metadata.name}`
      const note = { version: source.targetRevision, chart: source.chart, note: 'replaces the chart' }
      const config = {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: `chart-${object.metadata.name}` },
        data: note,
      }
      this.write(`${path}/configmap.yaml`, stringify(config))
      object.spec.source = { repoURL: this.plan.cluster.gitops.repoUrl, targetRevision: 'main', path }
      this.write(`${folder}/${name}`, stringify(object))
      this.mirrored.add(object.metadata.name)
    }
  }

  #git(...args: string[]): string {
    return execFileSync('git', ['-C', this.#tree, ...author, ...args], { encoding: 'utf8', stdio: 'pipe' })
  }
}

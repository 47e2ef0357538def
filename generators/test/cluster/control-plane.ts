// The cluster that the suite runs against: the one that KUBECONFIG names (with Argo CD in namespace argocd), or one that is started
// by the programs `up` and `down` in the folder SLIPWAY_CONTROL_PLANE.
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { labels, modelComponent, namespaces } from '../../schema/contract.ts'

export interface Answer {
  status: number
  out: string
  log: string
}

export interface Start {
  nodesFile: string
  /** URL of the manifests → bare repository on this machine. */
  repository: { url: string; path: string }
  /** Tag keys that the Load Balancer Controller must leave alone. */
  externalTags: string
}

/** Where a cluster that was not started here clones from; a control plane of ours answers for the real URL. */
export const clusterGitUrl = process.env.SLIPWAY_CONTROL_PLANE === undefined ? process.env.CLUSTER_GIT_URL : undefined

/** Why there is no cluster to test; undefined when there is one. */
export function noCluster(): string | undefined {
  if (process.env.SLIPWAY_CONTROL_PLANE !== undefined) return undefined
  if (process.env.KUBECONFIG === undefined) return 'neither SLIPWAY_CONTROL_PLANE nor KUBECONFIG is set'
  return clusterGitUrl === undefined ? 'KUBECONFIG is set, but not CLUSTER_GIT_URL' : undefined
}

/** The model whose pods get no status of the simulated nodes, because a case runs their programs. */
export const runForReal = 'sleeper'

const prefix = 'slipway-control-plane-'
const ownerFile = 'owner'

/** A run that was killed could not stop what it had started; the next one does. */
function endKilledRuns(programs: string): void {
  for (const name of readdirSync(tmpdir()).filter((one) => one.startsWith(prefix))) {
    const folder = join(tmpdir(), name)
    const owner = join(folder, ownerFile)
    if (!existsSync(owner) || isAlive(Number(readFileSync(owner, 'utf8')))) continue
    execFileSync(join(programs, 'down'), ['--dir', folder, '--purge'], { stdio: 'pipe', timeout: 60_000 })
    rmSync(folder, { recursive: true, force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

export class ControlPlane {
  readonly #programs = process.env.SLIPWAY_CONTROL_PLANE
  readonly folder = mkdtempSync(join(tmpdir(), prefix))
  environment: NodeJS.ProcessEnv = process.env
  #git: ChildProcess | undefined
  #balancerController: boolean | undefined

  /** `true`: started here, with simulated nodes and AWS. */
  get own(): boolean {
    return this.#programs !== undefined
  }

  up({ nodesFile, repository, externalTags }: Start): void {
    if (this.#programs === undefined) {
      execFileSync('kubectl', ['apply', '--server-side', '-f', nodesFile], { stdio: 'pipe', timeout: 60_000 })
      this.#serveGit(repository.path)
      return
    }
    endKilledRuns(this.#programs)
    writeFileSync(join(this.folder, ownerFile), String(process.pid))
    const options = ['--dir', this.folder, '--with', 'argocd,lbc,crds', '--nodes', nodesFile]
    options.push('--stages', this.#stagesOfOthers(this.#programs))
    execFileSync(join(this.#programs, 'up'), [...options, '--repo', `${repository.url}=${repository.path}`], {
      stdio: 'pipe',
      timeout: 300_000,
      env: { ...process.env, CP_EXTERNAL_TAGS: externalTags },
    })
    const variables = execFileSync('bash', ['-c', '. "$1"/env && env -0', 'bash', this.folder], { encoding: 'utf8' })
    this.environment = Object.fromEntries(
      variables
        .split('\0')
        .filter(Boolean)
        .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    )
  }

  /** Pods of Jobs would end well at once, and all others be Ready at once: the suite runs what some of them run (job-pods.ts, model-pods.ts). */
  #stagesOfOthers(programs: string): string {
    const stages = readFileSync(join(programs, 'manifests/kwok-stages.yaml'), 'utf8').split(/^---$/m)
    const of = (name: string) => (stage: string) => new RegExp(`^ {2}name: ${name}$`, 'm').test(stage)
    const model = `.metadata.labels | select(.["${labels.component}"] == "${modelComponent}") | .["${labels.name}"]`
    const other = `- key: '${model}'\n      operator: 'NotIn'\n      values: [${runForReal}]\n    `
    const without = (stage: string) => stage.replace('matchExpressions:\n    ', `matchExpressions:\n    ${other}`)
    const rest = stages.filter((stage) => !of('pod-complete')(stage))
    const file = join(this.folder, 'stages.yaml')
    writeFileSync(file, rest.map((stage) => (of('pod-ready')(stage) ? without(stage) : stage)).join('---'))
    return file
  }

  /** Argo CD in that cluster clones CLUSTER_GIT_URL, git://ADDRESS:PORT/bare.git, which leads to this machine. */
  #serveGit(path: string): void {
    const { port } = new URL((clusterGitUrl ?? '').replace(/^git:/, 'http:'))
    const options = [`--base-path=${dirname(path)}`, `--port=${port}`, '--reuseaddr', '--export-all']
    this.#git = spawn('git', ['daemon', ...options, dirname(path)], { stdio: 'ignore' })
    process.once('exit', () => this.#git?.kill())
  }

  down(): void {
    // Git passes SIGTERM on to the daemon that it starts; killed, it would leave the daemon on its port.
    this.#git?.kill()
    if (this.#programs !== undefined)
      execFileSync(join(this.#programs, 'down'), ['--dir', this.folder, '--purge'], { stdio: 'pipe', timeout: 60_000 })
    rmSync(this.folder, { recursive: true, force: true })
  }

  run(program: string, args: readonly string[], input?: string): Promise<Answer> {
    return new Promise((resolve) => {
      const child = execFile(program, args, { env: this.environment, maxBuffer: 1 << 27 }, (error, out, log) =>
        resolve({ status: error === null ? 0 : Number(error.code ?? 1), out, log }),
      )
      child.stdin?.end(input)
    })
  }

  kubectl(...args: string[]): Promise<Answer> {
    return this.run('kubectl', args)
  }

  /** Known by its webhook, wherever its process runs. Asked once: nothing in the suite installs one or takes it away. */
  async hasBalancerController(): Promise<boolean> {
    if (this.#balancerController === undefined) {
      const webhooks = await this.list<{ metadata: { name: string } }>('mutatingwebhookconfigurations')
      this.#balancerController = webhooks.some(({ metadata }) => metadata.name.startsWith('aws-load-balancer'))
    }
    return this.#balancerController
  }

  /** As the kubelet of its node would; a pod that is gone needs none. */
  async writePodStatus(name: string, status: object): Promise<void> {
    const how = ['--subresource=status', '--type=strategic', '--patch', JSON.stringify({ status })]
    const { status: code, log } = await this.kubectl('patch', 'pod', name, '--namespace', namespaces.models, ...how)
    if (code !== 0 && !/NotFound/.test(log)) throw new Error(log)
  }

  /** Every event of a collection from now on, beginning with what is there; nothing that happens in between is missed. */
  watch<Item>(path: string): { events: { type: string; object: Item }[]; stop(): void } {
    const events: { type: string; object: Item }[] = []
    const child = spawn('kubectl', ['get', '--raw', `${path}${path.includes('?') ? '&' : '?'}watch=1`], {
      env: this.environment,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    createInterface({ input: child.stdout }).on('line', (line) => events.push(JSON.parse(line)))
    return { events, stop: () => void child.kill('SIGKILL') }
  }

  /** Throws what the API server said. */
  async apply(objects: object | readonly object[], ...options: string[]): Promise<string> {
    const items = Array.isArray(objects) ? objects : [objects]
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items })
    const words = ['apply', '--server-side', '--force-conflicts', '--validate=strict', ...options, '-f', '-']
    const { status, out, log } = await this.run('kubectl', words, list)
    if (status !== 0) throw new Error(log)
    return out
  }

  async get<Item>(...args: string[]): Promise<Item> {
    const { status, out, log } = await this.kubectl('get', ...args, '-o', 'json')
    if (status !== 0) throw new Error(log)
    return JSON.parse(out) as Item
  }

  async list<Item>(...args: string[]): Promise<Item[]> {
    return (await this.get<{ items: Item[] }>(...args)).items
  }
}

/** Asks until the answer is right; the error holds the last one. */
export async function until(what: string, seconds: number, ask: () => Promise<true | string>): Promise<void> {
  const end = performance.now() + seconds * 1000
  for (;;) {
    const answer = await ask().catch((error: unknown) => String(error))
    if (answer === true) return
    if (performance.now() > end) throw new Error(`${what} did not come in ${seconds} s; last: ${answer}`)
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}

// The real Pulumi engine over the program of one cluster. The program runs in this process: the Automation API needs no language host.
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import * as pulumi from '@pulumi/pulumi'
import * as automation from '@pulumi/pulumi/automation/index.js'
import type { Cluster } from '../../../generators/schema/cluster.ts'
import { buildPlatform } from '../../build-platform.ts'
import { readCanarySecret, readOriginSecret } from '../../stack-settings.ts'
import { canaryClientSecret, tenants } from '../graphs.ts'
import type { Cloud } from './cloud.ts'
import { endChildren, endOrphans } from './end-processes.ts'
import type { Material } from './material.ts'
import { renameForOlderProvider } from './older-provider.ts'

/** What the engine did, or would do, to one resource. */
export interface Step {
  action: string
  /** Type without module and class, and name: `wafv2/webAcl dev-web-acl`. */
  address: string
  /** Inputs that differ; those that force a replacement among them. */
  fields: string[]
}

export interface Run {
  steps: Step[]
  /** How many of each action. */
  counts: Record<string, number>
  /** The engine’s own sum at the end; of a refresh, what it found. */
  results: Record<string, number>
  seconds: number
  /** Why it failed, or undefined. */
  failure: string | undefined
}

export interface Settings {
  cluster: Cluster
  originSecret: string
  originSecretPrevious?: string
}

export type Verb = 'preview' | 'up' | 'refresh' | 'destroy' | 'previewDestroy'

export class Engine {
  readonly folder = mkdtempSync(join(tmpdir(), 'slipway-engine-'))
  readonly state = join(this.folder, 'state')
  /** In the environment of all that the engine starts. */
  readonly #mark = `SLIPWAY_ENGINE=${this.folder}`
  /** Everything that the engine and the program printed. */
  printed = ''
  settings: Settings
  /** Types of AWS that the engine saw. */
  readonly types = new Set<string>()
  #kubernetes: ChildProcess | undefined
  #stack: automation.Stack | undefined

  constructor(settings: Settings) {
    this.settings = settings
  }

  async start(cloud: Cloud, { pulumiHome }: Material): Promise<void> {
    mkdirSync(this.state)
    const port = await this.#startKubernetes()
    const { cluster } = this.settings
    const program = async (): Promise<Record<string, unknown>> => {
      const { cluster } = this.settings
      if (pulumiHome !== undefined) renameForOlderProvider(cluster)
      const config = new pulumi.Config()
      const originSecret = readOriginSecret(config, { name: cluster.name, isApplied: false })
      return {
        ...buildPlatform({ cluster, tenants, originSecret, canaryClientSecret: readCanarySecret(config, cluster) }),
      }
    }
    this.#stack = await automation.LocalWorkspace.createOrSelectStack(
      { stackName: cluster.name, projectName: 'slipway', program },
      {
        pulumiCommand: await automation.PulumiCommand.get(pulumiHome === undefined ? {} : { root: pulumiHome }),
        ...(pulumiHome === undefined ? {} : { pulumiHome }),
        envVars: {
          ...cloud.environment(cluster.region),
          SLIPWAY_ENGINE: this.folder,
          PULUMI_BACKEND_URL: `file://${this.state}`,
          PULUMI_CONFIG_PASSPHRASE: 'of a test',
          PULUMI_SKIP_UPDATE_CHECK: 'true',
          PULUMI_DEBUG_PROVIDERS: `kubernetes:${port}`,
        },
      },
    )
  }

  get stack(): automation.Stack {
    if (this.#stack === undefined) throw new Error('the engine was not started')
    return this.#stack
  }

  async run(verb: Verb, onStep?: (step: Step) => void): Promise<Run> {
    await this.#configure()
    const steps: Step[] = []
    const results: Record<string, number> = {}
    const onEvent = (event: automation.EngineEvent): void => {
      this.printed += `${JSON.stringify(event)}\n`
      Object.assign(results, event.summaryEvent?.resourceChanges)
      const metadata = event.resourcePreEvent?.metadata
      if (metadata === undefined) return
      if (metadata.type.startsWith('aws:')) this.types.add(metadata.type)
      const step = stepOf(metadata)
      steps.push(step)
      onStep?.(step)
    }
    const options = { onEvent, onOutput: this.#print, onError: this.#print }
    const started = performance.now()
    let failure: string | undefined
    try {
      await this.stack[verb](options)
    } catch (error) {
      failure = String(error)
      this.printed += failure
    }
    const seconds = (performance.now() - started) / 1000
    endOrphans(this.#mark)
    const counts = Object.fromEntries(
      [...Map.groupBy(steps, ({ action }) => action)].map(([key, all]) => [key, all.length]),
    )
    return { steps, counts, results, seconds, failure }
  }

  /** Ends the CLI: a person, a machine that shuts down, one that fails. Linux only. */
  end(signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL'): void {
    endChildren(this.#mark, process.pid, signal)
  }

  /** Names of what was being made when the CLI ended, as the state has it. */
  async pending(): Promise<string[]> {
    const { deployment } = await this.stack.exportStack()
    const { pending_operations: operations = [] } = deployment as {
      pending_operations?: { resource: { urn: string } }[]
    }
    return operations.map(({ resource }) => nameOf(resource.urn))
  }

  /** How many resources the state has. */
  async resources(): Promise<number> {
    const { deployment } = await this.stack.exportStack()
    return (deployment as { resources?: unknown[] }).resources?.length ?? 0
  }

  async outputs(): Promise<Record<string, string>> {
    const outputs = await this.stack.outputs()
    return Object.fromEntries(Object.entries(outputs).map(([key, { value }]) => [key, String(value)]))
  }

  /** Runs a command of the CLI on the stack, as a person would. */
  async command(...args: string[]): Promise<string> {
    const { pulumiCommand, pulumiHome, workDir, envVars } = this.stack.workspace
    const { stdout, stderr } = await promisify(execFile)(
      pulumiCommand.command,
      [...args, '--stack', this.stack.name, '--non-interactive'],
      { cwd: workDir, env: { ...process.env, ...envVars, ...(pulumiHome && { PULUMI_HOME: pulumiHome }) } },
    )
    this.printed += stdout + stderr
    return stdout
  }

  /** The text of every file that the engine keeps: state, its backups and history, settings of the stack. */
  kept(): string {
    return [this.state, this.stack.workspace.workDir]
      .flatMap((folder) => readdirSync(folder, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'))
      .join('\n')
  }

  async stop(): Promise<void> {
    const child = this.#kubernetes
    if (child !== undefined && child.exitCode === null) {
      child.kill()
      await once(child, 'exit')
    }
    rmSync(this.folder, { recursive: true, force: true })
  }

  readonly #print = (text: string): void => {
    this.printed += text
  }

  async #configure(): Promise<void> {
    const { cluster, originSecret, originSecretPrevious } = this.settings
    if (cluster.monitoring.canary !== undefined)
      await this.stack.setConfig('canaryClientSecret', { value: canaryClientSecret, secret: true })
    await this.stack.setConfig('originSecret', { value: originSecret, secret: true })
    if (originSecretPrevious === undefined) await this.stack.removeConfig('originSecretPrevious')
    else await this.stack.setConfig('originSecretPrevious', { value: originSecretPrevious, secret: true })
  }

  async #startKubernetes(): Promise<string> {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'kubernetes-stand-in.ts')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.#kubernetes = child
    const [port] = (await once(createInterface(child.stdout), 'line')) as [string]
    return port
  }
}

/** `dev-x` of the URN of a resource. */
const nameOf = (urn: string): string => urn.split('::').at(-1) ?? urn

function stepOf({ op, urn, type, diffs, detailedDiff }: automation.StepEventMetadata): Step {
  const detailed = Object.entries(detailedDiff ?? {}).map(([path, { diffKind }]) =>
    diffKind.endsWith('-replace') ? `${path} (replaces)` : path,
  )
  const place = type.split(':')[1]?.includes('/') ? (type.split(':')[1] ?? type) : type
  return {
    action: op,
    address: `${place} ${nameOf(urn)}`,
    fields: (detailed.length > 0 ? detailed : (diffs ?? [])).toSorted(),
  }
}

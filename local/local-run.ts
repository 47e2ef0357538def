// A run on this machine: issuer, directory file, model servers and gateway, from the first process to the last.
import { join } from 'node:path'
import { Failure } from '../generators/diagnostics/failure.ts'
import type { MachinePlan } from '../generators/plan/plan-machine.ts'
import { readable } from './child-log.ts'
import type { Choice } from './choose-models.ts'
import { type DirectoryModel, writeDirectory } from './directory-file.ts'
import { gatewayEnvironment, gatewayProgram, waitForModels } from './gateway.ts'
import type { DevelopmentIssuer } from './issuer.ts'
import { ModelServer } from './model-server.ts'
import { Supervised, type Watcher } from './supervised.ts'
import type { Log } from './terminal.ts'

/** Open answers may go on for this long after Ctrl-C. */
const drainSeconds = 3
/** Then whatever is still there is killed. */
const patienceMs = 6000

export interface RunSettings {
  machine: MachinePlan
  choices: readonly Choice[]
  issuer: DevelopmentIssuer
  /** Of the chosen tenant. */
  token: string
  tenant: { models?: readonly string[] }
  stateFolder: string
  ports: { gateway: number; admin: number }
  log: Log
  verbose: boolean
  terminal: boolean
  env: NodeJS.ProcessEnv
}

/** A child that never came up; its standard error says why. */
export class ChildFailure extends Error {
  /** 1: something of the user's. */
  readonly code: 1 | 2
  constructor(name: string, code: number | null, signal: string | null) {
    super(`${name} did not start: it ended with ${signal ?? `exit code ${code}`}`)
    this.code = code === 1 ? 1 : 2
  }
}

export class LocalRun {
  readonly servers: readonly ModelServer[]
  readonly #settings: RunSettings
  readonly #gateway: Supervised
  #up = false
  #fail: (error: Error) => void = () => {}

  constructor(settings: RunSettings) {
    this.#settings = settings
    const { choices, env, terminal } = settings
    this.servers = choices.map(
      (choice) =>
        new ModelServer(choice, { env, drainSeconds, terminal }, this.#watcher(choice.name), () => this.#publish()),
    )
    this.#gateway = new Supervised(
      { name: 'gateway', args: [gatewayProgram], env: gatewayEnvironment({ ...settings, drainSeconds }) },
      this.#watcher('gateway'),
    )
  }

  get url(): string {
    return `http://127.0.0.1:${this.#settings.ports.gateway}`
  }

  get directoryFile(): string {
    return join(this.#settings.stateFolder, 'directory.json')
  }

  /** Resolves when a client of the gateway is offered every chosen model. @throws ChildFailure, Failure */
  async start(): Promise<void> {
    this.#publish()
    const failed = new Promise<never>((_, reject) => {
      this.#fail = reject
    })
    for (const server of this.servers) server.process.start()
    this.#gateway.start()
    const { token, ports, tenant } = this.#settings
    const names = this.servers.map(({ choice }) => choice.name).filter((name) => tenant.models?.includes(name) ?? true)
    await Promise.race([failed, waitForModels(this.url, `http://127.0.0.1:${ports.admin}`, token, names)])
    this.#up = true
  }

  async stop(): Promise<void> {
    const gone = Promise.all(this.#children.map((child) => child.stop()))
    const late = setTimeout(() => this.kill(), patienceMs)
    await gone
    clearTimeout(late)
  }

  kill(): void {
    for (const child of this.#children) child.kill()
  }

  get #children(): Supervised[] {
    return [...this.servers.map((server) => server.process), this.#gateway]
  }

  #watcher(name: string): Watcher {
    const { log, verbose } = this.#settings
    return {
      line: (text, isError) => {
        const shown = readable(text, verbose || isError)
        if (shown !== undefined) log.from(name, shown)
      },
      ended: ({ code, signal }, seconds) => {
        if (!this.#up) return this.#fail(new ChildFailure(name, code, signal))
        log.from(name, `ended with ${signal ?? `exit code ${code}`}; starts again in ${seconds} s`)
      },
    }
  }

  /** Called with every change, so that the gateway and the console know as much as we do. */
  #publish(): void {
    const { machine } = this.#settings
    const served = new Map(this.servers.map((server) => [server.choice.name, server.entry]))
    const planned = machine.models.map(
      ({ name, annotations, reason }): DirectoryModel =>
        served.get(name) ?? { annotations, endpoints: [], unavailable: { reason } },
    )
    const directories = this.servers.filter(({ choice }) => choice.planned === undefined)
    const models = [...planned, ...directories.flatMap(({ entry }) => entry ?? [])]
    const tenants = machine.tenants.map(({ json }): unknown => JSON.parse(json))
    try {
      writeDirectory(this.directoryFile, { models, tenants })
    } catch (error) {
      throw new Failure(`cannot write ${this.directoryFile}`, { cause: error })
    }
  }
}

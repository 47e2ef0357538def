// The server of one model: its process, where it listens, and what the gateway reads about it.
import { join } from 'node:path'
import { directoryAnnotations } from '../generators/plan/plan-machine.ts'
import { parseLine } from './child-log.ts'
import type { Choice } from './choose-models.ts'
import type { DirectoryModel } from './directory-file.ts'
import { Supervised, type Watcher } from './supervised.ts'

export type State = 'starting' | 'ready' | 'restarting'

/** What the program reports of a model that it has loaded. */
interface Loaded {
  kind: keyof typeof tasks
  maxModelLen: number
  /** It is there to show that things work. */
  demo: boolean
}

export interface ServerOptions {
  env: NodeJS.ProcessEnv
  drainSeconds: number
  terminal: boolean
}

const tasks = { generate: 'text-generation', embed: 'feature-extraction', classify: 'text-classification' } as const

const program = join(import.meta.dirname, '../model-server/server.ts')

export class ModelServer {
  readonly choice: Choice
  readonly process: Supervised
  state: State = 'starting'
  #port: number | undefined
  #loaded: Loaded | undefined

  /** @param changed called when the directory has something new to say */
  constructor(choice: Choice, { env, drainSeconds, terminal }: ServerOptions, watcher: Watcher, changed: () => void) {
    this.choice = choice
    const args = [
      program,
      ...choice.from,
      `--served-model-name=${choice.name}`,
      '--host=127.0.0.1',
      '--port=0',
      `--shutdown-timeout=${drainSeconds}`,
    ]
    this.process = new Supervised(
      { name: choice.name, args, env, inheritsStderr: choice.fetches && terminal },
      {
        line: (text, isError) => {
          if (!isError && this.#note(text)) changed()
          watcher.line(text, isError)
        },
        ended: (how, seconds) => {
          this.#port = undefined
          this.state = 'restarting'
          changed()
          watcher.ended(how, seconds)
        },
      },
    )
  }

  /** Whether it is another state. */
  #note(text: string): boolean {
    const facts = parseLine(text)
    if (facts?.event === 'loaded') this.#loaded = facts as unknown as Loaded
    if (facts?.event !== 'listening') return false
    this.#port = Number(facts.port)
    this.state = 'ready'
    return true
  }

  get isDemo(): boolean {
    return this.#loaded?.demo === true
  }

  /** Undefined: nothing is known of it yet. */
  get entry(): DirectoryModel | undefined {
    const { name, planned } = this.choice
    const loaded = this.#loaded
    const annotations =
      planned?.annotations ?? (loaded && directoryAnnotations(name, tasks[loaded.kind], loaded.maxModelLen))
    if (annotations === undefined) return undefined
    const endpoints = this.#port === undefined ? [] : [{ address: '127.0.0.1', port: this.#port, ready: true }]
    return { annotations, endpoints }
  }
}

// `npm start` as a process of its own, on a copy of the sample tree, and what tests want to know of it and its children.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { copyRepository, repositoryRoot } from '../../generators/test/fixture.ts'
import { sampleRoot } from '../../test/sample-tree.ts'

export const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, milliseconds))

export async function until(isSo: () => unknown, what: string, seconds = 10): Promise<void> {
  for (const end = performance.now() + seconds * 1000; !(await isSo()); await pause(20))
    if (performance.now() > end) throw new Error(`never: ${what}`)
}

/** The sample tree in a temporary folder; the caller removes it. */
export const copyOfRepository = (): string => copyRepository(sampleRoot)

export function write(root: string, path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), text)
}

export interface ReadyLine {
  version: number
  ok: boolean
  diagnostics: unknown[]
  summary: { models: number; ready: number; seconds: number }
  result: {
    url: string
    token: string
    console: string
    models: {
      name: string
      state: string
      demo?: boolean
      reason?: string
      places: { cluster: string; usdPerHour: number }[]
    }[]
  }
}

/** Whatever connects to another machine or asks a name server ends with an error. */
const noNetwork = `--import=${new URL('no-network.mjs', import.meta.url).href}`

export class LocalProcess {
  readonly child: ChildProcess
  readonly ended: Promise<number | null>
  out = ''
  log = ''

  constructor(root: string, args: readonly string[] = [], env: Record<string, string> = {}) {
    this.child = spawn(process.execPath, [join(repositoryRoot, 'local/npm-start.mjs'), '--root', root, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, GITHUB_ACTIONS: '', NODE_OPTIONS: noNetwork, ...env },
    })
    // A test that fails must not leave a run behind: its children end with it.
    process.once('exit', () => this.child.kill('SIGKILL'))
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.out += text
    })
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.log += text
    })
    this.ended = once(this.child, 'close').then(([code]) => code as number | null)
  }

  /** The line of --json. */
  async ready(): Promise<ReadyLine> {
    await this.prints(/\n/)
    return JSON.parse(this.out) as ReadyLine
  }

  /** Waits for text on standard output. */
  async prints(text: RegExp): Promise<void> {
    let code: number | null | undefined
    void this.ended.then((ended) => {
      code = ended
    })
    await until(() => text.test(this.out) || code !== undefined, `${text}: ${this.log}`, 25)
    if (!text.test(this.out)) throw new Error(`it ended with ${code}: ${this.log}`)
  }

  async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<number | null> {
    this.child.kill(signal)
    return this.ended
  }
}

interface Child {
  pid: number
  command: string
}

/** Linux alone: it reads /proc. */
export const hasProc = existsSync('/proc/self/cmdline')

/** Children of a process, as `model-server/server.ts` and `gateway/server.ts` are in their command lines. */
export function childrenOf(pid: number | undefined): Child[] {
  return readdirSync('/proc')
    .map(Number)
    .filter((one) => one > 0)
    .flatMap((one): Child[] => {
      try {
        const stat = readFileSync(`/proc/${one}/stat`, 'utf8')
        const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
        return parent === pid ? [{ pid: one, command: readFileSync(`/proc/${one}/cmdline`, 'utf8') }] : []
      } catch {
        return []
      }
    })
}

export function isAlive({ pid }: Pick<Child, 'pid'>): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

// One child process that is kept alive: started, reported, started again with a growing pause, asked to end, killed.
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'

export interface Program {
  name: string
  /** Arguments of Node: the program's file and its own. */
  args: readonly string[]
  env: NodeJS.ProcessEnv
  /** Its standard error goes straight to ours: a progress bar wants a terminal. */
  inheritsStderr?: boolean
}

export interface Watcher {
  /** A line of its standard output or, with `isError`, of its standard error. */
  line(text: string, isError: boolean): void
  /** It ended without being asked; it starts again after this many seconds, unless stop() is called. */
  ended(how: { code: number | null; signal: NodeJS.Signals | null }, seconds: number): void
}

const firstPauseSeconds = 0.5
const longestPauseSeconds = 30
/** A program that ran for this long is healthy: the next pause is a short one again. */
const healthySeconds = 30

const endWithParent = new URL('end-with-parent.mjs', import.meta.url).href

export class Supervised {
  readonly program: Program
  readonly #watcher: Watcher
  #child: ChildProcess | undefined
  #timer: NodeJS.Timeout | undefined
  #pause = firstPauseSeconds
  #stopping = false
  #gone = Promise.resolve()

  constructor(program: Program, watcher: Watcher) {
    this.program = program
    this.#watcher = watcher
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  start(): void {
    const { args, env, inheritsStderr } = this.program
    const startedAt = performance.now()
    // A process group of its own: Ctrl-C in the terminal reaches us alone, and we ask each child once.
    const child = spawn(process.execPath, ['--import', endWithParent, ...args], {
      env,
      stdio: ['pipe', 'pipe', inheritsStderr ? 'inherit' : 'pipe'],
      detached: process.platform !== 'win32',
    })
    this.#child = child
    // The pipe breaks when the child is killed; nothing is ever written to it.
    child.stdin?.on('error', () => {})
    if (child.stdout) createInterface(child.stdout).on('line', (text) => this.#watcher.line(text, false))
    if (child.stderr) createInterface(child.stderr).on('line', (text) => this.#watcher.line(text, true))
    this.#gone = new Promise((resolve) => {
      let ended = false
      const onEnd = (code: number | null, signal: NodeJS.Signals | null): void => {
        // A program that cannot be started brings both events.
        if (ended) return
        ended = true
        resolve()
        if (!this.#stopping) this.#again({ code, signal }, (performance.now() - startedAt) / 1000)
      }
      child.once('close', onEnd)
      child.once('error', () => onEnd(null, null))
    })
  }

  #again(how: { code: number | null; signal: NodeJS.Signals | null }, ranSeconds: number): void {
    if (ranSeconds > healthySeconds) this.#pause = firstPauseSeconds
    const seconds = this.#pause
    this.#pause = Math.min(this.#pause * 2, longestPauseSeconds)
    this.#timer = setTimeout(() => this.start(), seconds * 1000)
    this.#watcher.ended(how, seconds)
  }

  /** Resolves when it is gone. */
  stop(): Promise<void> {
    this.#stopping = true
    clearTimeout(this.#timer)
    this.#child?.kill('SIGTERM')
    return this.#gone
  }

  kill(): void {
    this.#stopping = true
    clearTimeout(this.#timer)
    this.#child?.kill('SIGKILL')
  }
}

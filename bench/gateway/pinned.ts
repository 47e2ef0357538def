// Processes of a benchmark on a core of their own, so that a proxy never shares its core with the load.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

/** The proxy's core, and the one of everything else. */
export const proxyCore = 0
export const loadCore = 1

export interface Pinned {
  pid: number
  child: ChildProcess
  stop(): Promise<void>
}

/** Starts a program on a core. Its standard output is dropped unless `pipe`. */
export function startPinned(
  core: number,
  command: readonly string[],
  { env, pipe = false }: { env?: Record<string, string>; pipe?: boolean } = {},
): Pinned {
  const child = spawn('taskset', ['-c', String(core), ...command], {
    env: { ...process.env, ...env },
    stdio: ['ignore', pipe ? 'pipe' : 'ignore', 'inherit'],
  })
  // Not SIGKILL: nginx would leave its worker.
  const kill = () => child.kill('SIGTERM')
  process.once('exit', kill)
  child.once('exit', () => process.removeListener('exit', kill))
  return {
    // taskset becomes the program: the process is the same.
    pid: child.pid ?? 0,
    child,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), 3000)
      await ended
      clearTimeout(timer)
    },
  }
}

/** Output of a program that ends by itself. @throws Error with its output */
export function runPinned(core: number, command: readonly string[]): string {
  const { stdout, stderr, status } = spawnSync('taskset', ['-c', String(core), ...command], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${command[0]} ended with ${status}: ${stderr}${stdout}`)
  return stdout
}

/** Waits until something listens on a loopback port. @throws Error after ten seconds */
export async function listening(port: number): Promise<void> {
  for (let tries = 0; tries < 500; tries += 1) {
    const socket = connect(port, '127.0.0.1')
    const isOpen = await Promise.race([
      once(socket, 'connect').then(
        () => true,
        () => false,
      ),
      wait(200).then(() => false),
    ])
    socket.destroy()
    if (isOpen) return
    await wait(20)
  }
  throw new Error(`nothing listens on ${port}`)
}

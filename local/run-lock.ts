// One run per checkout: .slipway/run.json names the run, and its issuer proves that it is alive.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from '../generators/command-line/command.ts'
import { Failure } from '../generators/diagnostics/failure.ts'

interface RunFile {
  pid: number
  issuer: string
}

/** @param issuer address of this run's issuer, already answering. @throws UsageError when another run is alive, Failure when the folder cannot be written */
export async function takeRunLock(folder: string, issuer: string): Promise<() => void> {
  const path = join(folder, 'run.json')
  make(folder)
  for (;;) {
    try {
      writeFileSync(path, JSON.stringify({ pid: process.pid, issuer } satisfies RunFile), { flag: 'wx', mode: 0o600 })
      return () => rmSync(path, { force: true })
    } catch (error) {
      if ((error as { code?: string }).code !== 'EEXIST') throw new Failure(`cannot write ${path}`, { cause: error })
    }
    const other = readRun(path)
    if (other !== undefined && (await isAlive(other)))
      throw new UsageError(
        `npm start already runs in this checkout (process ${other.pid}): stop it with Ctrl-C in its terminal, or give --root DIR of another checkout`,
      )
    rmSync(path, { force: true })
  }
}

function make(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw new Failure(`cannot make the folder ${folder}`, { cause: error })
  }
}

function readRun(path: string): RunFile | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as RunFile
  } catch {
    return undefined
  }
}

/** A process id alone may have gone to another program since. */
async function isAlive({ issuer }: RunFile): Promise<boolean> {
  try {
    const response = await fetch(`${issuer}/.well-known/openid-configuration`, { signal: AbortSignal.timeout(2000) })
    return ((await response.json()) as { issuer?: string }).issuer === issuer
  } catch {
    return false
  }
}

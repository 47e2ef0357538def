// Entry of `npm start`: signals, exit codes, and one line for whatever went wrong.
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'
import { outliveReaders } from '../generators/command-line/outlive-readers.ts'
import type { LocalRun } from './local-run.ts'
import { whenNpmIsGone } from './npm-gone.ts'

outliveReaders()

const cache = join(import.meta.dirname, '../node_modules/.cache/slipway')
enableCompileCache(cache)
// The children too.
process.env.NODE_COMPILE_CACHE ??= cache

/** npm passes a Ctrl-C on that the terminal has already sent: what comes so soon is the same one. */
const sameSignalMs = 1000

let run: LocalRun | undefined
let cleanUp = (): void => {}
let askedAt: number | undefined

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void onSignal())
// A signal may have come here too; what has begun to stop is not asked again.
whenNpmIsGone('start', () => {
  if (askedAt === undefined) void onSignal()
})

async function onSignal(): Promise<void> {
  const now = performance.now()
  if (askedAt !== undefined && now - askedAt < sameSignalMs) return
  if (run === undefined || askedAt !== undefined) {
    run?.kill()
    cleanUp()
    process.exit(130)
  }
  askedAt = now
  process.stderr.write('\nStopping; once more kills.\n')
  await run.stop()
  cleanUp()
  process.stderr.write('Stopped.\n')
  process.exit(0)
}

/** Not by `dispatch` of generators/command-line: what runs here is stopped before the process ends. */
async function fail(error: unknown): Promise<void> {
  if (askedAt !== undefined) return
  const { UsageError } = await import('../generators/command-line/command.ts')
  const { endLine } = await import('../generators/diagnostics/failure.ts')
  const { ChildFailure } = await import('./local-run.ts')
  askedAt = performance.now()
  await run?.stop()
  cleanUp()
  if (error instanceof UsageError) process.stderr.write(`${error.message} (npm start -- --help)\n`)
  else if (error instanceof ChildFailure) process.stderr.write(`${error.message}\n`)
  else process.stderr.write(`${endLine(error)}\n`)
  process.exit(error instanceof UsageError ? 1 : error instanceof ChildFailure ? error.code : 2)
}

process.on('uncaughtException', (error) => void fail(error))

try {
  const { start } = await import('./start.ts')
  await start(process.argv.slice(2), (started, end) => {
    run = started
    cleanUp = end
  })
} catch (error) {
  await fail(error)
}

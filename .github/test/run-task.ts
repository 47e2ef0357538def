// Runs a task of `npm run workflow` as a process, in a folder of its own.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Outcome, runProgram } from '../../test/run-program.ts'

export const main = join(import.meta.dirname, '../scripts/main.ts')

export const run = (args: string[], env: Record<string, string> = {}): Promise<Outcome> =>
  runProgram(process.execPath, [main, ...args], { env })

export async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-tasks-'))
  try {
    await use(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

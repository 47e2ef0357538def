// After somebody changed sources by a program: locks of models whose revision moved, then the rendered tree.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { readArguments, readRoot } from '../../generators/command-line/arguments.ts'
import type { Command, ExitCode, Output } from '../../generators/command-line/command.ts'
import { loadRepository } from '../../generators/load/load-repository.ts'
import type { LoadedModel } from '../../generators/load/repository.ts'

export const renderChanged: Command = {
  name: 'render-changed',
  summary: 'lock models whose revision is not that of their lock, then synth',
  usage: 'npm run workflow -- render-changed [--root DIR]',
  run,
}

const main = join(import.meta.dirname, '../../generators/main.ts')

function run(args: readonly string[], output: Output): ExitCode {
  const { values } = readArguments(args, {})
  const root = readRoot(values.root)
  const { repository } = loadRepository(root, { models: [], clusters: [] })
  const moved = repository.models.filter(isMoved).map(({ name }) => name)
  if (moved.length > 0 && generate(['lock', ...moved], root) !== 0) {
    output.log('not every lock could be written; nothing is rendered\n')
    return 1
  }
  return generate(['synth'], root) === 0 ? 0 : 1
}

const generate = (words: readonly string[], root: string): number | null =>
  spawnSync(process.execPath, [main, ...words, '--root', root], { stdio: 'inherit' }).status

function isMoved({ file, lock }: LoadedModel): boolean {
  const revision = (value: unknown): unknown => (value as { revision?: unknown } | null | undefined)?.revision
  return typeof revision(file.value) === 'string' && revision(file.value) !== revision(lock?.value)
}

// Source files of a folder that have the form of an earlier version, and what they are in today’s.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Failure } from '../diagnostics/failure.ts'
import { loadRepository } from '../load/load-repository.ts'
import { everything } from '../pipeline.ts'
import { type Migrated, migrateText } from '../upgrade/migrations.ts'

export interface MigratedFile extends Migrated {
  path: string
}

/** Of files that can be read; synth says of the others what is wrong. */
export function migratedFiles(root: string): MigratedFile[] {
  const { models, clusters } = loadRepository(root, everything).repository
  const paths = [
    ...models.flatMap(({ file, lock }) => [file.path, ...(lock === undefined ? [] : [lock.path])]),
    ...clusters.flatMap(({ file }) => (file === undefined ? [] : [file.path])),
  ]
  return paths
    .map((path) => ({ path, ...migrateText(path, readFileSync(join(root, path), 'utf8')) }))
    .filter(({ applied }) => applied.length > 0)
}

export function writeMigrated(root: string, files: readonly MigratedFile[]): void {
  for (const { path, text } of files)
    try {
      writeFileSync(join(root, path), text)
    } catch (error) {
      throw new Failure(`cannot write ${path}; git checkout . takes back what was written`, { cause: error })
    }
}

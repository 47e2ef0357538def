// Writes what changed and deletes what is stale. Each file is replaced by a rename, so a stopped run leaves it old or new.
import { mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Failure } from '../diagnostics/failure.ts'
import { type Comparison, temporaryEnding } from './compare-tree.ts'

export function writeTree(root: string, comparison: Comparison, progress: (done: number, total: number) => void): void {
  const { changed, stale } = comparison
  const folders = new Set<string>()
  let done = 0
  for (const { file } of changed) {
    const path = join(root, file.path)
    try {
      const folder = dirname(path)
      if (!folders.has(folder)) {
        mkdirSync(folder, { recursive: true })
        folders.add(folder)
      }
      writeFileSync(path + temporaryEnding, file.text)
      renameSync(path + temporaryEnding, path)
    } catch (error) {
      throw new Failure(`cannot write ${file.path}; files before it are written, the others are as they were`, {
        cause: error,
      })
    }
    done += 1
    progress(done, changed.length)
  }
  for (const path of stale) deleteFile(root, path)
}

/** Deletes a file and its folder when that is empty then: Argo CD would keep an Application's empty path. */
function deleteFile(root: string, path: string): void {
  const full = join(root, path)
  try {
    rmSync(full, { force: true })
    if (readdirSync(dirname(full)).length === 0) rmdirSync(dirname(full))
  } catch (error) {
    throw new Failure(`cannot delete ${path}`, { cause: error })
  }
}

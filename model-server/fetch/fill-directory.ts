// Files of a source into a directory: check the space, keep what is there and right, bring what is missing.
import { mkdir, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { UserMistake } from '../user-mistake.ts'
import { addFile, contentHash } from './content-hash.ts'
import { Progress, type ProgressOutput } from './progress.ts'
import type { Transfer } from './read-parts.ts'
import { type Source, totalBytes, type WantedFile } from './remote-file.ts'
import { sizeOf, writeFile } from './write-file.ts'

/** Files at once: most are small, and a large one has all connections for itself. */
export const filesAtOnce = 4

/** @throws UserMistake, Unavailable */
export async function fillDirectory(
  source: Source,
  files: readonly WantedFile[],
  to: string,
  { transfer, output }: { transfer: Transfer; output: ProgressOutput },
): Promise<void> {
  await mkdir(to, { recursive: true })
  const missing: WantedFile[] = []
  for (const file of files) if (!(await isThere(join(to, file.path), file))) missing.push(file)
  await checkSpace(to, missing)
  const progress = new Progress(output, source.name, totalBytes(missing), () => performance.now() / 1000)
  const writing = {
    onFound: (count: number) => progress.found(count),
    onBytes: (count: number) => progress.add(count),
  }
  await manyAtOnce(missing, filesAtOnce, (file) =>
    writeFile({ source, file, target: join(to, file.path), ...writing }, transfer),
  )
  if (missing.length > 0) progress.end()
}

/** The first failure ends it when what runs beside it has ended. */
export async function manyAtOnce<Item>(
  items: readonly Item[],
  count: number,
  task: (item: Item) => Promise<void>,
): Promise<void> {
  const left = [...items]
  const worker = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift())
      await task(item).catch((error: unknown) => {
        left.length = 0
        throw error
      })
  }
  const ends = await Promise.allSettled(Array.from({ length: count }, worker))
  for (const end of ends) if (end.status === 'rejected') throw end.reason
}

async function isThere(path: string, file: WantedFile): Promise<boolean> {
  if ((await sizeOf(path)) !== file.bytes) return false
  const hash = contentHash(file)
  await addFile(hash, path)
  return hash.mismatch() === undefined
}

/** @throws UserMistake with both numbers */
async function checkSpace(to: string, files: readonly WantedFile[]): Promise<void> {
  const needed = totalBytes(files)
  const { bavail, bsize } = await statfs(to)
  const free = bavail * bsize
  if (needed <= free) return
  const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(2)} GB`
  throw new UserMistake(`${to}: ${gigabytes(needed)} are to be fetched, ${gigabytes(free)} are free`)
}

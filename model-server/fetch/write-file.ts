// One file to disk: continued after an interruption, hashed while it is written, and in its place only when it is whole and right.
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { UserMistake } from '../user-mistake.ts'
import { addFile, contentHash } from './content-hash.ts'
import { readParts, type Transfer } from './read-parts.ts'
import type { Source, WantedFile } from './remote-file.ts'

export interface Writing {
  source: Source
  file: WantedFile
  /** Path of the finished file. */
  target: string
  /** Bytes that an earlier run left. */
  onFound(count: number): void
  onBytes(count: number): void
}

/**
 * Parts are written in their order, so what a partial file holds is its beginning, whatever ended the run before.
 * @throws UserMistake for what the source refuses and for a wrong hash, Unavailable when every try failed
 */
export async function writeFile(
  { source, file, target, onFound, onBytes }: Writing,
  transfer: Transfer,
): Promise<void> {
  // Bytes of another revision must not be continued.
  const partial = `${target}.${source.revision.slice(0, 12)}.partial`
  const name = `${source.name} ${file.path}`
  await mkdir(dirname(target), { recursive: true })
  const hash = contentHash(file)
  const from = await usable(partial, file.bytes)
  if (from > 0) await addFile(hash, partial)
  onFound(from)
  const output = await open(partial, 'a')
  try {
    const reading = { name, bytes: file.bytes, from, open: () => source.open(file) }
    for await (const part of readParts(reading, transfer)) {
      hash.update(part)
      await append(output, part, partial)
      onBytes(part.length)
    }
  } finally {
    await output.close()
  }
  const mismatch = hash.mismatch()
  if (mismatch !== undefined) {
    await rm(partial)
    throw new UserMistake(`${name}: ${mismatch}; the file was thrown away. If the model changed, renew its lock`)
  }
  await rename(partial, target)
}

/** More than the file can have is of another file. */
async function usable(partial: string, bytes: number): Promise<number> {
  const size = (await sizeOf(partial)) ?? 0
  if (size <= bytes) return size
  await rm(partial)
  return 0
}

async function append(output: FileHandle, part: Uint8Array, partial: string): Promise<void> {
  try {
    for (let done = 0; done < part.length; ) done += (await output.write(part, done)).bytesWritten
  } catch (error) {
    if ((error as { code?: string }).code === 'ENOSPC') throw new UserMistake(`${partial}: no space left on the device`)
    throw error
  }
}

/** Undefined: there is no such file. */
export const sizeOf = (path: string): Promise<number | undefined> =>
  stat(path).then(
    ({ size }) => size,
    () => undefined,
  )

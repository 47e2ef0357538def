// One file into the bucket: hashed on its way, and seen there only when its hash was right.
import { contentHash } from '../fetch/content-hash.ts'
import { readParts, type Transfer } from '../fetch/read-parts.ts'
import type { Source, WantedFile } from '../fetch/remote-file.ts'
import { Slots } from '../fetch/slots.ts'
import { UserMistake } from '../user-mistake.ts'
import type { S3Client } from './s3-client.ts'
import type { StoredFile } from './weight-store.ts'

const mebibyte = 2 ** 20

/** S3 takes parts of 5 MiB and more, and 10,000 of them. */
export const uploadPartBytes = (fileBytes: number): number =>
  Math.max(8 * mebibyte, Math.ceil(fileBytes / 10_000 / mebibyte) * mebibyte)

/** Parts that are sent at once. */
const uploadsAtOnce = 8

export interface Copying {
  client: S3Client
  source: Source
  file: WantedFile
  key: string
  onBytes(count: number): void
}

/**
 * A hash cannot be taken up again in the middle, so a file that was interrupted is sent anew; files that are whole stay.
 * @throws UserMistake for a wrong hash, Unavailable
 */
export async function copyFile(copying: Copying, transfer: Transfer): Promise<StoredFile> {
  const { client, source, file, key } = copying
  const hash = contentHash(file)
  const parts = regroup(received(copying, transfer, hash.update), uploadPartBytes(file.bytes))
  const check = (): void => {
    const mismatch = hash.mismatch()
    if (mismatch !== undefined)
      throw new UserMistake(
        `${source.name} ${file.path}: ${mismatch}; nothing of it was kept. If the model changed, renew its lock`,
      )
  }
  if (file.bytes <= uploadPartBytes(file.bytes)) {
    const { value } = await parts.next()
    await parts.return(undefined)
    check()
    await client.put(key, value ?? Buffer.alloc(0))
  } else await upload(copying, parts, check)
  return { path: file.path, bytes: file.bytes, sha256: hash.sha256 }
}

async function* received({ source, file, onBytes }: Copying, transfer: Transfer, update: (part: Uint8Array) => void) {
  const reading = { name: `${source.name} ${file.path}`, bytes: file.bytes, from: 0, open: () => source.open(file) }
  for await (const part of readParts(reading, transfer)) {
    update(part)
    onBytes(part.length)
    yield part
  }
}

async function upload(
  { client, key, file: { bytes } }: Copying,
  parts: AsyncIterable<Uint8Array>,
  check: () => void,
): Promise<void> {
  const id = await client.beginUpload(key)
  const slots = new Slots(uploadsAtOnce)
  const sent: Promise<string>[] = []
  try {
    for await (const part of parts) {
      await slots.take()
      const one = client.uploadPart(key, id, sent.length + 1, part).finally(() => slots.giveBack())
      one.catch(() => {})
      sent.push(one)
    }
    const tags = await Promise.all(sent)
    check()
    await client.completeUpload(key, id, tags).catch(async (error: unknown) => {
      // An upload that is complete is known no more: the answer to an earlier try was lost.
      if (!(await client.list(key)).some((one) => one.key === key && one.bytes === bytes)) throw error
    })
  } catch (error) {
    await Promise.allSettled(sent)
    // What is left of an upload whose process ended ends by the bucket’s lifecycle.
    await client.abortUpload(key, id).catch(() => {})
    throw error
  }
}

/** Pieces of one size, the last one but smaller; a piece that has it already is passed on. */
async function* regroup(chunks: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Uint8Array, void, undefined> {
  let held: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of chunks) {
    for (let rest = chunk; rest.length > 0; ) {
      const next = rest.subarray(0, size - bytes)
      held.push(next)
      bytes += next.length
      rest = rest.subarray(next.length)
      if (bytes < size) continue
      yield held.length === 1 ? next : Buffer.concat(held)
      held = []
      bytes = 0
    }
  }
  if (bytes > 0) yield held.length === 1 ? (held[0] as Uint8Array) : Buffer.concat(held)
}

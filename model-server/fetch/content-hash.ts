// What a file’s content is compared with: a SHA-256, or Git’s name of it where nobody stated one.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import type { WantedFile } from './remote-file.ts'

export interface ContentHash {
  update(bytes: Uint8Array): void
  /** Undefined: as it should be, or nothing is known of it. Otherwise what it is. */
  mismatch(): string | undefined
  /** Of the whole content. */
  readonly sha256: string
}

export function contentHash({ bytes, sha256, gitBlob }: WantedFile): ContentHash {
  const hash = createHash('sha256')
  const git = sha256 === undefined && gitBlob !== undefined ? createHash('sha1').update(`blob ${bytes}\0`) : undefined
  let whole: string | undefined
  const digest = (): string => {
    whole ??= hash.digest('hex')
    return whole
  }
  return {
    update: (part) => {
      hash.update(part)
      git?.update(part)
    },
    mismatch: () => {
      if (sha256 !== undefined)
        return digest() === sha256 ? undefined : `its sha256 is ${digest()}, but ${sha256} is locked`
      const blob = git?.digest('hex')
      return blob === gitBlob || blob === undefined
        ? undefined
        : `Git’s name of it is ${blob}, but the commit has ${gitBlob}`
    },
    get sha256() {
      return digest()
    },
  }
}

/** Adds the first bytes of a file on the disk. */
export async function addFile(hash: ContentHash, path: string): Promise<void> {
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) hash.update(chunk as Buffer)
}

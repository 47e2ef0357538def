// A file elsewhere: what is known of it beforehand, and how its bytes are read; and the size of several.
export interface WantedFile {
  path: string
  bytes: number
  /** Undefined where nobody stated it: small files of the Hub. */
  sha256: string | undefined
  /** Git’s own name of the content (SHA-1 over a header and the bytes), where the Hub states it. */
  gitBlob?: string | undefined
}

export interface RemoteFile {
  /** All bytes of the range, its end not among them. */
  read(from: number, to: number): Promise<Uint8Array>
  /** In order, from a place on: of a source that takes many connections by itself. */
  stream?(from: number): AsyncIterable<Uint8Array>
}

export interface Source {
  /** For messages. */
  name: string
  /** Of the content, for names of files that are not whole. */
  revision: string
  open(file: WantedFile): Promise<RemoteFile>
}

export const totalBytes = (files: readonly { bytes: number }[]): number =>
  files.reduce((sum, { bytes }) => sum + bytes, 0)

/** For the line with which a command ends. */
export const countAndSize = (files: readonly { bytes: number }[]): string =>
  `${files.length} files, ${(totalBytes(files) / 1e6).toFixed(1)} MB`

// How weights lie in their bucket: a folder for each address, and a manifest that is written when all of it is there.
import type { RemoteFile, Source, WantedFile } from '../fetch/remote-file.ts'
import { Unavailable } from '../fetch/unavailable.ts'
import { UserMistake } from '../user-mistake.ts'
import type { S3Client } from './s3-client.ts'

export interface StoredFile extends WantedFile {
  sha256: string
}

export interface Manifest {
  model: string
  revision: string
  files: StoredFile[]
}

/** Folders of the bucket. */
export const folders = { models: 'models', manifests: 'manifests', unused: 'unused' } as const

export const manifestKey = (address: string): string => `${folders.manifests}/${address}.json`
export const filesPrefix = (address: string): string => `${folders.models}/${address}/`
export const unusedKey = (address: string): string => `${folders.unused}/${address}`

export async function readManifest(client: S3Client, address: string): Promise<Manifest | undefined> {
  const text = await client.readText(manifestKey(address))
  if (text === undefined) return undefined
  try {
    return JSON.parse(text) as Manifest
  } catch (error) {
    throw new UserMistake(
      `s3://${client.bucket}/${manifestKey(address)}: no JSON; delete it, and the copy is made again`,
      {
        cause: error,
      },
    )
  }
}

/** Sizes of what is there; a file is seen only when its hash was right. */
export async function storedSizes(client: S3Client, address: string): Promise<Map<string, number>> {
  const prefix = filesPrefix(address)
  return new Map((await client.list(prefix)).map(({ key, bytes }) => [key.slice(prefix.length), bytes]))
}

export const storedFile = (client: S3Client, key: string): RemoteFile => ({
  read: (from, to) => client.read(key, from, to),
})

export const storeSource = (client: S3Client, address: string, { model, revision }: Manifest): Source => ({
  name: model,
  revision: address || revision,
  open: ({ path }) => Promise.resolve(storedFile(client, `${filesPrefix(address)}${path}`)),
})

/** @throws Unavailable when nobody has copied it yet, UserMistake when it is not what is locked */
export async function wantedManifest(
  client: S3Client,
  address: string,
  hashes: ReadonlyMap<string, string>,
): Promise<Manifest> {
  const manifest = await readManifest(client, address)
  if (manifest === undefined)
    throw new Unavailable(`s3://${client.bucket}: no weights at ${address} yet; the model’s copy Job brings them`)
  const wrong = lockedOtherwise(manifest, hashes)
  if (wrong === undefined) return manifest
  throw new UserMistake(`s3://${client.bucket} at ${address}: ${wrong} has another hash than is locked`)
}

/** A file that is locked and not there with its hash. */
export const lockedOtherwise = ({ files }: Manifest, hashes: ReadonlyMap<string, string>): string | undefined =>
  [...hashes].find(([path, hash]) => files.find((file) => file.path === path)?.sha256 !== hash)?.[0]

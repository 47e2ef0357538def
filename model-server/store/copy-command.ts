// The `copy` command: exactly the locked files of a model into the weights bucket, once. A copy that is there ends it at once.
import { filesAtOnce, manyAtOnce } from '../fetch/fill-directory.ts'
import { Progress } from '../fetch/progress.ts'
import { Transfer } from '../fetch/read-parts.ts'
import { countAndSize, type Source, totalBytes, type WantedFile } from '../fetch/remote-file.ts'
import { chooseFiles } from '../hub/choose-files.ts'
import { type Environment, fetchTools, hubSource, listModel, pause } from '../hub/hub-source.ts'
import { UserMistake } from '../user-mistake.ts'
import type { CopySettings } from '../weight-options.ts'
import { copyFile, uploadPartBytes } from './copy-file.ts'
import { type S3Client, s3Client } from './s3-client.ts'
import {
  filesPrefix,
  lockedOtherwise,
  type Manifest,
  manifestKey,
  readManifest,
  type StoredFile,
  storedFile,
  storedSizes,
  unusedKey,
} from './weight-store.ts'

/** @throws UserMistake, Unavailable */
export async function copyCommand(settings: CopySettings, env: Environment): Promise<void> {
  const { bucket, address } = settings.store
  const client = s3Client(bucket, env, pause)
  // It is wanted, whatever the sweep found before.
  await client.delete(unusedKey(address))
  const sizes = await storedSizes(client, address)
  const known = await readManifest(client, address)
  if (known !== undefined && isWhole(known, sizes, settings.hashes))
    return void process.stderr.write(`${settings.model}: all ${known.files.length} files are at ${address} already\n`)
  const { source, files } = await listSource(settings, env)
  const stored = await copyFiles(client, source, { address, files, sizes })
  const manifest: Manifest = { model: settings.model, revision: source.revision, files: stored }
  // Last: before it no pod takes the files for whole.
  await client.put(manifestKey(address), Buffer.from(`${JSON.stringify(manifest, undefined, 2)}\n`))
  process.stderr.write(`${settings.model}: ${countAndSize(files)} at s3://${bucket}/${address}\n`)
}

const isWhole = (manifest: Manifest, sizes: ReadonlyMap<string, number>, hashes: CopySettings['hashes']): boolean =>
  lockedOtherwise(manifest, hashes) === undefined &&
  manifest.files.every(({ path, bytes }) => sizes.get(path) === bytes)

async function listSource(settings: CopySettings, env: Environment): Promise<{ source: Source; files: WantedFile[] }> {
  const { model, revision, allow, hashes } = settings
  if (model.startsWith('s3://')) return listOwn(settings, env)
  const tools = fetchTools(env)
  const listing = await listModel(tools, model, revision ?? 'main')
  const files = chooseFiles(model, listing.files, { allow, hashes, dtype: undefined })
  return { source: hubSource(tools.client, model, listing.commit), files }
}

/** A bucket of one’s own: the lock names every file. @throws UserMistake when one is missing */
async function listOwn({ model, hashes, store }: CopySettings, env: Environment) {
  const { hostname: bucket, pathname } = new URL(model)
  const prefix = `${pathname.slice(1).replace(/\/*$/, '')}/`
  const client = s3Client(bucket, env, pause)
  const sizes = new Map((await client.list(prefix)).map(({ key, bytes }) => [key.slice(prefix.length), bytes]))
  const files = [...hashes].map(([path, sha256]): WantedFile => {
    const bytes = sizes.get(path)
    if (bytes === undefined) throw new UserMistake(`${model} has no file ${path}, which is locked: renew the lock`)
    return { path, bytes, sha256 }
  })
  const open = ({ path }: WantedFile) => Promise.resolve(storedFile(client, `${prefix}${path}`))
  return { source: { name: model, revision: store.address, open }, files }
}

/** A file that is there with its size was whole when it was written; what nobody hashed before is small, and read again. */
async function copyFiles(
  client: S3Client,
  source: Source,
  { address, files, sizes }: { address: string; files: WantedFile[]; sizes: ReadonlyMap<string, number> },
): Promise<StoredFile[]> {
  const transfer = new Transfer(pause, { partBytes: uploadPartBytes })
  const progress = new Progress(process.stderr, source.name, totalBytes(files), () => performance.now() / 1000)
  const stored = new Map<string, StoredFile>()
  await manyAtOnce(files, filesAtOnce, async (file) => {
    const { path, bytes, sha256 } = file
    if (sha256 !== undefined && sizes.get(path) === bytes) {
      progress.found(bytes)
      stored.set(path, { path, bytes, sha256 })
      return
    }
    const copying = { client, source, file, key: `${filesPrefix(address)}${path}` }
    stored.set(path, await copyFile({ ...copying, onBytes: (count) => progress.add(count) }, transfer))
  })
  progress.end()
  return [...stored.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
}

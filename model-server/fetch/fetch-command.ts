// The `fetch` command: fills the directory that an engine reads its model from, from the Hub, a weights bucket or the image itself.
import { cp, lstat, readdir } from 'node:fs/promises'
import { chooseFiles } from '../hub/choose-files.ts'
import { type Environment, fetchTools, hubSource, isOffline, listModel, pause } from '../hub/hub-source.ts'
import { s3Client } from '../store/s3-client.ts'
import { storeSource, wantedManifest } from '../store/weight-store.ts'
import { UserMistake } from '../user-mistake.ts'
import type { FetchSettings, StorePlace } from '../weight-options.ts'
import { fillDirectory } from './fill-directory.ts'
import { Transfer } from './read-parts.ts'
import { countAndSize } from './remote-file.ts'
import { patiently } from './unavailable.ts'

/** @throws UserMistake, Unavailable */
export async function fetchCommand(settings: FetchSettings, env: Environment): Promise<void> {
  const { model, bundled, store, to } = settings
  if (bundled !== undefined) return copyBundled(bundled, to)
  if (store !== undefined) return fetchStored(settings, store, env)
  if (isOffline(env)) throw new UserMistake('fetch needs the network, but HF_HUB_OFFLINE is set: unset it')
  const tools = fetchTools(env)
  const name = model ?? ''
  const listing = await listModel(tools, name, settings.revision ?? 'main')
  const { allow, hashes } = settings
  const files = chooseFiles(name, listing.files, { allow, hashes, dtype: undefined })
  await fillDirectory(hubSource(tools.client, name, listing.commit), files, to, tools)
  tools.output.write(`${name} at ${listing.commit}: ${countAndSize(files)} in ${to}\n`)
}

/** @throws UserMistake, Unavailable */
async function fetchStored(
  { to, hashes }: FetchSettings,
  { bucket, address }: StorePlace,
  env: Environment,
): Promise<void> {
  const client = s3Client(bucket, env, pause)
  const manifest = await patiently(() => wantedManifest(client, address, hashes), pause)
  const { files, model, revision } = manifest
  await fillDirectory(storeSource(client, address, manifest), files, to, {
    transfer: new Transfer(pause),
    output: process.stderr,
  })
  process.stderr.write(`${model} at ${revision}: ${countAndSize(files)} in ${to}\n`)
}

/** @throws UserMistake when it is not there */
async function copyBundled(from: string, to: string): Promise<void> {
  const isDirectory = await lstat(from).then(
    (found) => found.isDirectory(),
    () => false,
  )
  if (!isDirectory) throw new UserMistake(`--bundled ${from}: no such directory in this image`)
  await cp(from, to, { recursive: true, force: true })
  process.stderr.write(`${from}: ${(await readdir(to)).length} entries copied to ${to}\n`)
}

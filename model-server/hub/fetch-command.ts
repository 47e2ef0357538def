// The `fetch` command: fills the directory that an engine reads its model from, from the Hub or from the image itself.
import { cp, lstat, readdir } from 'node:fs/promises'
import type { FetchSettings } from '../options.ts'
import { UserMistake } from '../user-mistake.ts'
import { type Environment, fetchModel, fetchTools, isOffline, listModel } from './fetch-model.ts'

/** @throws UserMistake, HubUnavailable */
export async function fetchCommand(settings: FetchSettings, env: Environment): Promise<void> {
  const { model, bundled, to } = settings
  if (bundled !== undefined) return copyBundled(bundled, to)
  if (isOffline(env)) throw new UserMistake('fetch needs the network, but HF_HUB_OFFLINE is set: unset it')
  const tools = fetchTools(env)
  const name = model ?? ''
  const listing = await listModel(tools, name, settings.revision ?? 'main')
  const files = await fetchModel(tools, name, listing, to, {
    allow: settings.allow,
    hashes: settings.hashes,
    dtype: undefined,
  })
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0)
  tools.output.write(`${name} at ${listing.commit}: ${files.length} files, ${(bytes / 1e6).toFixed(1)} MB in ${to}\n`)
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

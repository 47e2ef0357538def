// A model of the Hub in the user's cache directory, fetched when it is not there; later starts need no network.
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { fillDirectory } from '../fetch/fill-directory.ts'
import { Unavailable } from '../fetch/unavailable.ts'
import type { Dtype } from '../model/onnx-files.ts'
import { UserMistake } from '../user-mistake.ts'
import { chooseFiles } from './choose-files.ts'
import { type Environment, type FetchTools, fetchTools, hubSource, isOffline, listModel } from './hub-source.ts'

export interface CachedModel {
  model: string
  revision: string | undefined
  dtype: Dtype | undefined
}

/** What a model directory of this server may hold. */
const allow = ['onnx/*', '*.json', '*.txt', '*.jinja', '*.md', '1_Pooling/config.json']

export function cacheDirectory({ HF_HOME: home, XDG_CACHE_HOME: caches }: Environment): string {
  if (home) return join(home, 'slipway-models')
  return join(caches || join(homedir(), '.cache'), 'slipway', 'models')
}

/**
 * Path of the model's directory, complete.
 * @throws UserMistake, Unavailable
 */
export async function modelInCache(
  { model, revision = 'main', dtype }: CachedModel,
  env: Environment,
  tools: FetchTools = fetchTools(env),
): Promise<string> {
  const folder = join(cacheDirectory(env), model.replaceAll('/', '--'))
  const isCommit = /^[0-9a-f]{40}$/.test(revision)
  const reference = join(folder, 'refs', encodeURIComponent(revision))
  const known = isCommit ? revision : existsSync(reference) ? readFileSync(reference, 'utf8') : undefined
  const complete = (commit: string): string => join(folder, `${commit}.${dtype ?? 'auto'}.complete`)
  const cached = known !== undefined && existsSync(complete(known)) ? join(folder, known) : undefined
  if (cached !== undefined && (isCommit || isOffline(env))) return cached
  if (isOffline(env))
    throw new UserMistake(
      `${model} at ${revision} is not in ${folder}, and HF_HUB_OFFLINE is set: start once without it to fetch the model`,
    )
  const listing = await listModel(tools, model, revision).catch((error: unknown) => {
    if (cached === undefined || !(error instanceof Unavailable)) throw error
    tools.output.write(`${error.message}; serving ${model} from the cache\n`)
  })
  if (listing === undefined) return cached as string
  const directory = join(folder, listing.commit)
  const files = chooseFiles(model, listing.files, { allow, hashes: new Map(), dtype })
  await fillDirectory(hubSource(tools.client, model, listing.commit), files, directory, tools)
  await writeWhole(complete(listing.commit), '')
  if (!isCommit) await writeWhole(reference, listing.commit)
  return directory
}

/** There in full or not at all. */
async function writeWhole(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(`${path}.${process.pid}`, text)
  await rename(`${path}.${process.pid}`, path)
}

// A model of the Hub into a directory: list, choose, check the space, download what is missing.
import { mkdir, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { UserMistake } from '../user-mistake.ts'
import { type Choice, chooseFiles } from './choose-files.ts'
import { downloadFile, sha256, sizeOf, type Wait } from './download-file.ts'
import { HubClient, type HubFile, HubUnavailable, type Listing } from './hub-client.ts'
import { Progress, type ProgressOutput } from './progress.ts'

export type Environment = Readonly<Record<string, string | undefined>>

export interface FetchTools {
  client: HubClient
  output: ProgressOutput
  wait: Wait
}

const usualEndpoint = 'https://huggingface.co'
const stallSeconds = 30

export const isOffline = ({ HF_HUB_OFFLINE: value }: Environment): boolean =>
  ['1', 'true', 'yes', 'on'].includes((value ?? '').toLowerCase())

/** @throws UserMistake when the endpoint is no URL */
export const fetchTools = (env: Environment): FetchTools => ({
  client: new HubClient({
    endpoint: env.HF_ENDPOINT || usualEndpoint,
    token: env.HF_TOKEN || undefined,
    stallSeconds,
  }),
  output: process.stderr,
  wait: (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000)),
})

/** Lists with the same patience as a download. @throws UserMistake, HubUnavailable */
export async function listModel({ client, wait }: FetchTools, model: string, revision: string): Promise<Listing> {
  for (let attempt = 1; ; attempt += 1)
    try {
      return await client.list(model, revision)
    } catch (error) {
      if (!(error instanceof HubUnavailable) || attempt === 3) throw error
      await wait(Math.min(error.retryAfter ?? attempt, 60))
    }
}

/**
 * Files that are there in full are kept, so that a second run costs one request.
 * @throws UserMistake, HubUnavailable
 */
export async function fetchModel(
  tools: FetchTools,
  model: string,
  { commit, files }: Listing,
  to: string,
  choice: Choice,
): Promise<HubFile[]> {
  const chosen = chooseFiles(model, files, choice)
  await mkdir(to, { recursive: true })
  const missing: HubFile[] = []
  for (const file of chosen) if (!(await isThere(join(to, file.path), file))) missing.push(file)
  await checkSpace(to, missing)
  for (const file of missing) {
    const progress = new Progress(tools.output, `${model} ${file.path}`, file.bytes, () => performance.now() / 1000)
    let isFirst = true
    const onBytes = (count: number): void => {
      // The first report is what an earlier run left.
      if (isFirst) progress.found(count)
      else progress.add(count)
      isFirst = false
    }
    await downloadFile(tools.client, { model, commit, file, target: join(to, file.path), onBytes }, tools.wait)
    progress.end()
  }
  return chosen
}

async function isThere(path: string, { bytes, sha256: hash }: HubFile): Promise<boolean> {
  if ((await sizeOf(path)) !== bytes) return false
  return hash === undefined || (await sha256(path)) === hash
}

/** @throws UserMistake with both numbers */
async function checkSpace(to: string, files: readonly HubFile[]): Promise<void> {
  const needed = files.reduce((sum, { bytes }) => sum + bytes, 0)
  const { bavail, bsize } = await statfs(to)
  const free = bavail * bsize
  if (needed <= free) return
  const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(2)} GB`
  throw new UserMistake(`${to}: ${gigabytes(needed)} are to be fetched, ${gigabytes(free)} are free`)
}

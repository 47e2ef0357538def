// One file of the Hub to disk: resumed after an interruption, checked, and in its place only when it is whole.
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { UserMistake } from '../user-mistake.ts'
import { type HubClient, type HubFile, HubUnavailable, reasonOf } from './hub-client.ts'

export interface Download {
  model: string
  commit: string
  file: HubFile
  /** Path of the finished file. */
  target: string
  /** Told of bytes that came, negative when they were thrown away. */
  onBytes(count: number): void
}

/** Tries in all; each goes on where the last one stopped. */
const mostTries = 5

export type Wait = (seconds: number) => Promise<void>

/**
 * @throws UserMistake for what the Hub refuses and for a wrong hash, HubUnavailable when every try failed
 */
export async function downloadFile(client: HubClient, download: Download, wait: Wait): Promise<void> {
  const { file, target } = download
  // Bytes of another revision must not be continued.
  const partial = `${target}.${download.commit.slice(0, 12)}.partial`
  await mkdir(dirname(target), { recursive: true })
  await startOver(download, partial)
  for (let attempt = 1; ; attempt += 1) {
    try {
      await continueFile(client, download, partial)
      break
    } catch (error) {
      if (!(error instanceof HubUnavailable) || attempt === mostTries) throw error
      await wait(Math.min(error.retryAfter ?? 2 ** (attempt - 1), 60))
    }
  }
  const hash = file.sha256 === undefined ? undefined : await sha256(partial)
  if (hash !== file.sha256) {
    await rm(partial)
    throw new UserMistake(
      `${download.model} ${file.path}: its sha256 is ${hash}, but ${file.sha256} is locked; the file was thrown away. If the model changed, renew its lock`,
    )
  }
  await rename(partial, target)
}

/** What is left of an earlier run counts as received; more than the file can have is of another file. */
async function startOver({ file, onBytes }: Download, partial: string): Promise<void> {
  const size = await sizeOf(partial)
  const isUsable = size <= file.bytes
  if (!isUsable) await rm(partial)
  onBytes(isUsable ? size : 0)
}

export const sizeOf = (path: string): Promise<number> =>
  stat(path).then(
    ({ size }) => size,
    () => 0,
  )

async function continueFile(client: HubClient, download: Download, partial: string): Promise<void> {
  const { model, commit, file, onBytes } = download
  const have = await sizeOf(partial)
  if (have === file.bytes && have > 0) return
  const response = await client.open(model, commit, file.path, have)
  // A server that knows no ranges sends all of it, and one that sends another range is not believed.
  const continues = response.status === 206 && rangeStart(response) === have
  if (response.status === 416 || (response.status === 206 && !continues)) {
    await response.body?.cancel()
    onBytes(-have)
    await rm(partial, { force: true })
    throw new HubUnavailable(`${file.path}: the Hub does not continue it at byte ${have}`)
  }
  if (!continues) onBytes(-have)
  await append(client, response, partial, continues ? 'a' : 'w', onBytes)
  const size = await sizeOf(partial)
  if (size < file.bytes) throw new HubUnavailable(`${file.path}: broken off after ${size} of ${file.bytes} bytes`)
  if (size === file.bytes) return
  await rm(partial)
  onBytes(-size)
  throw new HubUnavailable(`${file.path}: ${size} bytes came, ${file.bytes} are listed`)
}

const rangeStart = (response: Response): number =>
  Number(/^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1] ?? Number.NaN)

/** Ends with an error when no byte comes for too long. @throws HubUnavailable */
async function append(
  client: HubClient,
  { body }: Response,
  partial: string,
  flag: 'a' | 'w',
  onBytes: (count: number) => void,
): Promise<void> {
  const output = await open(partial, flag)
  const reader = body?.getReader()
  try {
    for (;;) {
      const chunk = await withTimeout(reader?.read(), client.stallSeconds)
      if (!chunk || chunk.done) return
      await output.write(chunk.value)
      onBytes(chunk.value.length)
    }
  } catch (error) {
    await reader?.cancel().catch(() => {})
    if ((error as { code?: string }).code === 'ENOSPC') throw new UserMistake(`${partial}: no space left on the device`)
    throw error instanceof HubUnavailable
      ? error
      : new HubUnavailable(`broken off: ${reasonOf(error)}`, { cause: error })
  } finally {
    await output.close()
  }
}

async function withTimeout<Value>(promise: Promise<Value> | undefined, seconds: number): Promise<Value | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new HubUnavailable(`no byte for ${seconds} s`)), seconds * 1000)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}

export async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

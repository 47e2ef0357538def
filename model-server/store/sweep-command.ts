// The `sweep` command: deletes weights that no Deployment names, some days after the last one did. S3’s lifecycle rules cannot: they count from
// the day on which an object was written, and know neither locks nor which of a model’s files belong together.
import { readFileSync } from 'node:fs'
import { exchange, readText } from '../fetch/exchange.ts'
import { patiently, Unavailable } from '../fetch/unavailable.ts'
import { type Environment, pause } from '../hub/hub-source.ts'
import { UserMistake } from '../user-mistake.ts'
import type { SweepSettings } from '../weight-options.ts'
import { type S3Client, s3Client } from './s3-client.ts'
import { filesPrefix, folders, manifestKey, readManifest, unusedKey } from './weight-store.ts'

/** Says which weights a Deployment uses. */
const annotation = 'slipway.dev/weights'
const dayMs = 86_400_000

/** @throws UserMistake, Unavailable */
export async function sweepCommand(settings: SweepSettings, env: Environment): Promise<void> {
  const used = await patiently(() => usedAddresses(settings.namespace, env), pause)
  const client = s3Client(settings.bucket, env, pause)
  for (const line of await sweep(client, used, { keepDays: settings.keepDays, now: Date.now() }))
    process.stderr.write(`${line}\n`)
}

/** What was done, a line each. */
export async function sweep(
  client: S3Client,
  used: ReadonlySet<string>,
  { keepDays, now }: { keepDays: number; now: number },
): Promise<string[]> {
  const done: string[] = []
  const since = await unusedSince(client)
  const kept = await lastOfEachModel(client, used, since)
  for (const address of await addressesIn(client)) {
    const found = since.get(address)
    if (used.has(address)) {
      if (found !== undefined) await client.delete(unusedKey(address))
    } else if (found === undefined) {
      await client.put(unusedKey(address), Buffer.alloc(0))
      done.push(`${address}: used by nothing from today on`)
    } else if (now - found > keepDays * dayMs && !kept.has(address)) {
      await remove(client, address)
      done.push(`${address}: deleted`)
    }
  }
  return done
}

const addressesIn = async (client: S3Client): Promise<string[]> => {
  const keys = [...(await client.list(`${folders.models}/`)), ...(await client.list(`${folders.manifests}/`))]
  return [...new Set(keys.map(({ key }) => /^\w+\/([0-9a-f]{64})[/.]/.exec(key)?.[1] ?? ''))].filter(
    (one) => one !== '',
  )
}

const unusedSince = async (client: S3Client): Promise<Map<string, number>> =>
  new Map((await client.list(`${folders.unused}/`)).map(({ key, modified }) => [key.split('/')[1] ?? '', modified]))

/** Of a model that runs, what ran before it stays, however long ago that was: the way back needs no download. */
async function lastOfEachModel(
  client: S3Client,
  used: ReadonlySet<string>,
  since: ReadonlyMap<string, number>,
): Promise<Set<string>> {
  const modelOf = async (address: string) => (await readManifest(client, address))?.model
  const running = new Set<string | undefined>()
  for (const address of used) running.add(await modelOf(address))
  const last = new Map<string, string>()
  for (const [address] of [...since].sort(([, a], [, b]) => a - b)) {
    const model = await modelOf(address)
    if (model !== undefined && running.has(model) && !used.has(address)) last.set(model, address)
  }
  return new Set(last.values())
}

/** The manifest first: without it nobody takes what is left for whole. */
async function remove(client: S3Client, address: string): Promise<void> {
  await client.delete(manifestKey(address))
  for (const { key } of await client.list(filesPrefix(address))) await client.delete(key)
  await client.delete(unusedKey(address))
}

/** Of all Deployments, pods or not: a model that sleeps is used. */
async function usedAddresses(namespace: string, env: Environment): Promise<Set<string>> {
  const host = env.KUBERNETES_SERVICE_HOST
  if (!host) throw new UserMistake('sweep runs in a cluster: KUBERNETES_SERVICE_HOST is not set')
  const token = readFileSync(env.KUBERNETES_TOKEN_FILE || '/var/run/secrets/kubernetes.io/serviceaccount/token', 'utf8')
  const url = new URL(
    `/apis/apps/v1/namespaces/${namespace}/deployments`,
    `https://${host}:${env.KUBERNETES_SERVICE_PORT || 443}`,
  )
  const answer = await exchange({ url, headers: { authorization: `Bearer ${token.trim()}` }, stallSeconds: 30 })
  const text = await readText(answer, url.host)
  if (answer.statusCode !== 200)
    throw new Unavailable(`${url.host}: answers ${answer.statusCode}: ${text.slice(0, 200)}`)
  const { items } = JSON.parse(text) as { items: { metadata: { annotations?: Record<string, string> } }[] }
  return new Set(items.flatMap(({ metadata }) => metadata.annotations?.[annotation] ?? []))
}

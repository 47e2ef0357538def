// Weights from a Hub into a real S3 server and from there into a directory: whole, once, and never half, whatever breaks on the way.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { assert, describe } from '../../../test/spec.ts'
import { pause } from '../../hub/hub-source.ts'
import { type S3Client, s3Client } from '../../store/s3-client.ts'
import { sweep } from '../../store/sweep-command.ts'
import { filesPrefix, manifestKey, readManifest } from '../../store/weight-store.ts'
import { commit, FakeHub, sha256 } from '../fake-hub.ts'
import { ServerProcess } from '../server-process.ts'
import { CutProxy } from './cut-proxy.ts'
import { pythonWithMoto, S3Server } from './s3-server.ts'

const found = await pythonWithMoto()
const bucket = 'weights'
const large = Buffer.from(Array.from({ length: 20_000_000 }, (_, index) => (index * 7919 + (index >> 9)) % 251))
const content = { 'config.json': '{"a":1}', 'empty.txt': '', 'model-1.safetensors': large, 'other.bin': 'x' }
const locked = `--sha256=model-1.safetensors=${sha256(large)}`
let addresses = 0
/** Of its own for each test. */
function newAddress(): string {
  addresses += 1
  return addresses.toString(16).padStart(64, '0')
}
const patience = { timeoutSeconds: 120 }

interface Scene {
  hub: FakeHub
  env: Record<string, string>
  address: string
  directory: string
  client: S3Client
  copy(env?: Record<string, string>, hash?: string): ServerProcess
  fetch(env?: Record<string, string>): ServerProcess
}

async function withScene(server: S3Server, run: (scene: Scene) => Promise<void>): Promise<void> {
  const hub = new FakeHub(content)
  const env = { ...server.environment(), HF_ENDPOINT: await hub.start(), HF_TOKEN: '' }
  const address = newAddress()
  const directory = mkdtempSync(join(tmpdir(), 'slipway-copy-'))
  const store = `--store=s3://${bucket}/${address}`
  const allow = ['--allow=*.json', '--allow=*.txt', '--allow=*.safetensors']
  const source = ['--model=acme/tiny', `--revision=${commit}`, ...allow]
  try {
    await run({
      hub,
      env,
      address,
      directory,
      client: s3Client(bucket, env, pause),
      copy: (more = {}, hash = locked) => new ServerProcess(['copy', ...source, store, hash], { ...env, ...more }),
      fetch: (more = {}) => new ServerProcess(['fetch', store, `--to=${directory}`, locked], { ...env, ...more }),
    })
  } finally {
    hub.stop()
    rmSync(directory, { recursive: true })
  }
}

describe('copying weights to S3', (test) => {
  if ('missing' in found) return test.skip('a copy is whole', found.missing)
  const server = new S3Server()
  test.before(async () => {
    await server.start(found.python)
    await server.makeBucket(bucket)
  })
  test.after(() => server.stop())

  test(
    'brings the locked files, then the manifest; a second run asks the Hub for nothing; a pod reads it',
    () =>
      withScene(server, async ({ hub, client, address, directory, copy, fetch }) => {
        const first = await copy().ended
        assert.is(first.code, 0, first.errors)
        const manifest = await readManifest(client, address)
        assert.equal(
          manifest?.files.map(({ path }) => path),
          ['config.json', 'empty.txt', 'model-1.safetensors'],
        )
        hub.seen.length = 0
        const again = await copy().ended
        assert.is(again.code, 0, again.errors)
        assert.match(again.errors, /all 3 files are at [0-9a-f]{64} already/)
        assert.equal(hub.seen, [])
        hub.stop()
        const fetched = await fetch().ended
        assert.is(fetched.code, 0, fetched.errors)
        assert.equal(readdirSync(directory).sort(), ['config.json', 'empty.txt', 'model-1.safetensors'])
        assert.equal(readFileSync(join(directory, 'model-1.safetensors')), large)
      }),
    patience,
  )

  test(
    'keeps nothing of a file with another hash, and writes no manifest',
    () =>
      withScene(server, async ({ client, address, copy, hub }) => {
        Object.assign(hub.files, { 'model-1.safetensors': Buffer.concat([large.subarray(1), Buffer.from('x')]) })
        // The Hub lists the hash of other bytes than it sends.
        hub.listedHash = sha256(large)
        const { code, errors } = await copy().ended
        assert.is(code, 1, errors)
        assert.match(errors, /model-1.safetensors: its sha256 is [0-9a-f]{64}, but [0-9a-f]{64} is locked/)
        const keys = (await client.list(filesPrefix(address))).map(({ key }) => key)
        assert.not(keys.some((key) => key.endsWith('.safetensors')))
        assert.is(await readManifest(client, address), undefined)
      }),
    patience,
  )

  test(
    'is made whole again when a file of it is missing',
    () =>
      withScene(server, async ({ client, address, copy, hub }) => {
        assert.is((await copy().ended).code, 0)
        await client.delete(`${filesPrefix(address)}config.json`)
        hub.seen.length = 0
        assert.is((await copy().ended).code, 0)
        assert.is((await client.list(filesPrefix(address))).length, 3)
        // The large file stayed.
        assert.not(hub.requests('cdn').some(({ url }) => url.includes('model-1')))
      }),
    patience,
  )

  test(
    'is never taken for whole by a pod before its manifest is there, and a file that is missing under it is an error',
    () =>
      withScene(server, async ({ client, address, copy, directory, fetch }) => {
        assert.is((await copy().ended).code, 0)
        await client.delete(`${filesPrefix(address)}model-1.safetensors`)
        const missing = await fetch().ended
        assert.is(missing.code, 1)
        assert.match(missing.errors, /cannot read models\/.*model-1.safetensors: NoSuchKey/)
        assert.not(readdirSync(directory).includes('model-1.safetensors'))
        await client.delete(manifestKey(address))
      }),
    patience,
  )

  test(
    'gets through connections that are cut and a store that falls silent or asks to slow down',
    () =>
      withScene(server, async ({ copy, fetch, directory, client, address }) => {
        const proxy = new CutProxy(server.url)
        const slow = await slowDown(server.url, 4)
        const url = await proxy.start()
        proxy.faults.push({ after: 300, kind: 'cut' }, { after: 300, kind: 'cut' })
        const first = await copy({ AWS_ENDPOINT_URL_S3: url }).ended
        assert.is(first.code, 0, first.errors)
        assert.ok((await readManifest(client, address)) !== undefined)
        proxy.faults.push({ after: 1_000_000, kind: 'cut' }, { after: 2_000_000, kind: 'cut' })
        const fetched = await fetch({ AWS_ENDPOINT_URL_S3: url }).ended
        assert.is(fetched.code, 0, fetched.errors)
        assert.equal(readFileSync(join(directory, 'model-1.safetensors')), large)
        const throttled = await copy({ AWS_ENDPOINT_URL_S3: slow.url }).ended
        assert.is(throttled.code, 0, throttled.errors)
        proxy.stop()
        slow.stop()
      }),
    patience,
  )

  test(
    'weights that nothing uses are deleted after their days, those of the revision before stay',
    () =>
      withScene(server, async ({ client }) => {
        const [now, day] = [Date.now(), 86_400_000]
        const put = async (address: string, model: string): Promise<void> => {
          await client.put(`${filesPrefix(address)}a`, Buffer.from('a'))
          await client.put(manifestKey(address), Buffer.from(JSON.stringify({ model, revision: 'r', files: [] })))
        }
        const [old, before, current, gone] = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(64)) as [
          string,
          string,
          string,
          string,
        ]
        for (const address of [old, before, current]) await put(address, 'acme/kept')
        await put(gone, 'acme/removed')
        const known = async () =>
          (await client.list('manifests/')).map(({ key }) => key.slice(10, 11)).filter((one) => /[a-d]/.test(one))
        // `old` went out of use first.
        await sweep(client, new Set([before, current, gone]), { keepDays: 14, now })
        await new Promise((resolve) => setTimeout(resolve, 1100))
        await sweep(client, new Set([current]), { keepDays: 14, now })
        assert.equal(await known(), ['a', 'b', 'c', 'd'])
        await sweep(client, new Set([current]), { keepDays: 14, now: now + 15 * day })
        assert.equal(await known(), ['b', 'c'])
        // Back to it: it is used, and loses its mark.
        await sweep(client, new Set([before]), { keepDays: 14, now: now + 15 * day })
        assert.equal(
          (await client.list('unused/'))
            .map(({ key }) => key[7])
            .sort()
            .at(-1),
          'c',
        )
      }),
    patience,
  )
})

/** A store that answers some requests with 503 SlowDown first. */
async function slowDown(target: string, count: number): Promise<{ url: string; stop(): void }> {
  let left = count
  const proxy = createServer(async (request, response) => {
    if (left-- > 0) {
      request.resume()
      return void response.writeHead(503).end('<Error><Code>SlowDown</Code><Message>Please reduce</Message></Error>')
    }
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { method = 'GET', url, headers } = request
    const body = chunks.length > 0 ? { body: Buffer.concat(chunks) } : {}
    const { host: _, connection: __, ...rest } = headers as Record<string, string>
    const answer = await fetch(`${target}${url}`, { method, headers: rest, ...body })
    response.writeHead(answer.status, { etag: answer.headers.get('etag') ?? '' })
    response.end(Buffer.from(await answer.arrayBuffer()))
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, stop: () => void proxy.close() }
}

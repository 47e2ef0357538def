// Processes that are killed at random moments: what is left is never taken for a whole file, and the next run goes on from it.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { assert, describe } from '../../../test/spec.ts'
import { pause } from '../../hub/hub-source.ts'
import { s3Client } from '../../store/s3-client.ts'
import { filesPrefix, readManifest } from '../../store/weight-store.ts'
import { commit, FakeHub, sha256 } from '../fake-hub.ts'
import { ServerProcess } from '../server-process.ts'
import { pythonWithMoto, S3Server } from './s3-server.ts'

const large = Buffer.from(Array.from({ length: 40_000_000 }, (_, index) => (index * 7919 + (index >> 9)) % 251))
const content = { 'config.json': '{"a":1}', 'model.safetensors': large, 'model-2.safetensors': large.subarray(7) }
const source = ['--model=acme/tiny', `--revision=${commit}`]
const kills = 50
const patience = { timeoutSeconds: 600 }

/** Kills it after this many milliseconds; true: it had ended by itself. */
async function killed(args: string[], env: Record<string, string>, afterMs: number): Promise<boolean> {
  const process = new ServerProcess(args, env)
  const timer = setTimeout(() => process.child.kill('SIGKILL'), afterMs)
  const { code, errors } = await process.ended
  clearTimeout(timer)
  assert.ok(code === 0 || code === null, errors)
  return code === 0
}

describe('a process that is killed', (test) => {
  test(
    `leaves no wrong or half file that counts: fetch, ${kills} times`,
    async () => {
      const hub = new FakeHub(content)
      const env = { HF_ENDPOINT: await hub.start(), HF_TOKEN: '' }
      const directory = mkdtempSync(join(tmpdir(), 'slipway-kill-'))
      let whole = 0
      for (let count = 0; count < kills; count += 1) {
        whole += (await killed(['fetch', ...source, `--to=${directory}`], env, 200 + Math.random() * 900)) ? 1 : 0
        for (const [name, bytes] of Object.entries(hub.files))
          if (existsSync(join(directory, name))) assert.ok(readFileSync(join(directory, name)).equals(bytes), name)
        // From the beginning now and then, otherwise from what is left.
        if (count % 7 === 6) rmSync(directory, { recursive: true, force: true })
      }
      const last = await new ServerProcess(['fetch', ...source, `--to=${directory}`], env).ended
      assert.is(last.code, 0, last.errors)
      assert.equal(readdirSync(directory).sort(), Object.keys(content).sort())
      console.log(`${kills} kills, ${whole} came too late`)
      hub.stop()
      rmSync(directory, { recursive: true })
    },
    patience,
  )

  test(
    'leaves no wrong or half object that counts: copy',
    async () => {
      const found = await pythonWithMoto()
      if ('missing' in found) return void console.log(`SKIP  copy: ${found.missing}`)
      const [hub, server] = [new FakeHub(content), new S3Server()]
      await server.start(found.python)
      await server.makeBucket('weights')
      const env = { ...server.environment(), HF_ENDPOINT: await hub.start(), HF_TOKEN: '' }
      const client = s3Client('weights', env, pause)
      const address = 'e'.repeat(64)
      const args = ['copy', ...source, `--store=s3://weights/${address}`]
      const sizes = new Map(Object.entries(hub.files).map(([name, { length }]) => [name, length]))
      for (let count = 0; count < 10; count += 1) {
        await killed(args, env, 300 + Math.random() * 2500)
        const objects = await client.list(filesPrefix(address))
        for (const { key, bytes } of objects) assert.is(bytes, sizes.get(key.slice(filesPrefix(address).length)), key)
        if ((await readManifest(client, address)) !== undefined) assert.is(objects.length, sizes.size)
      }
      const last = await new ServerProcess(args, env).ended
      assert.is(last.code, 0, last.errors)
      const manifest = await readManifest(client, address)
      assert.equal(
        manifest?.files.map(({ path, sha256: hash }) => [path, hash]),
        Object.entries(hub.files)
          .map(([name, bytes]) => [name, sha256(bytes)])
          .sort(),
      )
      hub.stop()
      await server.stop()
    },
    patience,
  )
})

// A mounted origin secret: read again when Kubernetes changes it, kept when it cannot be read.
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { assert, describe } from '../../test/spec.ts'
import { smokeKey } from '../smoke-key.ts'
import { startGateway, until } from './harness.ts'

/** A folder as the kubelet keeps it: one rename moves all files to another version. */
class MountedSecret {
  readonly folder = mkdtempSync(join(tmpdir(), 'slipway-origin-'))
  #version = 0

  set(values: Readonly<Record<string, string>>): void {
    this.#version += 1
    const version = `..${this.#version}`
    mkdirSync(join(this.folder, version))
    for (const [name, value] of Object.entries(values)) writeFileSync(join(this.folder, version, name), value)
    symlinkSync(version, join(this.folder, '..data_tmp'))
    renameSync(join(this.folder, '..data_tmp'), join(this.folder, '..data'))
    for (const name of ['current', 'previous']) {
      rmSync(join(this.folder, name), { force: true })
      if (name in values) symlinkSync(`..data/${name}`, join(this.folder, name))
    }
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

const within = 5000

describe('a mounted origin secret', (test) => {
  test('is read again, and outlives a folder that cannot be read', async () => {
    const secret = new MountedSecret()
    secret.set({ current: 'old' })
    const gateway = await startGateway([], { config: { ORIGIN_SECRET_FOLDER: secret.folder } })
    const status = async (value: string) => (await gateway.get('/v1/models', { 'x-origin-verify': value })).status
    try {
      assert.equal([await status('old'), await status('new'), await status('')], [200, 403, 403])
      secret.set({ current: 'new\n', previous: 'old' })
      await until(async () => (await status('new')) === 200, 'the new value is read', within)
      assert.is(await status('old'), 200)
      assert.match(gateway.log(), '"event":"origin_secret_read","values":2')
      secret.set({ current: 'new' })
      await until(async () => (await status('old')) === 403, 'the old value is gone', within)
      secret.remove()
      await until(() => gateway.log().includes('origin_secret_unread'), 'the loss is logged', within)
      assert.equal([await status('new'), await status('old')], [200, 403])
    } finally {
      await gateway.stop()
      secret.remove()
    }
  })

  test('lets nobody in before it has a value', async () => {
    const secret = new MountedSecret()
    const gateway = await startGateway([], { config: { ORIGIN_SECRET_FOLDER: secret.folder } })
    const status = async (value: string) => (await gateway.get('/v1/models', { 'x-origin-verify': value })).status
    try {
      assert.equal([await status(''), await status('undefined')], [403, 403])
      secret.set({ current: 'first' })
      await until(async () => (await status('first')) === 200, 'the first value is read', within)
    } finally {
      await gateway.stop()
      secret.remove()
    }
  })

  test('is asked of nobody where the network says what comes, and still makes the key of the smoke tests', async () => {
    const secret = new MountedSecret()
    secret.set({ current: 'of-the-smoke-tests' })
    const config = { ORIGIN_SECRET_FOLDER: secret.folder, ORIGIN_CHECK: false }
    const gateway = await startGateway([], { config })
    const ask = (key: string) => gateway.get('/stream/v1/models', { authorization: `Bearer ${key}` })
    try {
      assert.is((await gateway.get('/openapi.json')).status, 200)
      const [right, wrong] = await Promise.all(['of-the-smoke-tests', 'of-somebody'].map((one) => ask(smokeKey(one))))
      assert.equal([right?.status, wrong?.status], [200, 401])
    } finally {
      await gateway.stop()
      secret.remove()
    }
  })
})

// The directory of a local run: a file that appears, changes, breaks and is repaired.
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as generators from '../../generators/schema/contract.ts'
import { assert, describe } from '../../test/spec.ts'
import { FileDirectory } from '../discovery/file.ts'
import { readConfig } from '../read-config.ts'
import { privilegedFields } from '../request/body-policy.ts'
import { model, until } from './harness.ts'

const entry = (name: string, port: number, changes: Record<string, string> = {}) => ({
  annotations: {
    'slipway.dev/model': name,
    'slipway.dev/model-id': `org/${name}`,
    'slipway.dev/aliases': `["${name}-alias"]`,
    'slipway.dev/task': 'text-generation',
    'slipway.dev/engine': 'cpu',
    'slipway.dev/api': 'openai',
    'slipway.dev/spec': JSON.stringify(model('x', []).spec),
    ...changes,
  },
  endpoints: [{ address: '127.0.0.1', port, ready: true }],
})

const tenant = {
  name: 'local',
  claims: { sub: 'me' },
  limits: { requestsPerMinute: 1, tokensPerMinute: 1, concurrency: 1 },
  apiKeys: [],
}

describe('the directory of a local run', (test) => {
  let folder: string
  test.before(() => {
    folder = mkdtempSync(join(tmpdir(), 'slipway-directory-'))
  })
  test.after(() => rmSync(folder, { recursive: true }))

  test('waits for its file, follows it, and keeps the last good state when it breaks', async () => {
    const path = join(folder, 'directory.json')
    const directory = new FileDirectory(path)
    let changes = 0
    directory.onChange(() => {
      changes += 1
    })
    directory.start()
    await until(() => directory.staleSeconds() > 0, 'the file is missed')
    assert.is(directory.ready, false)

    writeFileSync(
      `${path}.new`,
      JSON.stringify({
        models: [entry('a', 1), { ...entry('gpu', 2), endpoints: [], unavailable: { reason: 'it needs a GPU' } }],
        tenants: [tenant],
      }),
    )
    renameSync(`${path}.new`, path)
    await until(() => directory.ready, 'the file')
    assert.is(directory.snapshot.models.get('a')?.endpoints[0]?.port, 1)
    assert.is(directory.snapshot.models.get('gpu')?.unavailable?.reason, 'it needs a GPU')
    assert.is(directory.snapshot.names.get('a-alias')?.name, 'a')
    assert.is(directory.staleSeconds(), 0)

    writeFileSync(path, '{"models": [')
    await until(() => directory.snapshot.problems.length === 1, 'the problem')
    assert.ok(directory.snapshot.models.has('a'))

    writeFileSync(
      path,
      JSON.stringify({
        models: [entry('b', 2), entry('b', 3), entry('bad', 4, { 'slipway.dev/api': 'soap' }), null],
        tenants: [tenant, { name: 'x' }],
      }),
    )
    await until(() => directory.snapshot.models.has('b'), 'the new file')
    assert.equal([...directory.snapshot.models.keys()], ['b'])
    assert.is(directory.snapshot.models.get('b')?.endpoints[0]?.port, 2)
    assert.is(directory.snapshot.problems.length, 4)
    assert.ok(changes >= 3)
    await directory.stop()
  })
})

describe('what gateway and generators both say', (test) => {
  test('is the same: how long a model may wake, and which fields need permission', () => {
    const { config } = readConfig({})
    assert.equal({ request: config.HOLD_SECONDS, stream: config.STREAM_HOLD_SECONDS }, generators.holdSeconds)
    assert.ok(config.STREAM_HOLD_SECONDS < config.STREAM_SECONDS)
    assert.equal(Object.keys(privilegedFields), [...generators.privilegedBodyFields])
  })
})

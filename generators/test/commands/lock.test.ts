// `npm run lock` as a person runs it, against a Hub on loopback.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { assert, describe } from '../../../test/spec.ts'
import { withRevision } from '../../commands/revision-edit.ts'
import { lockText } from '../../hub/lock-text.ts'
import type { Lock } from '../../schema/lock.ts'
import { copyRepository, repositoryRoot, validFixture } from '../fixture.ts'
import { gatedModel, pickle, small } from '../hub/hub-models.ts'
import { type HubServer, startHub, testToken } from '../hub/hub-server.ts'

interface Outcome {
  status: number | null
  out: string
  log: string
}

/** Not spawnSync: the Hub lives in this process. */
function lock(
  root: string,
  hub: Pick<HubServer, 'url'>,
  args: string[],
  env: Record<string, string> = {},
): Promise<Outcome> {
  const child = spawn(process.execPath, [join(repositoryRoot, 'generators/main.ts'), 'lock', '--root', root, ...args], {
    env: { ...process.env, HF_TOKEN: '', HF_ENDPOINT: hub.url, GITHUB_ACTIONS: '', ...env },
  })
  let [out, log] = ['', '']
  child.stdout.on('data', (chunk) => {
    out += chunk
  })
  child.stderr.on('data', (chunk) => {
    log += chunk
  })
  return new Promise((resolve) => child.on('close', (status) => resolve({ status, out, log })))
}

async function withModels(
  files: Record<string, string>,
  use: (root: string, hub: HubServer, read: (path: string) => string) => Promise<void>,
): Promise<void> {
  const { rmSync, writeFileSync } = await import('node:fs')
  const root = copyRepository(validFixture)
  const hub = await startHub([small, gatedModel, pickle])
  try {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(root, `apps/models/${name}.yaml`), text)
    await use(root, hub, (path) => readFileSync(join(root, path), 'utf8'))
  } finally {
    await hub.stop()
    rmSync(root, { recursive: true, force: true })
  }
}

const model = (id: string, revision?: string): string =>
  `# What it is for.\nmodel: ${id} # the small one\n${revision === undefined ? '' : `revision: "${revision}"   # pinned\n`}engine: vllm\nclusters: {}\n`

describe('npm run lock', (test) => {
  test('writes the lock of a pinned revision; a second run changes no byte', () =>
    withModels({ tiny: model(small.id, small.sha) }, async (root, hub, read) => {
      const first = await lock(root, hub, ['tiny'])
      assert.is(first.status, 0, first.log)
      assert.match(first.out, /written: apps\/models\/tiny\.lock\.json/)
      const text = read('apps/models/tiny.lock.json')
      assert.is((JSON.parse(text) as Lock).parameters.BF16, 12288)
      const second = await lock(root, hub, ['tiny'])
      assert.is(second.out, '1 of 1 locked, 0 files changed\n')
      assert.is(read('apps/models/tiny.lock.json'), text)
    }))

  test('--update writes the newest commit into the file and leaves its comments', () =>
    withModels({ tiny: model(small.id, 'f'.repeat(40)), bare: model(small.id) }, async (root, hub, read) => {
      const { status, log } = await lock(root, hub, ['tiny', 'bare', '--update'])
      assert.is(status, 0, log)
      assert.is(read('apps/models/tiny.yaml'), model(small.id, small.sha).replaceAll('"', ''))
      assert.match(read('apps/models/bare.yaml'), new RegExp(`# the small one\\nrevision: ${small.sha}\\nengine`))
    }))

  test('what is refused is said with its line; the others are written', () =>
    withModels(
      {
        tiny: model(small.id, small.sha),
        bad: model(pickle.id, pickle.sha),
        shut: model(gatedModel.id, gatedModel.sha),
      },
      async (root, hub, read) => {
        const { status, out, log } = await lock(root, hub, ['tiny', 'bad', 'shut'])
        assert.is(status, 1)
        assert.match(out, /written: apps\/models\/tiny\.lock\.json/)
        assert.match(
          log,
          /^apps\/models\/bad\.yaml:2:8 example\/pickle has no safetensors weights .* -> choose a revision/m,
        )
        assert.match(log, /^apps\/models\/shut\.yaml:2:8 example\/gated is gated.* -> accept them at .* HF_TOKEN/m)
        assert.throws(() => read('apps/models/bad.lock.json'))
      },
    ))

  test('a token opens a gated model and is never printed', () =>
    withModels({ shut: model(gatedModel.id, gatedModel.sha) }, async (root, hub) => {
      const { status, out, log } = await lock(root, hub, ['shut', '--json'], { HF_TOKEN: testToken })
      assert.is(status, 0, log)
      assert.not.match(out + log, new RegExp(testToken))
      const wrong = await lock(root, hub, ['shut'], { HF_TOKEN: 'hf_another' })
      assert.is(wrong.status, 1)
      assert.not.match(wrong.out + wrong.log, /hf_another/)
    }))

  test('offline it is one line and exit code 2, and nothing is touched', () =>
    withModels({ tiny: model(small.id, small.sha), other: model(small.id, small.sha) }, async (root, hub, read) => {
      await hub.stop()
      const { status, out, log } = await lock(root, hub, ['tiny', 'other'])
      assert.is(status, 2)
      assert.is(out, '')
      assert.match(
        log,
        /^apps\/models\/(?:tiny|other)\.yaml:2:8 cannot reach 127\.0\.0\.1:\d+ \(ECONNREFUSED\) -> lock is the only command that needs the network.*\n$/,
      )
      assert.throws(() => read('apps/models/tiny.lock.json'))
    }))

  test('the hash of a bundled model is written anew', () =>
    withModels({}, async (root, hub, read) => {
      const { writeFileSync } = await import('node:fs')
      const before = read('apps/models/demo.lock.json')
      writeFileSync(join(root, 'model-server/models/demo/model.onnx'), 'other weights')
      const { status, log } = await lock(root, hub, ['demo'])
      assert.is(status, 0, log)
      const [old, fresh] = [before, read('apps/models/demo.lock.json')].map(
        (text) => JSON.parse(text) as Record<string, unknown>,
      )
      assert.is.not(fresh?.sha256, old?.sha256)
      assert.equal({ ...fresh, sha256: '' }, { ...old, sha256: '' })
      assert.equal(hub.seen, [])
    }))

  test('answers mistakes with what to write', () =>
    withModels({ bare: model(small.id) }, async (root, hub) => {
      assert.match((await lock(root, hub, [])).log, /^give the name of a model, or --all\n/)
      assert.match((await lock(root, hub, ['chta'])).log, /^apps\/models has no chta\.yaml; did you mean "chat"\?/)
      assert.match(
        (await lock(root, hub, ['bare'])).log,
        /bare\.yaml:2:8 the file has no revision -> npm run lock -- bare --update/,
      )
      assert.match(
        (await lock(root, hub, ['bare'], { HF_ENDPOINT: 'http://hub.example.com' })).log,
        /write an https:\/\/ address/,
      )
      assert.match((await lock(root, hub, ['bare'], { HF_TOKEN: 'secret' })).log, /^HF_TOKEN is no user access token/)
      assert.not.match((await lock(root, hub, ['bare'], { HF_TOKEN: 'secret' })).log, /secret/)
    }))
})

describe('lockText', (test) => {
  test('writes the committed locks as they are', () => {
    for (const name of ['gpt2', 'gemma-3-4b-it', 'gpt-oss-20b', 'qwen3-30b-a3b', 'tiny-stories']) {
      const text = readFileSync(join(repositoryRoot, `apps/models/${name}.lock.json`), 'utf8')
      assert.is(lockText(JSON.parse(text) as Lock), text)
    }
  })
})

describe('withRevision', (test) => {
  test('touches only the commit at the top level', () => {
    const text = 'clusters:\n  dev: { revision: old }\nrevision: old # why\n'
    assert.is(withRevision(text, 'new'), 'clusters:\n  dev: { revision: old }\nrevision: new # why\n')
    assert.is(withRevision('model: a/b', 'new'), 'model: a/b\nrevision: new\n')
    assert.is(withRevision('- no map\n', 'new'), '- no map\n')
  })
})

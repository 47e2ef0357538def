// `npm run lock` as a person runs it, against a Hub on loopback.
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Check } from 'typebox/value'
import { type Outcome, runProgram } from '../../../test/run-program.ts'
import { sampleRoot } from '../../../test/sample-tree.ts'
import { assert, describe } from '../../../test/spec.ts'
import { withRevision } from '../../commands/revision-edit.ts'
import { hubCodes } from '../../diagnostics/codes.ts'
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import { lockText } from '../../hub/lock-text.ts'
import { type Lock, lockSchema } from '../../schema/lock.ts'
import { copyRepository, repositoryRoot, validFixture } from '../fixture.ts'
import { gatedModel, oddAttention, oddLicence, onnxOnly, pickle, small, withConfig } from '../hub/hub-models.ts'
import { type Fault, type HubModel, type HubServer, startHub, testToken } from '../hub/hub-server.ts'

const noTransformer = withConfig('example/no-transformer', { model_type: 'yolo' })
const speech: HubModel = { ...small, id: 'example/speech', pipelineTag: 'automatic-speech-recognition' }
const moved: HubModel = { ...small, id: 'example/new-name', formerly: 'example/old-name' }
const impossible = withConfig('example/impossible', {
  ...(JSON.parse(String(small.files['config.json'])) as object),
  vocab_size: -1,
})

const lock = (
  root: string,
  hub: Pick<HubServer, 'url'>,
  args: string[],
  env: Record<string, string> = {},
): Promise<Outcome> =>
  runProgram(process.execPath, [join(repositoryRoot, 'generators/main.ts'), 'lock', '--root', root, ...args], {
    env: { HF_TOKEN: '', HF_ENDPOINT: hub.url, ...env },
  })

async function withModels(
  files: Record<string, string>,
  use: (root: string, hub: HubServer, read: (path: string) => string) => Promise<void>,
): Promise<void> {
  const root = copyRepository(validFixture)
  const hub = await startHub([
    small,
    gatedModel,
    pickle,
    oddLicence,
    onnxOnly,
    noTransformer,
    impossible,
    speech,
    moved,
    oddAttention,
  ])
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
          /^PICKLE_WEIGHTS apps\/models\/bad\.yaml:2:8 example\/pickle has no safetensors weights .* -> choose a revision/m,
        )
        assert.match(
          log,
          /^HUB_GATED apps\/models\/shut\.yaml:2:8 example\/gated is gated.* -> accept them at .* HF_TOKEN/m,
        )
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
        /^HUB_UNREACHABLE apps\/models\/(?:tiny|other)\.yaml:2:8 cannot reach 127\.0\.0\.1:\d+ \(ECONNREFUSED\) -> this command needs the network.*\n$/,
      )
      assert.throws(() => read('apps/models/tiny.lock.json'))
    }))

  test('of several that are refused each is said, also when the Hub is away', () =>
    withModels({ bad: model(pickle.id), tiny: 'model: [\n' }, async (root, hub) => {
      await hub.stop()
      const { status, log } = await lock(root, hub, ['bad', 'tiny'])
      assert.is(status, 1)
      assert.match(log, /^REVISION_MISSING apps\/models\/bad.*\nYAML_SYNTAX apps\/models\/tiny\.yaml:\d+:\d+ .*\n$/)
      const update = await lock(root, hub, ['bad', 'tiny', '--update'])
      assert.is(update.status, 2)
      assert.match(update.log, /^YAML_SYNTAX .*\nHUB_UNREACHABLE apps\/models\/bad\.yaml:2:8 .*\n$/)
    }))

  test('a file that cannot be read is an error of --all too', () =>
    withModels({ broken: 'model: [\n' }, async (root, hub) => {
      const { status, log } = await lock(root, hub, ['--all'])
      assert.not(status === 0)
      assert.match(log, /^YAML_SYNTAX apps\/models\/broken\.yaml/m)
    }))

  test('a branch as revision is refused before the Hub is asked', () =>
    withModels({ tiny: model(small.id, 'main') }, async (root, hub) => {
      const { status, log } = await lock(root, hub, ['tiny'])
      assert.is(status, 1)
      assert.match(log, /^FIELD_VALUE apps\/models\/tiny\.yaml:3:11 revision main is no commit/)
      assert.equal(hub.seen, [])
    }))

  test('an address in place of a name is read to say what to write', () =>
    withModels({ tiny: model(`https://huggingface.co/${small.id}/tree/main`) }, async (root, hub) => {
      const { status, log } = await lock(root, hub, ['tiny'])
      assert.is(status, 1)
      assert.match(
        log,
        /^FIELD_VALUE apps\/models\/tiny\.yaml:2:8 .* is an address, not the name of a model -> write model: example\/small-llama and revision: the commit of main/,
      )
      assert.equal(hub.seen, [])
    }))

  test('ONNX files alone are not called pickle', () =>
    withModels({ tiny: model(onnxOnly.id, onnxOnly.sha) }, async (root, hub) => {
      assert.match(
        (await lock(root, hub, ['tiny'])).log,
        /^PICKLE_WEIGHTS .*a lock cannot be read from ONNX files alone/,
      )
    }))

  test('--json prints diagnostics as synth does; GitHub gets annotations', () =>
    withModels({ bad: model(pickle.id, pickle.sha) }, async (root, hub) => {
      const { out, log } = await lock(root, hub, ['bad', '--json'])
      const { ok, diagnostics, summary } = JSON.parse(out) as {
        ok: boolean
        diagnostics: Diagnostic[]
        summary: object
      }
      assert.is(log, '')
      assert.is(ok, false)
      assert.equal(summary, { models: 1, refused: 1, written: 0 })
      assert.equal(
        diagnostics.map(({ code, level, position }) => ({ code, level, position })),
        [{ code: 'PICKLE_WEIGHTS', level: 'error', position: { file: 'apps/models/bad.yaml', line: 2, column: 8 } }],
      )
      const github = await lock(root, hub, ['bad'], { GITHUB_ACTIONS: 'true' })
      assert.match(github.log, /^::error file=apps\/models\/bad\.yaml,line=2,col=8,title=PICKLE_WEIGHTS::/m)
    }))

  test('a bundled model that moved keeps its facts; another folder needs a lock of its own', () =>
    withModels({}, async (root, hub, read) => {
      const { cpSync, writeFileSync } = await import('node:fs')
      cpSync(join(root, 'model-server/models/demo'), join(root, 'model-server/models/moved'), { recursive: true })
      const file = read('apps/models/demo.yaml').replace('models/demo', 'models/moved')
      writeFileSync(join(root, 'apps/models/demo.yaml'), file)
      assert.is((await lock(root, hub, ['demo'])).status, 0)
      assert.is((JSON.parse(read('apps/models/demo.lock.json')) as Lock).id, './model-server/models/moved')
      writeFileSync(join(root, 'apps/models/demo.yaml'), file.replace('models/moved', 'models/nowhere'))
      assert.match((await lock(root, hub, ['demo'])).log, /^BUNDLED_MISSING apps\/models\/demo\.yaml:\d+:\d+ /)
      cpSync(join(root, 'model-server/models/demo'), join(root, 'model-server/models/other'), { recursive: true })
      writeFileSync(join(root, 'model-server/models/other/model.onnx'), 'other weights')
      writeFileSync(join(root, 'apps/models/demo.yaml'), file.replace('models/moved', 'models/other'))
      assert.match((await lock(root, hub, ['demo'])).log, /^LOCK_MISSING apps\/models\/demo\.yaml:\d+:\d+ /)
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

  test('--migrate writes an old lock in today’s form, without asking the Hub, and leaves a new one alone', () =>
    withModels({ old: model(small.id) }, async (root, hub, read) => {
      const { cache: _, ...facts } = JSON.parse(read('apps/models/chat.lock.json')) as Lock
      const { unverified, architectures, ...rest } = facts
      const write = (changes: object): void =>
        writeFileSync(
          join(root, 'apps/models/old.lock.json'),
          JSON.stringify({ ...rest, architectures, unverified, ...changes }),
        )
      write({ slidingWindow: { tokens: 128, localLayers: 12 }, architectures: ['GptOssForCausalLM'] })
      const { status, out } = await lock(root, hub, ['--all', '--migrate'])
      assert.is(status, 0)
      assert.match(out, /^written: apps\/models\/old\.lock\.json\n/)
      const fresh = JSON.parse(read('apps/models/old.lock.json')) as Lock
      assert.equal(fresh.cache, [
        { kind: 'full', layers: 20 },
        { kind: 'sliding', layers: 12, window: 128 },
      ])
      assert.equal(fresh.unverified, ['cache'])
      assert.ok(Check(lockSchema, fresh))
      assert.match((await lock(root, hub, ['--all', '--migrate'])).out, /locked, 0 files changed/)
      write({ architectures: ['JambaForCausalLM'] })
      const refused = await lock(root, hub, ['old', '--migrate'])
      assert.is(refused.status, 1)
      assert.match(
        refused.log,
        /^LOCK_OUTDATED apps\/models\/old\.lock\.json:\d+:\d+ JambaForCausalLM: .* -> npm run lock -- old reads/,
      )
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

interface Example {
  id: string
  /** Line and column of what is wrong in a file that `model` writes. */
  place: string
  revision?: string
  faults?: Fault[]
  /** Nobody listens where the Hub was. */
  away?: true
}

const examples: Record<keyof typeof hubCodes, Example> = {
  HUB_UNREACHABLE: { id: small.id, place: '2:8', away: true },
  HUB_BUSY: {
    id: small.id,
    place: '2:8',
    faults: Array.from({ length: 5 }, () => ({ status: 429, headers: { 'retry-after': '0' } })),
  },
  HUB_ANSWER: { id: impossible.id, place: '2:8' },
  HUB_MODEL_UNKNOWN: { id: 'example/nobody', place: '2:8' },
  HUB_REVISION_UNKNOWN: { id: small.id, revision: 'f'.repeat(40), place: '3:11' },
  HUB_MODEL_RENAMED: { id: 'example/old-name', place: '2:8' },
  HUB_GATED: { id: gatedModel.id, revision: gatedModel.sha, place: '2:8' },
  LICENCE: { id: oddLicence.id, place: '2:8' },
  MODEL_NOT_SERVED: { id: speech.id, place: '2:8' },
  MODEL_CONFIG: { id: noTransformer.id, place: '2:8' },
  MODEL_ATTENTION: { id: oddAttention.id, place: '2:8' },
}

describe('codes of npm run lock', (test) => {
  test('each has one example', () => {
    assert.equal(Object.keys(examples).sort(), Object.keys(hubCodes).sort())
  })

  for (const [code, example] of Object.entries(examples)) {
    const { id, place, revision = small.sha, faults = [], away } = example
    test(`${code} is found where it is, and nothing else; nothing is written`, () =>
      withModels({ tiny: model(id, revision) }, async (root, hub, read) => {
        hub.next.push(...faults)
        if (away) await hub.stop()
        const { status, out, log } = await lock(root, hub, ['tiny'])
        assert.match(log, new RegExp(`^${code} apps/models/tiny\\.yaml:${place} [^\\n]{10,} -> [^\\n]{6,}\\n$`))
        assert.is(status, code === 'HUB_UNREACHABLE' ? 2 : 1)
        assert.is(out, '')
        assert.throws(() => read('apps/models/tiny.lock.json'))
      }))
  }
})

describe('lockText', (test) => {
  test('writes the locks of the samples as they are', () => {
    for (const name of ['gpt2', 'gemma-3-4b-it', 'gpt-oss-20b', 'qwen3-30b-a3b', 'tiny-stories']) {
      const text = readFileSync(join(sampleRoot, `apps/models/${name}.lock.json`), 'utf8')
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
    assert.is(withRevision('{ model: a/b, clusters: {} }\n', 'new'), '{ model: a/b, revision: new, clusters: {} }\n')
  })

  test('keeps a byte order mark and the line ends of other systems', () => {
    const text = '\ufeff# ü\r\nmodel: a/b # x\r\nrevision: old\r\n'
    assert.is(withRevision(text, 'new'), text.replace('old', 'new'))
    assert.is(
      withRevision('model: a/b # x\r\nengine: cpu\r\n', 'new'),
      'model: a/b # x\r\nrevision: new\r\nengine: cpu\r\n',
    )
  })
})

// The command as a user runs it: a process of its own, on a copy of the repository.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sampleRoot } from '../../../test/sample-tree.ts'
import { assert, describe } from '../../../test/spec.ts'
import { repositoryRoot } from '../fixture.ts'

const main = join(repositoryRoot, 'generators/main.ts')

interface Outcome {
  status: number | null
  out: string
  log: string
}

function run(root: string, args: string[], env: Record<string, string> = {}): Outcome {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args, '--root', root], {
    encoding: 'utf8',
    env: { ...process.env, GITHUB_ACTIONS: '', ...env },
  })
  return { status, out: stdout, log: stderr }
}

const generated = ['schemas', 'docs/reference/fields.md', 'docs/reference/messages.md']

/** A copy of everything that synth reads and writes. */
function withCopy(use: (root: string) => void): void {
  const root = mkdtempSync(join(tmpdir(), 'slipway-'))
  try {
    for (const path of ['apps', 'clusters', 'model-server/models'])
      cpSync(join(sampleRoot, path), join(root, path), { recursive: true })
    for (const path of generated) cpSync(join(repositoryRoot, path), join(root, path), { recursive: true })
    use(root)
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

const snapshot = (root: string): Map<string, string> =>
  new Map(
    readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((path) => statSync(join(root, path)).isFile())
      .map((path) => [path.replaceAll('\\', '/'), readFileSync(join(root, path), 'utf8')]),
  )

const changedPaths = (before: Map<string, string>, after: Map<string, string>): string[] =>
  [...new Set([...before.keys(), ...after.keys()])].filter((path) => before.get(path) !== after.get(path)).sort()

const edit = (root: string, path: string, from: string, to: string): void => {
  const text = readFileSync(join(root, path), 'utf8')
  assert.ok(text.includes(from), `${path} has no ${from}`)
  writeFileSync(join(root, path), text.replace(from, to))
}

describe('npm run synth', (test) => {
  test('finds the committed tree fresh', () => {
    const { status, out } = run(repositoryRoot, ['synth', '--check'])
    assert.is(status, 0, out)
    assert.match(out, /0 differ, 0 stale/)
  })

  test('twice changes nothing', () =>
    withCopy((root) => {
      const before = snapshot(root)
      assert.is(run(root, ['synth']).status, 0)
      assert.equal(changedPaths(before, snapshot(root)), [])
    }))

  test('gives the same bytes with another locale and time zone', () =>
    withCopy((root) => {
      const before = snapshot(root)
      rmSync(join(root, 'clusters/prod/rendered'), { recursive: true })
      const { status } = run(root, ['synth'], { LC_ALL: 'tr_TR.UTF-8', LANG: 'tr_TR.UTF-8', TZ: 'Pacific/Kiritimati' })
      assert.is(status, 0)
      assert.equal(changedPaths(before, snapshot(root)), [])
    }))

  test('gives the same bytes when the files were made in another order', () =>
    withCopy((root) => {
      const before = snapshot(root)
      const folder = join(root, 'apps/models')
      const texts = readdirSync(folder).map((name) => [name, readFileSync(join(folder, name))] as const)
      rmSync(folder, { recursive: true })
      rmSync(join(root, 'clusters/prod/rendered'), { recursive: true })
      mkdirSync(folder)
      for (const [name, text] of texts.toReversed()) writeFileSync(join(folder, name), text)
      assert.is(run(root, ['synth']).status, 0)
      assert.equal(changedPaths(before, snapshot(root)), [])
    }))

  test('--check exits 1 after one byte of a rendered file is changed, shows where, and writes nothing', () =>
    withCopy((root) => {
      const path = 'clusters/prod/rendered/model-gpt2/service-gpt2.yaml'
      edit(root, path, 'port: 8000', 'port: 8001')
      const before = snapshot(root)
      const { status, log } = run(root, ['synth', '--check'])
      assert.is(status, 1)
      assert.match(log, path)
      assert.match(log, '-       port: 8001')
      assert.match(log, 'npm run synth')
      assert.equal(changedPaths(before, snapshot(root)), [])
    }))

  test('--check exits 1 after one byte of a model file is changed', () =>
    withCopy((root) => {
      edit(root, 'apps/models/gpt2.yaml', 'maxReplicas: 2', 'maxReplicas: 3')
      assert.is(run(root, ['synth', '--check']).status, 1)
    }))

  test('maxReplicas 3 → 4 of one model touches that model’s files only', () =>
    withCopy((root) => {
      const before = snapshot(root)
      edit(root, 'apps/models/llama-3-1-8b-instruct.yaml', 'maxReplicas: 3', 'maxReplicas: 4')
      edit(root, 'apps/models/llama-3-1-8b-instruct.yaml', 'maxMonthlyUsd: 1800', 'maxMonthlyUsd: 2400')
      assert.is(run(root, ['synth']).status, 0)
      assert.equal(changedPaths(before, snapshot(root)), [
        'apps/models/llama-3-1-8b-instruct.yaml',
        // Its Application says that the folder changed.
        'clusters/prod/rendered/argocd/application-model-llama-3-1-8b-instruct.yaml',
        'clusters/prod/rendered/model-llama-3-1-8b-instruct/scaledobject-llama-3-1-8b-instruct.yaml',
      ])
    }))

  test('a new model is one file and its lock, and touches nobody else’s files', () =>
    withCopy((root) => {
      const before = snapshot(root)
      const file = readFileSync(join(root, 'apps/models/gpt2.yaml'), 'utf8').replace('aliases: [gpt-2]\n', '')
      writeFileSync(join(root, 'apps/models/gpt2-canary.yaml'), file)
      cpSync(join(root, 'apps/models/gpt2.lock.json'), join(root, 'apps/models/gpt2-canary.lock.json'))
      assert.is(run(root, ['synth']).status, 0)
      const others = changedPaths(before, snapshot(root)).filter((path) => !path.includes('gpt2-canary'))
      assert.equal(others, [])
    }))

  test('a new cluster is two files', () =>
    withCopy((root) => {
      const before = snapshot(root)
      const path = (name: string) => join(root, 'clusters', name)
      cpSync(join(path('dev'), 'cluster.yaml'), join(path('staging'), 'cluster.yaml'))
      cpSync(join(path('dev'), 'infra.json'), join(path('staging'), 'infra.json'))
      edit(root, 'clusters/staging/infra.json', '"clusterName": "dev"', '"clusterName": "staging"')
      const { status, log } = run(root, ['synth'])
      assert.is(status, 0, log)
      const changed = changedPaths(before, snapshot(root))
      assert.ok(changed.includes('clusters/staging/rendered/gateway/deployment-gateway.yaml'))
      assert.equal(
        changed.filter((one) => !one.startsWith('clusters/staging/')),
        [],
      )
    }))

  test('a removed model takes its folder and its Application along', () =>
    withCopy((root) => {
      rmSync(join(root, 'apps/models/phi-4.yaml'))
      rmSync(join(root, 'apps/models/phi-4.lock.json'))
      assert.is(run(root, ['synth']).status, 0)
      assert.equal(
        [...snapshot(root).keys()].filter((path) => path.includes('phi-4')),
        [],
      )
    }))

  test('--only renders one model and says nothing about others', () =>
    withCopy((root) => {
      edit(root, 'apps/models/gpt2.yaml', 'maxReplicas: 2', 'maxReplicas: 3')
      edit(root, 'apps/models/phi-4.yaml', 'engine:', 'motor:')
      const { status, out } = run(root, ['synth', '--only', 'gpt2'])
      assert.is(status, 0)
      assert.match(out, '1 model, 2 clusters')
      assert.match(out, ' 0 deleted')
    }))

  test('--cluster leaves other clusters alone', () =>
    withCopy((root) => {
      const before = snapshot(root)
      edit(root, 'apps/models/gpt2.yaml', 'maxReplicas: 2', 'maxReplicas: 3')
      assert.is(run(root, ['synth', '--cluster', 'dev']).status, 0)
      const rendered = changedPaths(before, snapshot(root)).filter((path) => path.includes('rendered'))
      assert.ok(rendered.length > 0 && rendered.every((path) => path.startsWith('clusters/dev/')), rendered.join())
    }))

  test('--json prints one object', () =>
    withCopy((root) => {
      edit(root, 'apps/models/gpt2.yaml', 'engine: cpu', 'engine: gpu')
      const { status, out } = run(root, ['synth', '--json'])
      const report = JSON.parse(out)
      assert.equal(
        [
          status,
          report.version,
          report.ok,
          report.diagnostics.find((one: { level: string }) => one.level === 'error').code,
        ],
        [1, 1, false, 'ENGINE_UNKNOWN'],
      )
    }))

  test('annotates pull requests in GitHub Actions', () =>
    withCopy((root) => {
      edit(root, 'apps/models/gpt2.yaml', 'engine: cpu', 'engine: gpu')
      const { log } = run(root, ['synth'], { GITHUB_ACTIONS: 'true' })
      assert.match(log, '::error file=apps/models/gpt2.yaml,line=6,col=9,title=ENGINE_UNKNOWN::')
    }))

  test('answers a wrong option, a wrong command and a wrong folder in one line and exit 1', () => {
    const wrongOption = run(repositoryRoot, ['synth', '--chek'])
    assert.is(wrongOption.status, 1)
    assert.match(wrongOption.log, 'did you mean --check?')
    assert.match(run(repositoryRoot, ['sinth']).log, 'did you mean synth?')
    const nowhere = run(tmpdir(), ['synth'])
    assert.is(nowhere.status, 1)
    assert.match(nowhere.log, 'has no folder apps/')
    for (const { log } of [wrongOption, nowhere]) assert.not.match(log, /\n {4}at /)
  })

  test('refuses to write when npm has swallowed --check', () => {
    const { status, log } = run(repositoryRoot, ['synth'], { npm_config_check: 'true' })
    assert.is(status, 1)
    assert.match(log, 'put two dashes before it: -- --check')
  })

  test('--only with an unknown name says which there are', () => {
    const { status, log } = run(sampleRoot, ['synth', '--only', 'gtp2'])
    assert.is(status, 1)
    assert.match(log, 'did you mean "gpt2"?')
  })
})

describe('npm run explain', (test) => {
  test('shows the lines a field reaches, and no others', () => {
    const { status, out } = run(sampleRoot, ['explain', 'qwen3-8b', 'engine.maxModelLen', '--cluster', 'prod'])
    assert.is(status, 0)
    assert.match(out, 'deployment-qwen3-8b.yaml')
    assert.match(out, '--max-model-len=16384')
    assert.match(out, 'slipway.dev/spec')
    assert.not.match(out, 'networkpolicy')
  })

  test('shows where a derived number comes from, and what it assumes', () => {
    const { out } = run(sampleRoot, ['explain', 'qwen3-8b', 'startupSeconds', '--cluster', 'prod'])
    assert.match(out, 'startupSeconds ≈ 880 s')
    assert.match(out, 'assumed: startupSafetyFactor, weightLoadMbps, slowestEngineStartSeconds')
  })

  test('names every field that is set', () => {
    const { out } = run(sampleRoot, ['explain', 'gpt2'])
    for (const field of ['model', 'revision', 'engine', 'scaling.maxReplicas', 'clusters.prod.accelerator'])
      assert.match(out, `${field}: `)
    assert.not.match(out, /clusters\.prod\.accelerator: "l4", reaches no/)
  })

  test('answers an unknown field with the nearest one', () => {
    const { status, log } = run(sampleRoot, ['explain', 'gpt2', 'scaling.maxReplica'])
    assert.is(status, 1)
    assert.match(log, 'did you mean scaling.maxReplicas?')
  })
})

describe('npm run plan', (test) => {
  test('fits a table of 80 columns', () => {
    const { status, out } = run(sampleRoot, ['plan'])
    assert.is(status, 0)
    assert.equal(
      out.split('\n').filter((line) => line.length > 80),
      [],
    )
    assert.match(out, /llama-3-1-8b-instruct\s+vllm\s+1 × l4/)
  })
})

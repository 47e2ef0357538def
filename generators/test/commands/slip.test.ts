// Every command on a repository with a slip in it: exit code 1, one clear message, and the tree as it was.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runProgram } from '../../../test/run-program.ts'
import { sampleRoot } from '../../../test/sample-tree.ts'
import { assert, describe } from '../../../test/spec.ts'
import type { Command, Output } from '../../command-line/command.ts'
import { dispatch } from '../../command-line/dispatch.ts'
import { repositoryRoot } from '../fixture.ts'
import { small } from '../hub/hub-models.ts'
import { startHub } from '../hub/hub-server.ts'

const program = (path: string) => [join(repositoryRoot, path)]
const generator = (name: string, ...args: string[]) => [...program('generators/main.ts'), name, ...args]

/** Commands that read every source file. */
const commands: Record<string, string[]> = {
  synth: generator('synth'),
  'synth --check': generator('synth', '--check'),
  plan: generator('plan'),
  'explain gpt2': generator('explain', 'gpt2'),
  whatif: generator('whatif', '--gpu', 'l40s'),
  review: generator('review', '--base', 'HEAD'),
  'lock gpt2': generator('lock', 'gpt2'),
  start: program('local/main.ts'),
  walk: [...program('platform/walk/main.ts'), '--cluster', 'prod'],
  'platform:cost': program('platform/cost/main.ts'),
}

interface Mistake {
  path: string
  from: RegExp
  to: string
  /** Commands that do not read the file, or only look whether it is there. */
  unmet: readonly string[]
}

const ofCluster = ['walk', 'platform:cost']

const mistakes: Record<string, Mistake> = {
  'an alias of itself in a model file': {
    path: 'apps/models/gpt2.yaml',
    from: /^aliases:.*$/m,
    to: 'aliases: &a [*a]',
    unmet: ofCluster,
  },
  'brackets without end in an add-on': {
    path: 'apps/addons/keda.yaml',
    from: /^values:/m,
    to: `x: ${'['.repeat(10_000)}\nvalues:`,
    unmet: [...ofCluster, 'lock gpt2'],
  },
  'a slash behind the folder of a bundled model': {
    path: 'apps/models/tiny-stories.yaml',
    from: /^model: .*$/m,
    to: 'model: ./model-server/models/tiny-stories/',
    unmet: [...ofCluster, 'lock gpt2', 'explain gpt2'],
  },
  'nothing behind a field of the cluster file': {
    path: 'clusters/prod/cluster.yaml',
    from: /^domain:.*$/m,
    to: 'domain:',
    unmet: ['lock gpt2'],
  },
}

function withCopy<T>(use: (root: string) => T | Promise<T>): Promise<T> {
  const root = mkdtempSync(join(tmpdir(), 'slipway-slip-'))
  for (const path of ['apps', 'clusters', 'model-server/models'])
    cpSync(join(sampleRoot, path), join(root, path), { recursive: true })
  const git = (...args: string[]) =>
    spawnSync('git', ['-C', root, '-c', 'user.name=a', '-c', 'user.email=a@b', ...args])
  git('init', '-q', '-b', 'main')
  git('add', '-A')
  git('commit', '-qm', 'first')
  return Promise.resolve(use(root)).finally(() => rmSync(root, { recursive: true, force: true }))
}

const snapshot = (root: string): Map<string, string> =>
  new Map(
    globSync(['apps/**', 'clusters/**'], { cwd: root })
      .filter((path) => statSync(join(root, path)).isFile())
      .map((path) => [path, readFileSync(join(root, path), 'utf8')]),
  )

const minutes = { timeoutSeconds: 240 }

describe('a slip', (test) => {
  for (const [name, { path, from, to, unmet }] of Object.entries(mistakes)) {
    test(
      `${name}: exit code 1 of ${Object.keys(commands).length - unmet.length} commands, and nothing is written`,
      () =>
        withCopy(async (root) => {
          const hub = await startHub([small])
          try {
            const text = readFileSync(join(root, path), 'utf8').replace(from, () => to)
            writeFileSync(join(root, path), text)
            const before = snapshot(root)
            for (const [command, args] of Object.entries(commands)) {
              if (unmet.includes(command)) continue
              const env = { HF_ENDPOINT: hub.url }
              const { status, out, log } = await runProgram(process.execPath, [...args, '--root', root], { env })
              assert.is(status, 1, `${command}: ${out}${log}`)
              assert.match(out + log, path, command)
              assert.not.match(out + log, /bug in slipway|\n {4}at /, command)
              assert.equal(snapshot(root), before, command)
            }
          } finally {
            await hub.stop()
          }
        }),
      minutes,
    )
  }
})

describe('npm run new', (test) => {
  for (const [name, { path, from, to }] of Object.entries(mistakes)) {
    test(
      `adds a model or says why not, beside ${name}`,
      () =>
        withCopy(async (root) => {
          const hub = await startHub([small])
          try {
            writeFileSync(
              join(root, path),
              readFileSync(join(root, path), 'utf8').replace(from, () => to),
            )
            const args = generator('new', small.id, '--cluster', 'prod', '--gpu', 'l4', '--root', root)
            const { status, out, log } = await runProgram(process.execPath, args, { env: { HF_ENDPOINT: hub.url } })
            const met = path.startsWith('clusters/')
            assert.is(status, met ? 1 : 0, out + log)
            assert.is(existsSync(join(root, 'apps/models/small-llama.yaml')), !met)
            if (met) assert.match(log, path)
          } finally {
            await hub.stop()
          }
        }),
      minutes,
    )
  }
})

describe('npm run lock', (test) => {
  test('refuses a bundled model whose lock is null', () =>
    withCopy(async (root) => {
      writeFileSync(join(root, 'apps/models/tiny-stories.lock.json'), 'null')
      const { status, log } = await runProgram(process.execPath, generator('lock', 'tiny-stories', '--root', root))
      assert.is(status, 1, log)
      assert.match(log, /^LOCK_MISSING apps\/models\/tiny-stories\.yaml:/)
    }))
})

describe('a bug', (test) => {
  test('is exit code 2 and one line that says where', async () => {
    let log = ''
    const output: Output = {
      out: () => {},
      log: (text) => {
        log += text
      },
      status: () => {},
      terminal: false,
    }
    const command: Command = {
      name: 'broken',
      summary: '',
      usage: '',
      run() {
        throw new TypeError('first line\nsecond line')
      },
    }
    assert.is(await dispatch({ broken: async () => command }, 'broken', [], output), 2)
    assert.match(
      log,
      /^bug in slipway, please report: TypeError: first line second line \(generators\/test\/commands\/slip\.test\.ts:\d+:\d+\)\n$/,
    )
  })
})

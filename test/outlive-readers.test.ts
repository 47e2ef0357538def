// Every npm script with a reader that is gone before the first byte, with its output closed, and with a disk that is full.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sampleRoot } from './sample-tree.ts'
import { assert, describe } from './spec.ts'

const root = join(import.meta.dirname, '..')
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> }

const sample = ['--root', sampleRoot]

/** Arguments with which a script prints something soon; text: why it is not tried. */
const usual: Record<string, readonly string[] | string> = {
  postinstall: 'prints nothing',
  start: ['--help'],
  plan: [],
  synth: ['--check', '--json'],
  explain: ['gpt2', ...sample],
  lock: ['--help'],
  key: ['--help'],
  fit: ['--help'],
  prices: ['--help'],
  init: ['--help'],
  migrate: ['--help'],
  upgrade: ['--help'],
  new: ['--help'],
  whatif: ['--gpu', 'l40s'],
  review: ['--head', 'HEAD', '--base', 'HEAD'],
  gateway: ['--help'],
  'gateway:bundle': 'writes what other tests read; its one line goes through the same code',
  platform: 'is the Pulumi CLI',
  'platform:outputs': ['--help'],
  'platform:bootstrap': ['--cluster', 'dev', ...sample],
  'platform:cost': [],
  doctor: ['--help'],
  walk: ['--cluster', 'dev', ...sample],
  'model-server': ['--help'],
  'model-server:image': 'prints nothing',
  bench: [],
  workflow: [],
  check: 'is other programs, and synth',
  reference: 'prints nothing',
  test: ['spec'],
  'test:fork': ['no-such-company'],
  'test:clients': ['no-such-file'],
  'test:engines': ['no-such-file'],
  'test:cluster': ['no-such-file'],
  'test:platform': ['no-such-file'],
  'test:soak': ['no-such-file'],
}

/** These have nothing to do with such arguments, say so, and end with 1. */
const refusals = ['workflow', 'test:fork', 'test:clients', 'test:engines', 'test:cluster', 'test:platform', 'test:soak']

/** What a shell does with the program "$@", and with its exit code on descriptor 3. */
const readers = {
  'a reader of its output that is gone': '{ { "$@"; echo $? >&3; } | true; } 3>&1',
  'a reader of all it says that is gone': '{ { "$@" 2>&1; echo $? >&3; } | true; } 3>&1',
  'its output closed': '{ "$@" >&-; echo $? >&3; } 3>&1',
  'a full disk': '{ "$@" >/dev/full; echo $? >&3; } 3>&1',
} as const

function run(how: keyof typeof readers, script: string, args: readonly string[]): { code: string; log: string } {
  const [program = '', ...own] = (scripts[script] ?? '').split(' ')
  assert.is(program, 'node', script)
  const command = ['-c', readers[how], 'sh', process.execPath, ...own, ...args]
  const { stdout, stderr } = spawnSync('sh', command, { cwd: root, encoding: 'utf8' })
  return { code: stdout.trim(), log: stderr }
}

describe('output that nobody reads', (test) => {
  test('the table below has every npm script', () => {
    assert.equal(Object.keys(usual).sort(), Object.keys(scripts).sort())
  })

  for (const [script, args] of Object.entries(usual)) {
    if (typeof args === 'string') continue
    test(
      `npm run ${script} ends with its own exit code, and says nothing of it`,
      () => {
        for (const how of ['a reader of its output that is gone', 'a reader of all it says that is gone'] as const) {
          const { code, log } = run(how, script, args)
          assert.is(code, refusals.includes(script) ? '1' : '0', `${how}: ${log}`)
          assert.not.match(log, /EPIPE|^ {4}at /m, how)
        }
      },
      { timeoutSeconds: 120 },
    )
  }

  test('the programs that are shipped alone have the same code as all others', () => {
    const [first, ...others] = ['generators/command-line', 'gateway', 'model-server'].map((folder) =>
      readFileSync(join(root, folder, 'outlive-readers.ts'), 'utf8'),
    )
    for (const other of others) assert.is(other, first)
  })

  test('output that is closed from the start is no mistake either', () => {
    for (const [script, args] of [
      ['explain', ['gpt2']],
      ['gateway', ['--help']],
      ['model-server', ['--help']],
    ] as const)
      assert.equal(run('its output closed', script, args), { code: '0', log: '' })
  })

  test('a full disk is one line of text and exit code 2, whatever the work came to', () => {
    for (const script of ['plan', 'gateway', 'model-server', 'platform:outputs']) {
      const { code, log } = run('a full disk', script, script === 'plan' ? [] : ['--help'])
      assert.is(code, '2', script)
      assert.match(log, /^cannot write to standard output: ENOSPC.*\n$/m)
      assert.not.match(log, /^ {4}at /m)
    }
  })

  test('through npm too: the first lines come, and nothing else is said', () => {
    const line = 'npm run --silent explain -- gpt2 | head -1'
    const { stdout, stderr } = spawnSync('sh', ['-c', line], { cwd: root, encoding: 'utf8' })
    assert.is(stdout.split('\n').length, 2)
    assert.is(stderr, '')
  })
})

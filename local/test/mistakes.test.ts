// What a person gets wrong, or a machine lacks: one clear message, the right exit code, and nothing is left running.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { repositoryRoot } from '../../generators/test/fixture.ts'
import { assert, describe } from '../../test/spec.ts'
import { readable } from '../child-log.ts'
import { help } from '../options.ts'
import { painter } from '../terminal.ts'
import { copyOfRepository, LocalProcess, write } from './local-process.ts'

describe('npm start refuses', (test) => {
  let root: string
  test.before(() => {
    root = copyOfRepository()
  })
  test.after(() => rmSync(root, { recursive: true }))

  const end = async (args: readonly string[], env: Record<string, string> = {}) => {
    const run = new LocalProcess(root, args, env)
    return { code: await run.ended, out: run.out, log: run.log }
  }

  const mistakes: [args: string[], message: RegExp][] = [
    [['--modle', 'gpt2'], /^Unknown option '--modle'; did you mean --model\?/],
    [['gpt2'], /^gpt2: not understood; a model is named with --model NAME/],
    [
      ['--model', 'gtp2'],
      /^--model gtp2: there is no apps\/models\/gtp2\.yaml; did you mean gpt2\? models that can run here: gpt2, smollm2/,
    ],
    [
      ['--model', 'qwen3-8b'],
      /^--model qwen3-8b: needs 1 × l4 and the engine vllm: not on this machine, but in dev on g6/,
    ],
    [['--model-dir', '/nowhere'], /^--model-dir \/nowhere: no such directory/],
    [
      ['--model-dir', join(repositoryRoot, 'model-server/models/tiny-stories')],
      /tiny-stories is a model of apps\/models; give the folder another name/,
    ],
    [['--tenant', 'reserch'], /^--tenant reserch: there is no apps\/tenants\/reserch\.yaml; did you mean research\?/],
    [['--port', '0'], /^--port 0: write a whole number from 1 to 65535/],
  ]
  for (const [args, message] of mistakes)
    test(`${args.join(' ').replace(repositoryRoot, '.')}`, async () => {
      const { code, out, log } = await end(args)
      assert.equal([code, out], [1, ''], log)
      assert.match(log, message)
      assert.is(log.trim().split('\n').length, 1, log)
    })

  test('a checkout without npm ci, in one line', () => {
    const checkout = mkdtempSync(join(tmpdir(), 'slipway-checkout-'))
    try {
      cpSync(join(repositoryRoot, 'local/npm-start.mjs'), join(checkout, 'local/npm-start.mjs'))
      const { status, stderr } = spawnSync(process.execPath, [join(checkout, 'local/npm-start.mjs')], {
        encoding: 'utf8',
      })
      assert.equal([status, stderr], [1, 'The packages are not installed yet: run npm ci, then npm start.\n'])
    } finally {
      rmSync(checkout, { recursive: true })
    }
  })

  test('a folder that it cannot write, in one line and as no bug of the user', async () => {
    write(root, '.slipway', 'a file where the folder would be')
    try {
      const { code, log } = await end([])
      assert.is(code, 2)
      assert.match(log, /^cannot make the folder .*\.slipway: EEXIST/)
      assert.is(log.trim().split('\n').length, 1, log)
    } finally {
      rmSync(join(root, '.slipway'))
    }
  })

  test('a broken model file, with the diagnostics of synth, and starts nothing', async () => {
    const broken = copyOfRepository()
    try {
      const text = readFileSync(join(broken, 'apps/models/gpt2.yaml'), 'utf8')
      write(
        broken,
        'apps/models/gpt2.yaml',
        text.replace('engine: cpu', 'enginee: cpu').replace('maxReplicas: 2', 'maxReplicas: 0'),
      )
      const synth = spawnSync(
        process.execPath,
        [join(repositoryRoot, 'generators/main.ts'), 'synth', '--check', '--json', '--root', broken],
        { encoding: 'utf8' },
      )
      const { diagnostics } = JSON.parse(synth.stdout) as { diagnostics: { level: string }[] }
      assert.ok(diagnostics.filter(({ level }) => level === 'error').length >= 2)
      const run = new LocalProcess(broken, ['--json'])
      assert.is(await run.ended, 1)
      const line = JSON.parse(run.out) as Record<string, unknown>
      assert.equal([line.ok, line.result], [false, null])
      assert.equal(line.diagnostics, diagnostics)
      const forPeople = new LocalProcess(broken)
      assert.is(await forPeople.ended, 1)
      assert.match(forPeople.log, /FIELD_UNKNOWN apps\/models\/gpt2\.yaml:\d+:1 .*did you mean "engine"\?/)
      assert.match(forPeople.log, /\d errors.*; nothing was started\n$/)
      assert.not(existsSync(join(broken, '.slipway')))
    } finally {
      rmSync(broken, { recursive: true })
    }
  })

  test('a model whose files are not here and cannot be fetched, and says what to do', async () => {
    const cache = mkdtempSync(join(tmpdir(), 'slipway-cache-'))
    try {
      const { code, log } = await end(['--model', 'gpt2'], { HF_HOME: cache, HF_HUB_OFFLINE: '1' })
      assert.is(code, 1)
      assert.match(log, /gpt2 +\| openai-community\/gpt2 at 607a30d.* is not in .*, and HF_HUB_OFFLINE is set/)
      assert.match(log, /gpt2 did not start: it ended with exit code 1\n$/)
      assert.equal(
        readdirSync(join(root, '.slipway')).filter((name) => name !== 'directory.json'),
        [],
      )
    } finally {
      rmSync(cache, { recursive: true })
    }
  })

  test('a platform that the native module was not built for, and names both', async () => {
    const otherPlatform = `--import=data:text/javascript,Object.defineProperty(process,'arch',{value:'riscv64'})`
    const { code, out, log } = await end([], { NODE_OPTIONS: otherPlatform })
    assert.equal([code, out], [1, ''])
    assert.match(log, /onnxruntime-node has no binary for \w+-riscv64, only for .*linux-x64/)
    assert.match(log, /tiny-stories did not start: it ended with exit code 1\n$/)
  })
})

describe('what npm start prints', (test) => {
  test('help names every option that is read', () => {
    const source = readFileSync(join(repositoryRoot, 'local/options.ts'), 'utf8')
    const read = [...source.matchAll(/^ {4}'?([\w-]+)'?: \{ type:/gm)].map(([, name]) => name)
    assert.ok(read.length >= 5)
    for (const name of [...read, 'json', 'root']) assert.match(help, new RegExp(`^  --${name}\\b`, 'm'))
    assert.equal(
      help.split('\n').filter((line) => line.length > 120),
      [],
    )
  })

  test('colour only on a terminal, and never with NO_COLOR', () => {
    assert.is(painter({ isTTY: true }, {}).green('x'), '\u001b[32mx\u001b[0m')
    assert.is(painter({ isTTY: true }, { NO_COLOR: '1' }).green('x'), 'x')
    assert.is(painter({ isTTY: true }, { TERM: 'dumb' }).green('x'), 'x')
    assert.is(painter({ isTTY: false }, {}).green('x'), 'x')
  })

  const request = { time: 't', level: 'info', event: 'request', status: 200, route: '/v1/completions', model: 'm' }
  const lines: [line: object | string, shown: string | undefined][] = [
    [{ ...request, inputTokens: 3, outputTokens: 9, durationMs: 41.6 }, '200 /v1/completions m  3 + 9 tokens  42 ms'],
    [
      { level: 'info', event: 'refused', status: 401, route: '/v1/models', reason: 'expired' },
      '401 /v1/models  expired',
    ],
    [{ level: 'warn', event: 'ejected', endpoint: 'a' }, 'warn ejected  endpoint=a'],
    [{ event: 'loading', model: 'm' }, undefined],
    ['some text', 'some text'],
    ['{not json', '{not json'],
    ['', undefined],
  ]
  for (const [line, shown] of lines)
    test(`a child’s line as people read it: ${shown ?? 'nothing'}`, () =>
      assert.is(readable(typeof line === 'string' ? line : JSON.stringify(line), false), shown))
})

describe('a cluster', (test) => {
  test('trusts no issuer on loopback', () => {
    const folders = readdirSync(join(repositoryRoot, 'clusters')).map((name) =>
      join(repositoryRoot, 'clusters', name, 'rendered'),
    )
    const files = folders.flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name)),
    )
    const rendered = files
      .filter((path) => path.endsWith('.yaml'))
      .map((path) => [path, readFileSync(path, 'utf8')] as const)
    assert.ok(rendered.some(([, text]) => text.includes('OIDC_ISSUERS')))
    const local = rendered.filter(([, text]) =>
      /OIDC_ISSUERS[\s\S]{0,400}(?:localhost|127\.0\.0\.1|\[::1\])/.test(text),
    )
    assert.equal(
      local.map(([path]) => path),
      [],
    )
  })
})

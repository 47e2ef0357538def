// `npm run key`: keys that are made, rotated and revoked, in tenant files of every form, and the mistakes people make.
import { hash } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { looksLikeApiKey } from '../../../gateway/auth/api-key-form.ts'
import { type Outcome, runProgram } from '../../../test/run-program.ts'
import { assert, describe } from '../../../test/spec.ts'
import { withKey, withLastDay, withoutKey } from '../../commands/key-edit.ts'
import { everything, planRepository } from '../../pipeline.ts'
import { copyRepository, repositoryRoot, validFixture } from '../fixture.ts'

const main = join(repositoryRoot, 'generators/main.ts')
const path = 'apps/tenants/team.yaml'
const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10)

type Run = (...args: string[]) => Promise<Outcome>

async function withTeam(
  use: (run: Run, read: () => string, write: (text: string) => void, root: string) => Promise<void>,
  env: Record<string, string> = {},
): Promise<void> {
  const root = copyRepository(validFixture)
  const file = join(root, path)
  try {
    await use(
      (...args) => runProgram(process.execPath, [main, 'key', '--root', root, ...args], { env }),
      () => readFileSync(file, 'utf8'),
      (text) => writeFileSync(file, text),
      root,
    )
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

const keysIn = (text: string) => (parse(text) as { apiKeys?: Record<string, unknown>[] }).apiKeys ?? []

describe('npm run key', (test) => {
  test('prints the key alone, and writes its hash and its last day', () =>
    withTeam(async (run, read, _, root) => {
      const before = read()
      const { status, out, log } = await run('team', 'ci', '--expires', inDays(30), '--budget', '5000')
      assert.is(status, 0, log)
      const key = out.trimEnd()
      assert.is(out, `${key}\n`)
      assert.ok(looksLikeApiKey(key), key)
      assert.ok(key.startsWith('sk-team-'))
      const made = { id: 'ci', sha256: hash('sha256', key), expires: inDays(30), tokenBudget: 5000 }
      assert.equal(keysIn(read()), [...keysIn(before), made])
      // Nothing but the new lines is another.
      const added = read()
        .split('\n')
        .filter((line) => !before.split('\n').includes(line))
      assert.is(
        read()
          .split('\n')
          .filter((line) => !added.includes(line))
          .join('\n'),
        before,
      )
      assert.not.match(log + read(), new RegExp(key.slice(10, 40)))
      assert.match(log, /npm run synth/)
      const { diagnostics } = planRepository(root, everything)
      assert.equal(
        diagnostics.filter(({ level }) => level === 'error'),
        [],
      )
    }))

  test('gives a key ninety days where nobody says more', () =>
    withTeam(async (run, read) => {
      const { out, status } = await run('team', 'ci', '--json')
      assert.is(status, 0)
      const { ok, result } = JSON.parse(out) as { ok: boolean; result: Record<string, string> }
      assert.equal([ok, result.tenant, result.id, result.expires], [true, 'team', 'ci', inDays(90)])
      assert.is(keysIn(read()).at(-1)?.sha256, hash('sha256', result.key ?? ''))
    }))

  test('rotates with an overlap, and revokes', () =>
    withTeam(async (run, read) => {
      const before = read()
      await run('team', 'ci', '--expires', inDays(300), '--budget', '7')
      const { status, out, log } = await run('team', 'ci', '--rotate', '--overlap', '3')
      assert.is(status, 0, log)
      const keys = keysIn(read()).slice(-2)
      assert.equal(
        keys.map(({ id, expires, tokenBudget }) => [id, expires, tokenBudget]),
        [
          ['ci', inDays(3), 7],
          ['ci-2', inDays(90), 7],
        ],
      )
      assert.is(keys[1]?.sha256, hash('sha256', out.trimEnd()))
      assert.match(log, /ci-2 follows ci/)
      // A key that ends before the overlap does gains nothing by it.
      await run('team', 'ci', '--rotate')
      assert.equal(
        keysIn(read())
          .slice(-3)
          .map(({ id, expires }) => [id, expires]),
        [
          ['ci', inDays(3)],
          ['ci-2', inDays(90)],
          ['ci-3', inDays(90)],
        ],
      )
      for (const id of ['ci', 'ci-2', 'ci-3']) {
        const revoked = await run('team', id, '--revoke')
        assert.equal([revoked.status, revoked.out], [0, ''], revoked.log)
      }
      assert.is(read(), before)
    }))

  const mistakes: [what: string, args: string[], says: RegExp][] = [
    ['an unknown tenant', ['taem', 'ci'], /no taem\.yaml; did you mean "team"\? there are: /],
    [
      'an id that is taken',
      ['team', 'team-laptop'],
      /API_KEY_TAKEN apps\/tenants\/team\.yaml:\d+:\d+ .* -> choose another id/,
    ],
    ['an id of another form', ['team', 'My Key'], /My Key is no id of a key; write 1 to 40/],
    ['a day that is past', ['team', 'ci', '--expires', '2020-01-01'], /2020-01-01 is past; today is \d{4}/],
    [
      'a day that no month has',
      ['team', 'ci', '--expires', '2031-02-30'],
      /"2031-02-30" is no day of the calendar; write it as YYYY/,
    ],
    ['a day in another form', ['team', 'ci', '--expires', '31.12.2031'], /"31\.12\.2031" is no day/],
    ['no id', ['team'], /give a tenant and an id/],
    ['an unknown key', ['team', 'team-labtop', '--revoke'], /no key team-labtop; did you mean "team-laptop"\?/],
    ['two wishes', ['team', 'team-laptop', '--revoke', '--rotate'], /not both/],
    ['an overlap of nothing', ['team', 'ci', '--overlap', '3'], /--overlap is about --rotate/],
    ['a budget that is none', ['team', 'ci', '--budget', 'much'], /--budget/],
    ['a tenant out of the folder', ['../models/chat', 'ci'], /apps\/tenants has no/],
  ]
  for (const [what, args, says] of mistakes)
    test(`refuses ${what}, and writes nothing`, () =>
      withTeam(async (run, read) => {
        const before = read()
        const { status, out, log } = await run(...args)
        assert.equal([status, out], [1, ''], log)
        assert.match(log, says)
        assert.not.match(log, /\n {4}at /)
        assert.is(read(), before)
      }))

  test('says what is wrong in the tenant file, and where', () =>
    withTeam(async (run, read, write) => {
      write(read().replace(/limits:.*/, 'limits: { requestsPerMinute: many }'))
      const { status, out, log } = await run('team', 'ci')
      assert.equal([status, out], [1, ''])
      assert.match(log, /FIELD_TYPE apps\/tenants\/team\.yaml:\d+:\d+/)
      write('claims: [')
      assert.match((await run('team', 'ci')).log, /YAML_SYNTAX apps\/tenants\/team\.yaml:1:/)
    }))

  test('makes no key where a log would keep it', () =>
    withTeam(
      async (run, read) => {
        const before = read()
        const { status, log } = await run('team', 'ci')
        assert.is(status, 1)
        assert.match(log, /log would keep the key/)
        assert.is(read(), before)
      },
      { GITHUB_ACTIONS: 'true' },
    ))

  test('leaves a list alone that is an alias, and says what to write', () =>
    withTeam(async (run, read, write) => {
      const head = 'claims: { client_id: team }\nlimits: { requestsPerMinute: 1, tokensPerMinute: 1, concurrency: 1 }\n'
      const item = `{ id: one, sha256: ${'a'.repeat(64)}, expires: "2031-01-01" }`
      write(`${head}apiKeys:\n  - &one ${item}\n  - { <<: x }\n`)
      assert.is((await run('team', 'ci')).status, 1)
      write(`${head}apiKeys: &keys [${item}]\n`)
      assert.is((await run('team', 'two-keys')).status, 0)
      assert.is(keysIn(read()).length, 2)
    }))
})

describe('the list of keys in a tenant file', (test) => {
  const key = { id: 'new-key', sha256: 'b'.repeat(64), expires: '2031-01-01' }
  const old = { id: 'old-key', sha256: 'c'.repeat(64), expires: '2030-01-01' }
  const oldFlow = `{ id: old-key, sha256: ${old.sha256}, expires: "${old.expires}" }`
  const oldBlock = (pad: string) =>
    `${pad}- id: old-key\n${pad}  sha256: ${old.sha256} # why\n${pad}  expires: '${old.expires}'\n`
  const forms: Record<string, string> = {
    'not there': 'claims: { a: b }\n# the end\n',
    'not there, and no newline at the end': 'claims: { a: b }',
    'not there, below a long text': 'claims: { a: b }\ndescription: |\n  two\n  lines\n\n# the end\n',
    'not there, in a file of one mapping': '{ claims: { a: b } } # all\n',
    'without a value': 'apiKeys: # none yet\nclaims: { a: b }\n',
    'empty brackets': 'apiKeys: [] # none\nclaims: { a: b }\n',
    'in brackets': `apiKeys: [${oldFlow}] # one\nclaims: { a: b }\n`,
    'in brackets on lines': `apiKeys: [\n  ${oldFlow}, # one\n]\nclaims: { a: b }\n`,
    'a list': `apiKeys:\n  # first\n${oldBlock('  ')}  # last\nclaims: { a: b }\n`,
    'a list that is not indented': `apiKeys:\n${oldBlock('')}\n# about claims\nclaims: { a: b }\n`,
    'a list with keys in braces': `claims: { a: b }\napiKeys:\n    - ${oldFlow}\n`,
    'a list with a comment before its dash': `claims: { a: b }\napiKeys:\n  - # - this\n    id: old-key\n    sha256: ${old.sha256}\n    expires: "${old.expires}"\n`,
    'with Windows line ends': `claims: { a: b }\r\napiKeys:\r\n${oldBlock('  ').replaceAll('\n', '\r\n')}limits: {}\r\n`,
  }
  for (const [form, text] of Object.entries(forms)) {
    test(`${form}: gains a key and loses it again`, () => {
      const more = withKey(text, key)
      const known = keysIn(text)
      assert.equal(parse(more), { ...parse(text), apiKeys: [...known, key] }, more)
      const comments = (all: string) => all.match(/#.*/g) ?? []
      assert.equal(comments(more).sort(), comments(text).sort())
      const less = withoutKey(more, known.length)
      assert.equal({ ...parse(less), apiKeys: keysIn(less) }, { ...parse(text), apiKeys: known }, less)
      if (known.length === 0) return
      assert.is(less, text)
      assert.equal(keysIn(withLastDay(text, 0, '2029-05-05')), [{ ...old, expires: '2029-05-05' }])
      assert.equal(keysIn(withoutKey(more, 0)), [key], withoutKey(more, 0))
      assert.equal(keysIn(withoutKey(withoutKey(more, 0), 0)), [])
    })
  }
})

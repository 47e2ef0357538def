// What people wrote in their files, as commands print it: visible, one line a message, never a command of GitHub's, and not endless.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { assert, describe } from '../../../test/spec.ts'
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import { formatAnnotation, formatLine, formatTerminal } from '../../diagnostics/report.ts'
import { visible, visibleLine } from '../../diagnostics/visible.ts'
import { repositoryRoot, validFixture, withRepository } from '../fixture.ts'

const main = join(repositoryRoot, 'generators/main.ts')
const model = 'apps/models/embed.yaml'

function runWith(text: string, args: readonly string[], env: Record<string, string> = {}) {
  return withRepository(validFixture, (repository) => {
    repository.write(model, repository.read(model) + text)
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args, '--root', repository.root], {
      encoding: 'utf8',
      maxBuffer: 1 << 26,
      env: { ...process.env, GITHUB_ACTIONS: '', ...env },
    })
    return { status, out: stdout, log: stderr }
  })
}

/** Turns text around, shows nothing, clears the screen, ends a line. */
const hostile = '\u202eevil\u2066\u200b\u00ad\u{e0041}\u001b[2J\u009b\u2028\u0007'
const hidden = /[\p{Cc}\p{Cf}\p{Zl}]/u

const diagnostic = (message: string, file = 'a.yaml'): Diagnostic => ({
  code: 'FIELD_UNKNOWN',
  level: 'error',
  position: { file, line: 1, column: 2 },
  message,
  hint: 'h',
})

describe('text of users', (test) => {
  test('is written with escapes where it does not show', () => {
    assert.is(visible('a\u202eb\u0000\u{e0041}\ud800'), 'a\\u202eb\\u0000\\udb40\\udc41\\ud800')
    assert.is(visible('Größe 模型 ⚠️ 👍🏽\n\t'), 'Größe 模型 ⚠️ 👍🏽\n\t')
    assert.is(visibleLine('a\nb'), 'a\\nb')
    assert.equal(JSON.parse(visible(JSON.stringify({ [hostile]: hostile }))), { [hostile]: hostile })
  })

  test('is so in every form of a message', () => {
    const one = diagnostic(`${hostile}\r\n::error::`, `${hostile}.yaml`)
    for (const text of [formatLine(one), formatAnnotation(one)]) assert.not.match(text, hidden)
    assert.is(formatTerminal(one).split('\n').length, 3)
  })

  test('is escaped for annotations as GitHub reads them', () => {
    assert.is(
      formatAnnotation(diagnostic('100%0A, a:b', 'a,b:c%.yaml')),
      '::error file=a%2Cb%3Ac%25.yaml,line=1,col=2,title=FIELD_UNKNOWN::100%250A, a:b -> h',
    )
  })

  test('is so in what commands print, and the same in their JSON', () => {
    const key = JSON.stringify(hostile)
    for (const args of [['synth'], ['plan'], ['explain', 'embed']]) {
      const { status, out, log } = runWith(`${key}: 1\n`, args)
      assert.is(status, 1)
      assert.match(log, 'FIELD_UNKNOWN')
      assert.not.match((out + log).replaceAll('\n', ''), hidden)
    }
    const { status, out } = runWith(`description: ${key}\n`, ['explain', 'embed', 'description'])
    assert.is(status, 0)
    assert.match(out, 'evil')
    assert.not.match(out.replaceAll('\n', ''), hidden)
    const { diagnostics } = JSON.parse(runWith(`${key}: 1\n`, ['synth', '--json']).out) as { diagnostics: Diagnostic[] }
    assert.ok(diagnostics[0]?.message.includes(hostile))
  })

  test('that a command shows as it is cannot be a command of GitHub’s', () => {
    const field = 'x\n  ::warning::forged\n##[error]forged'
    const { status, log } = runWith('', ['explain', 'embed', field], { GITHUB_ACTIONS: 'true' })
    assert.is(status, 1, log)
    assert.match(log, 'forged')
    assert.not.match(log, /^\s*::|##\[/m)
  })
})

describe('ten thousand mistakes in one file', (test) => {
  const many = Array.from({ length: 10_000 }, (_, index) => `key${index}: 1\n`).join('')

  test('are fifty lines and a sentence, with annotations for the fifty', () => {
    const { status, log } = runWith(many, ['synth'], { GITHUB_ACTIONS: 'true' })
    assert.is(status, 1)
    const lines = log.trim().split('\n')
    assert.is(lines.filter((line) => line.startsWith('::error file=')).length, 50)
    assert.is(lines.at(-1), `and 9950 more errors in ${model}; --json shows all`)
    assert.is(lines.length, 101)
  })

  test('are all in the JSON', () => {
    const { diagnostics } = JSON.parse(runWith(many, ['synth', '--json']).out) as { diagnostics: Diagnostic[] }
    assert.is(diagnostics.length, 10_000)
  })
})

// What YAML may say in a source file, and what it may not because it would be read as something else or without end.
import { assert, describe } from '../../../test/spec.ts'
import { parseJson, parseYaml } from '../../load/parse-source.ts'

const read = (text: string): unknown => {
  const { file, diagnostics } = parseYaml('a.yaml', text)
  assert.equal(diagnostics, [])
  return file?.value
}

const problems = (text: string, parse = parseYaml): string[] =>
  parse('a.yaml', text).diagnostics.map(({ code, position: { line, column } }) => `${code} ${line}:${column}`)

const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels)

describe('YAML of a source file', (test) => {
  test('may repeat values by aliases', () => {
    assert.equal(read('a: &x { b: &y [1] }\nc: *x\nd: [*y, *y]\n'), { a: { b: [1] }, c: { b: [1] }, d: [[1], [1]] })
    assert.equal(read('a: &x 1\nb: *x\nc: &x 2\nd: *x\n'), { a: 1, b: 1, c: 2, d: 2 })
  })

  test('has keys as they are written', () => {
    assert.equal(read('1.10: a\ntrue: b\ntoString: c\n'), { '1.10': 'a', true: 'b', toString: 'c' })
  })

  test('has no dates and no octal numbers of YAML 1.1', () => {
    assert.equal(read('a: 2026-01-01\nb: 012\nc: yes\n'), { a: '2026-01-01', b: 12, c: 'yes' })
  })

  const refused: [text: string, problem: string][] = [
    ['a: &x\n  b: *x\n', 'YAML_ALIAS 2:6'],
    ['a: *x\nb: &x 1\n', 'YAML_ALIAS 1:4'],
    [`a: &x [${'1, '.repeat(600)}]\nb: [${'*x, '.repeat(20)}]\n`, 'YAML_ALIAS 2:69'],
    [
      `a: &x ${nested(40)}\nb: &y ${nested(20).replace('[]', '[*x]')}\nc: ${nested(20).replace('[]', '[*y]')}\n`,
      'FILE_TOO_DEEP 3:24',
    ],
    [`a:\n  b: ${nested(10_000)}\n`, 'FILE_TOO_DEEP 2:68'],
    [`${'- '.repeat(10_000)}a\n`, 'FILE_TOO_DEEP 1:129'],
    ['b: 1\na:\n  <<: { c: 1 }\n', 'KEY_INVALID 3:3'],
    ['a: { __proto__: 1 }\n', 'KEY_INVALID 1:6'],
    ['a: { constructor: 1 }\n', 'KEY_INVALID 1:6'],
    ['? [a]\n: b\n', 'KEY_INVALID 1:3'],
    ['a: !!binary aGk=\n', 'YAML_SYNTAX 1:4'],
    ['a: !mine b\n', 'YAML_SYNTAX 1:4'],
    ['%YAML 1.1\n---\na: yes\n', 'YAML_SYNTAX 1:1'],
    ['a: 1\nb:\n  c: 1\n  c: 2\n', 'YAML_DUPLICATE_KEY 4:3'],
  ]
  for (const [text, problem] of refused)
    test(`${JSON.stringify(text.length > 60 ? `${text.slice(0, 40)}…` : text)} is ${problem}`, () =>
      assert.equal(problems(text), [problem]))
})

describe('JSON of a source file', (test) => {
  test('is as deep as YAML may be', () => {
    assert.equal(problems(nested(64), parseJson), [])
    assert.equal(problems(nested(10_000), parseJson), ['FILE_TOO_DEEP 1:65'])
  })
})

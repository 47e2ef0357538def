// The reader of synth's own form against the `yaml` package, and what it does with everything else.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { sampleRoot } from '../../../test/sample-tree.ts'
import { assert, describe } from '../../../test/spec.ts'
import { compareLeaves } from '../../review/leaves.ts'
import { parseRendered } from '../../review/parse-rendered.ts'
import { repositoryRoot } from '../fixture.ts'

function texts(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(texts)
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, texts(item)]))
  return String(value)
}

describe('parseRendered', (test) => {
  test('reads every rendered file, committed and of the samples, as the yaml package does', () => {
    const files = [repositoryRoot, sampleRoot].flatMap((cwd) =>
      globSync('clusters/*/rendered/**/*.yaml', { cwd }).map((path) => join(cwd, path)),
    )
    assert.ok(files.length > 200)
    for (const file of files) {
      const text = readFileSync(file, 'utf8')
      assert.equal(parseRendered(text), texts(parse(text, { version: '1.1', schema: 'failsafe' })), file)
    }
  })

  test('reads what a person made of a file', () => {
    assert.equal(parseRendered('# note\na: {b: [1, x]}\nc: |\n  two\n  lines\n'), {
      a: { b: ['1', 'x'] },
      c: 'two\nlines\n',
    })
    assert.equal(parseRendered("a:\n- 'it''s'\n- \"q\\n\"\n"), { a: ["it's", 'q\n'] })
    assert.equal(parseRendered('a: x # why\n'), { a: 'x' })
  })

  test('says that it is no YAML instead of throwing', () => {
    assert.is(parseRendered('a: [\n'), undefined)
  })
})

describe('compareLeaves', (test) => {
  const changes = (before: object, after: object) => compareLeaves(before as never, after as never)

  test('names items of lists by what names them in Kubernetes', () => {
    assert.equal(
      changes(
        { env: [{ name: 'A', value: '1' }] },
        {
          env: [
            { name: 'B', value: '0' },
            { name: 'A', value: '2' },
          ],
        },
      ),
      [
        { path: 'env[A].value', before: '1', after: '2' },
        { path: 'env[B]', after: '{name: B, value: 0}' },
      ],
    )
  })

  test('pairs a flag with its other value', () => {
    assert.equal(changes({ args: ['--a=1', 'x'] }, { args: ['--a=2', 'y'] }), [
      { path: 'args[--a]', before: '1', after: '2' },
      { path: 'args[]', after: 'y' },
      { path: 'args[]', before: 'x' },
    ])
  })

  test('looks into JSON that is in a string', () => {
    assert.equal(changes({ note: '{"a":1,"b":2}' }, { note: '{"a":1,"b":3}' }), [
      { path: 'note.b', before: '2', after: '3' },
    ])
  })

  test('distinguishes another order from another content', () => {
    assert.equal(changes({ a: ['x', 'y'] }, { a: ['y', 'x'] }), [
      { path: 'a[]', before: 'one order', after: 'another order' },
    ])
    assert.equal(changes({ a: ['x', 'x'] }, { a: ['x'] }), [{ path: 'a[]', before: 'x' }])
  })
})

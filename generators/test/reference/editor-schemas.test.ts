// What editors see: schemas that take the catalogue and refuse its fixtures, and a line in each source file that names one.
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Compile } from 'typebox/schema'
import { parse } from 'yaml'
import { assert, describe } from '../../../test/spec.ts'
import { referenceFiles } from '../../reference/reference-files.ts'
import { sourceKinds } from '../../reference/sources.ts'
import { invalidFixtures, repositoryRoot } from '../fixture.ts'

const read = (path: string): string => readFileSync(join(repositoryRoot, path), 'utf8')

const schemaOf = (name: string) => Compile(JSON.parse(read(`schemas/${name}.schema.json`)))

const model = (change: (text: string) => string): unknown => parse(change(read('apps/models/gpt2.yaml')))

const lock = JSON.parse(read('apps/models/gpt2.lock.json')) as object

describe('editor schemas', (test) => {
  for (const { name, files } of sourceKinds) {
    test(`${name} takes every ${files}`, () => {
      const schema = schemaOf(name)
      const paths = globSync(files, { cwd: repositoryRoot })
      assert.ok(paths.length > 0)
      for (const path of paths) assert.ok(schema.Check(parse(read(path))), path)
    })
  }

  test('are committed as they are generated', () => {
    for (const { path, text } of referenceFiles()) assert.is(read(path), text, path)
  })

  test('refuse an engine that does not exist, which the checker leaves to a rule', () => {
    assert.not(schemaOf('model').Check(model((text) => text.replace('engine: cpu', 'engine: gpu'))))
    assert.ok(schemaOf('model').Check(model((text) => text.replace('engine: cpu', 'engine: tei'))))
  })

  test('take null in a cluster’s patch, where it removes a field', () => {
    assert.ok(schemaOf('model').Check(model((text) => text.replace('dev: {}', 'dev: { accelerator: null }'))))
    assert.ok(
      schemaOf('model').Check(model((text) => text.replace('dev: {}', 'dev: { scaling: { idleAfter: null } }'))),
    )
    assert.ok(schemaOf('gateway').Check({ clusters: { prod: { logLevel: null } } }))
    assert.not(schemaOf('model').Check(model((text) => text.replace('engine: cpu', 'engine: null'))))
    assert.not(schemaOf('gateway').Check({ logLevel: null }))
  })

  test('take an object with nothing behind it, as synth does', () => {
    for (const empty of ['dev:', 'dev: ~']) {
      assert.ok(schemaOf('model').Check(model((text) => text.replace('dev: {}', empty))))
    }
    assert.ok(schemaOf('gateway').Check({ replicas: null, resources: null, clusters: null }))
    assert.not(schemaOf('images').Check(null))
    assert.not(schemaOf('lock').Check({ ...lock, slidingWindow: null }))
  })

  test('hold no keyword of our own', () => {
    for (const { name } of sourceKinds) assert.not.match(read(`schemas/${name}.schema.json`), 'mergePatch')
  })

  test('refuse what FIELD_UNKNOWN shows', () => {
    const text = readFileSync(join(invalidFixtures, 'FIELD_UNKNOWN/apps/models/chat.yaml'), 'utf8')
    assert.not(schemaOf('model').Check(parse(text)))
  })
})

describe('source files', (test) => {
  test('name their schema in the first line', () => {
    for (const { name, files } of sourceKinds.filter(({ files: glob }) => glob.endsWith('.yaml'))) {
      for (const path of globSync(files, { cwd: repositoryRoot })) {
        const named = /^# yaml-language-server: \$schema=(\S+)\n/.exec(read(path))?.[1] ?? ''
        assert.ok(existsSync(join(repositoryRoot, dirname(path), named)), `${path}: ${named}`)
        assert.match(named, `/${name}.schema.json`)
      }
    }
  })

  test('have descriptions for every field of the reference', () => {
    const rows = read('docs/reference/fields.md')
      .split('\n')
      .filter((line) => line.startsWith('| `'))
    assert.ok(rows.length > 80)
    assert.equal(
      rows.filter((line) => /\|\s*\|$/.test(line)),
      [],
    )
  })
})

// The emitter must write what the `yaml` package would, and what every YAML reader reads back as the same value.
import fc from 'fast-check'
import { parse, stringify } from 'yaml'
import { assert, describe } from '../../../test/spec.ts'
import { emitYaml, yamlOptions } from '../../write/emit-yaml.ts'

const packageText = (value: object): string => stringify(value, yamlOptions)

describe('emitYaml', (test) => {
  test('quotes what YAML 1.1 reads as something else', () => {
    const values = [
      'yes',
      'on',
      'n',
      '12:30:00',
      '2026-01-01',
      '123_456',
      '0x1F',
      '1e3',
      '~',
      'null',
      'True',
      '.5',
      '607e12',
      '',
    ]
    for (const value of values) assert.is(emitYaml({ value }), `value: ${JSON.stringify(value)}\n`)
  })

  test('leaves plain words unquoted', () => {
    for (const value of ['gpt2', '/models/gpt2', '--max-model-len=4096', 'apps/v1', 'nvidia.com/gpu']) {
      assert.is(emitYaml({ value }), `value: ${value}\n`)
    }
  })

  test('sorts keys by code unit at every depth', () => {
    assert.is(emitYaml({ b: { z: 1, Z: 2 }, a: [] }), 'a: []\nb:\n  Z: 2\n  z: 1\n')
  })

  test('leaves out undefined and keeps null', () => {
    assert.is(emitYaml({ a: undefined, b: null }), 'b: null\n')
  })

  test('never writes an alias for a shared object', () => {
    const shared = { a: 1 }
    assert.is(emitYaml({ p: shared, q: shared }), 'p:\n  a: 1\nq:\n  a: 1\n')
  })

  test('writes text of several lines as a block', () => {
    assert.is(emitYaml({ a: 'one\ntwo\n' }), 'a: |\n  one\n  two\n')
  })

  test('equals the yaml package byte for byte for any value', () => {
    const word = fc.oneof(
      fc.string(),
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom(
        'yes',
        'No',
        'a: b',
        '- a',
        'a #b',
        '*a',
        '&a',
        '!t',
        '1.0',
        '1_0',
        '{}',
        '"',
        "'",
        '-',
        '--',
        '?',
        'a\nb',
        '\t',
        '=',
        '<<',
      ),
    )
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { maxDepth: 4 },
        word,
        fc.integer(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(word, tie('value'), { maxKeys: 4 }),
      ),
    }))
    fc.assert(
      fc.property(fc.dictionary(word, value, { maxKeys: 5 }), (object) => {
        const plain = JSON.parse(JSON.stringify(object)) as object
        assert.is(emitYaml(plain), packageText(plain))
      }),
      { numRuns: 1000, seed: 7 },
    )
  })

  test('is read back as the same value by a YAML 1.1 reader', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string()), (object) => {
        assert.equal(parse(emitYaml(object), { version: '1.1', merge: false }), { ...object })
      }),
      { numRuns: 500, seed: 7 },
    )
  })
})

// Every diagnostic code has one example, and the example gives exactly that diagnostic at that place.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { parse } from 'yaml'
import { assert, describe } from '../../../test/spec.ts'
import { codes } from '../../diagnostics/codes.ts'
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import { everything, synthesize } from '../../pipeline.ts'
import type { Manifest } from '../../render/manifest.ts'
import { ManifestRules } from '../../verify/manifest-rules.ts'
import { emitYaml } from '../../write/emit-yaml.ts'
import {
  applyOverlay,
  type FixtureRepository,
  invalidFixtures,
  invalidNames,
  madeFixtures,
  validFixture,
  withRepository,
} from '../fixture.ts'

const diagnose = ({ root }: FixtureRepository): Diagnostic[] =>
  synthesize(root, everything, { write: true }).diagnostics

const rendered = ({ root }: FixtureRepository): boolean => existsSync(join(root, 'clusters/blue/rendered/argocd'))

function checkManifests(file: string): Diagnostic[] {
  const manifests = parse(readFileSync(file, 'utf8')) as Manifest[]
  const rules = new ManifestRules()
  for (const members of Map.groupBy(manifests, ({ app }) => app).values()) {
    rules.check(
      members,
      members.map(({ object }) => emitYaml(object)),
    )
  }
  rules.finish()
  return rules.diagnostics
}

function diagnoseFixture(name: string): { diagnostics: Diagnostic[]; wrote: boolean } {
  const overlay = join(invalidFixtures, name)
  const manifests = join(overlay, 'manifests.yaml')
  if (existsSync(manifests)) return { diagnostics: checkManifests(manifests), wrote: false }
  return withRepository(validFixture, (repository) => {
    applyOverlay(repository, overlay)
    madeFixtures[name]?.(repository)
    return { diagnostics: diagnose(repository), wrote: rendered(repository) }
  })
}

const place = ({ code, position: { file, line, column } }: Diagnostic): string => `${code} ${file}:${line}:${column}`

describe('diagnostic codes', (test) => {
  test('each has one example, and each example has a code', () => {
    assert.equal(invalidNames(), Object.keys(codes).sort())
  })

  test('valid/ gives none', () => {
    assert.equal(withRepository(validFixture, diagnose), [])
  })

  for (const name of invalidNames()) {
    test(`${name} is found where it is, and nothing else`, () => {
      const { diagnostics, wrote } = diagnoseFixture(name)
      assert.is(
        diagnostics.map(place).join('\n'),
        readFileSync(join(invalidFixtures, name, 'expected.txt'), 'utf8').trim(),
      )
      for (const { message, hint } of diagnostics)
        assert.ok(message.length > 10 && hint.length > 5, `${message} -> ${hint}`)
      const isError = diagnostics.some(({ level }) => level === 'error')
      assert.not(isError && wrote, 'something was written in spite of an error')
    })
  }
})

describe('a file with many mistakes', (test) => {
  test('gets all 20 reported in one run, each at its line', () => {
    const diagnostics = withRepository(validFixture, (repository) => {
      applyOverlay(repository, join(import.meta.dirname, '../invalid-many'))
      return diagnose(repository)
    })
    assert.equal(
      diagnostics.map(({ code, position }) => `${position.line} ${code}`),
      [
        '1 FIELD_UNKNOWN',
        '2 FIELD_VALUE',
        ...['5 FIELD_TYPE', '6 FIELD_VALUE', '7 FIELD_VALUE', '8 FIELD_VALUE', '9 FIELD_TYPE', '10 FIELD_TYPE'],
        '11 FIELD_UNKNOWN',
        ...['12 FIELD_VALUE', '12 FIELD_VALUE', '12 FIELD_VALUE'],
        ...['13 FIELD_VALUE', '13 FIELD_TYPE', '13 FIELD_MISSING', '13 FIELD_VALUE', '13 FIELD_TYPE'],
        '14 FIELD_VALUE',
        ...['15 FIELD_UNKNOWN', '15 FIELD_TYPE'],
        '16 FIELD_VALUE',
        '17 FIELD_TYPE',
        '19 FIELD_UNKNOWN',
        '20 FIELD_UNKNOWN',
      ],
    )
  })

  test('does not hide mistakes of other files', () => {
    const files = withRepository(validFixture, (repository) => {
      applyOverlay(repository, join(import.meta.dirname, '../invalid-many'))
      repository.write('apps/models/chat.yaml', repository.read('apps/models/chat.yaml').replace('16384', '131072'))
      repository.write('apps/tenants/team.yaml', 'claims: {')
      return diagnose(repository).map(({ position }) => position.file)
    })
    assert.equal([...new Set(files)], ['apps/models/chat.yaml', 'apps/models/embed.yaml', 'apps/tenants/team.yaml'])
  })
})

describe('any damage to a source file', (test) => {
  test('is a diagnostic or harmless, never an exception', () => {
    withRepository(validFixture, (repository) => {
      const paths = [
        'apps/models/chat.yaml',
        'apps/models/chat.lock.json',
        'apps/tenants/team.yaml',
        'clusters/blue/cluster.yaml',
        'apps/addons/metrics-server.yaml',
      ]
      const originals = new Map(paths.map((path) => [path, repository.read(path)]))
      const junk = fc.oneof(
        fc.constantFrom(': ', '{', ']', '- ', '"', '\t', '&a ', '*a', '!!x ', '|', '\n', '__proto__: 1\n', 'null', '%'),
        fc.string({ maxLength: 5 }),
      )
      const damage = fc.record({ path: fc.constantFrom(...paths), at: fc.nat(2000), cut: fc.nat(20), junk })
      fc.assert(
        fc.property(damage, ({ path, at, cut, junk: text }) => {
          const original = originals.get(path) ?? ''
          const offset = at % original.length
          repository.write(path, original.slice(0, offset) + text + original.slice(offset + cut))
          for (const { position } of diagnose(repository)) assert.ok(position.line >= 1 && position.column >= 1)
          repository.write(path, original)
        }),
        { numRuns: 300, seed: 11 },
      )
    })
  })
})

describe('files of other kinds', (test) => {
  test('README.md and dotfiles beside sources are ignored', () => {
    const diagnostics = withRepository(validFixture, (repository) => {
      repository.write('apps/models/README.md', 'notes')
      repository.write('apps/models/.draft.yaml.swp', 'x')
      repository.write('clusters/README.md', 'notes')
      return diagnose(repository)
    })
    assert.equal(diagnostics, [])
  })

  test('CRLF and a byte order mark change nothing', () => {
    const diagnostics = withRepository(validFixture, (repository) => {
      repository.write(
        'apps/models/embed.yaml',
        `\ufeff${repository.read('apps/models/embed.yaml').replaceAll('\n', '\r\n')}`,
      )
      return diagnose(repository)
    })
    assert.equal(diagnostics, [])
  })

  test('fixtures are what this test expects of them', () => {
    for (const name of invalidNames())
      assert.ok(readdirSync(join(invalidFixtures, name)).includes('expected.txt'), name)
  })
})

// Every field of every schema has a row that says what its change means; every kind that synth renders has one too.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { assert, describe } from '../../../test/spec.ts'
import { everything, renderRepository } from '../../pipeline.ts'
import { sourceKinds } from '../../reference/sources.ts'
import type { FieldRow, FieldTable } from '../../review/fields/row.ts'
import { rowOf, sourceTables } from '../../review/fields/tables.ts'
import { areaOf } from '../../review/risks/file-areas.ts'
import { objectKinds } from '../../review/risks/object-kinds.ts'
import { repositoryRoot, validFixture } from '../fixture.ts'

interface Node {
  properties?: Record<string, Node>
  patternProperties?: Record<string, Node>
  items?: Node
  anyOf?: Node[]
}

/** Dotted names of all values that a file of the schema may hold; `*` is any key, `[]` an item of a list of objects. */
function fieldsOf(node: Node, path: string): string[] {
  const inner = [
    ...Object.entries(node.properties ?? {}).flatMap(([key, field]) => fieldsOf(field, `${path}.${key}`)),
    // A cluster's patch repeats the fields above it.
    ...Object.values(node.patternProperties ?? {}).flatMap((field) =>
      path === '.clusters' ? [''] : isAnything(field) ? [path] : fieldsOf(field, `${path}.*`),
    ),
    ...(node.items === undefined ? [] : fieldsOf(node.items, `${path}[]`).filter((field) => field !== `${path}[]`)),
    ...(node.anyOf ?? []).flatMap((branch) => fieldsOf(branch, path).filter((field) => field !== path)),
  ]
  return inner.length === 0 || node.items !== undefined ? [path, ...inner] : inner
}

/** Values of charts: whatever the chart takes. */
const isAnything = (node: Node): boolean => Object.keys(node).length === 0

const kinds = sourceKinds.map(({ name, schema }) => ({
  name,
  table: sourceTables.find(({ kind }) => kind === name),
  fields: [...new Set(fieldsOf(schema as Node, ''))].map((field) => field.slice(1)).filter(Boolean),
}))

/** Of its own, or of all items of its list. */
function hasRow(fields: FieldTable, field: string): boolean {
  const found = rowOf(fields, field.split('.'))
  return found?.depth === field.split('.').length || found?.name.endsWith('[]') === true
}

const rows: FieldRow[] = sourceTables.flatMap(({ fields }) => Object.values(fields))

/** Sources of all rules; a rule is named in quotes where it is found. */
const rules = readdirSync(join(repositoryRoot, 'generators/review/risks'))
  .filter((name) => name !== 'object-kinds.ts')
  .map((name) => readFileSync(join(repositoryRoot, 'generators/review/risks', name), 'utf8'))
  .join('\n')

const isRule = (name: string): boolean => rules.includes(`'${name}'`)

describe('tables of risks', (test) => {
  test('have a row for each field of each schema: write it into generators/review/fields/', () => {
    const missing = kinds.flatMap(({ name, table, fields }) =>
      fields.filter((field) => !hasRow(table?.fields ?? {}, field)).map((field) => `${name}: ${field}`),
    )
    assert.equal(missing, [])
    assert.ok(kinds.flatMap(({ fields }) => fields).length > 150)
  })

  test('have no row for a field that no schema has, but for sections that are judged as one', () => {
    const gone = kinds.flatMap(({ name, table, fields }) =>
      Object.keys(table?.fields ?? {})
        .filter(
          (row) =>
            !fields.some(
              (field) => rowOf(table?.fields ?? {}, field.split('.'))?.name === row || field.startsWith(row),
            ),
        )
        .map((row) => `${name}: ${row}`),
    )
    assert.equal(gone, [])
  })

  test('name rules that there are, sections that are judged, and reasons', () => {
    const named = rows.flatMap((row) => ('by' in row ? row.by : []))
    assert.equal(
      named.filter((name) => !isRule(name)),
      [],
    )
    for (const { fields } of sourceTables)
      for (const row of Object.values(fields))
        if ('within' in row) assert.ok('judge' in (fields[row.within] ?? {}), row.within)
    assert.equal(
      rows.filter((row) => 'none' in row && row.none.length < 5),
      [],
    )
  })

  test('have a row for each kind that is rendered, for this repository and the fixture', () => {
    const rendered = [repositoryRoot, validFixture].flatMap((root) => renderRepository(root, everything).files)
    const found = rendered.flatMap(({ path, text }) =>
      path.startsWith('clusters/') ? (/^kind: (\w+)$/m.exec(text)?.[1] ?? []) : [],
    )
    assert.equal(
      [...new Set(found)].filter((kind) => !Object.hasOwn(objectKinds, kind)),
      [],
    )
    const named = Object.values(objectKinds).flatMap((row) => ('by' in row ? row.by : []))
    assert.equal(
      named.filter((name) => !isRule(name)),
      [],
    )
  })

  test('have a row of its own for every part of the repository', () => {
    const ignored = ['node_modules', '.git', '.ci', '.slipway']
    const entries = readdirSync(repositoryRoot, { withFileTypes: true }).filter(({ name }) => !ignored.includes(name))
    const paths = entries.map((entry) => (entry.isDirectory() ? `${entry.name}/x` : entry.name))
    assert.equal(
      paths.filter((path) => areaOf(path).name === 'the repository'),
      [],
    )
  })
})

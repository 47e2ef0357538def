// Slips in source files: any value of a file replaced by what people, editors and merges leave behind.
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, parseDocument, visit } from 'yaml'
import { sampleRoot } from '../../test/sample-tree.ts'
import { type SourceKind, sourceKinds } from '../reference/sources.ts'

export interface Place {
  /** Relative to the root. */
  path: string
  kind: SourceKind
  /** Empty: the whole file. */
  pointer: readonly (string | number)[]
}

export interface Slip {
  name: string
  /** What is written in place of the value, as flow YAML; for JSON only what is JSON too. */
  yaml: string
  json?: string
}

const same = (text: string): Slip => ({ name: text, yaml: text, json: text })

/** For every place. */
export const commonSlips: readonly Slip[] = [
  { name: 'nothing', yaml: '', json: 'null' },
  { name: 'an alias of itself', yaml: '&self { b: *self }' },
  ...['[]', '{}', '"text"', '7', '[ null ]', '{ "a": null }'].map(same),
]

const deep = (level: string, count: number, end = ''): string => level.repeat(count) + end.repeat(count)
const many = (count: number, item: (index: number) => string): string =>
  Array.from({ length: count }, (_, at) => item(at)).join(', ')
const laughs = many(12, (at) => `l${at}: &l${at} [${at === 0 ? 'ha' : many(10, () => `*l${at - 1}`)}]`)

/** For each form of place. */
export const oddSlips: readonly Slip[] = [
  ...['{ "constructor": 1, "toString": { "a": 2 }, "1": 3 }', '{ "__proto__": { "a": 1 } }', '[ [ null ] ]'].map(same),
  ...['1e400', '-0', '12345678901234567890', '1e300', '"\\u0000"', '"\\ud800"', '{ "\\udc00": 1 }'].map(same),
  ...[
    '"\\u202e\\u200b\\u001b[2J\\n::error::x"',
    '{ "\\u202e\\n": "%0A##[error]" }',
    '"constructor"',
    '"__proto__"',
    '"./"',
    '"./apps/"',
  ].map(same),
  { ...same(deep('[', 10_000, ']')), name: 'deep lists' },
  { ...same(deep('[', 10_000)), name: 'deep open lists' },
  { ...same(`${deep('{ "a": ', 10_000)}1${'}'.repeat(10_000)}`), name: 'deep mappings' },
  { ...same(`"${'x'.repeat(200_000)}"`), name: 'a long text' },
  { ...same(`{ "${'x'.repeat(900)}": 1 }`), name: 'a long key' },
  { name: 'a billion laughs', yaml: `{ ${laughs} }` },
  ...['.nan', '.inf', '2026-01-01', '!!binary aGk=', '!!set { a, b }', '!other x', '*nowhere', '{ a: 1, a: 2 }'].map(
    (yaml): Slip => ({ name: yaml, yaml }),
  ),
  ...[
    '{ ? [ a ] : b }',
    '{ ? { a: b } : c }',
    '{ <<: { a: 1 } }',
    '{ : 1 }',
    '{ a, b: }',
    '&a [ &a 1, *a ]',
    '@',
    '%',
  ].map((yaml): Slip => ({ name: yaml, yaml })),
]

/** As large as a file gets. */
export const largeSlips: readonly Slip[] = [
  { ...same(`{ ${many(10_000, (at) => `"KEY_${at}": "v"`)} }`), name: '10,000 keys' },
  { ...same(`{ ${many(10_000, (at) => `"k ${at}": null`)} }`), name: '10,000 wrong keys' },
  { ...same(`[ ${many(10_000, (at) => `"item-${at}"`)} ]`), name: '10,000 items' },
  { ...same(`[ ${many(10_000, (at) => `{ "kin": ${at} }`)} ]`), name: '10,000 objects' },
  { name: '10,000 aliases of itself', yaml: `&self [ ${many(10_000, () => '*self')} ]` },
]

const readSource = (path: string): string => readFileSync(join(sampleRoot, path), 'utf8')

/** Every value of every source file of the committed tree. */
export function allPlaces(): Place[] {
  return sourceKinds.flatMap((kind) =>
    globSync(kind.files, { cwd: sampleRoot })
      .sort()
      .flatMap((path) => pointers(parse(readSource(path))).map((pointer): Place => ({ path, kind, pointer }))),
  )
}

function pointers(value: unknown, pointer: Place['pointer'] = []): Place['pointer'][] {
  if (typeof value !== 'object' || value === null) return [pointer]
  const keys = Array.isArray(value) ? value.keys() : Object.keys(value)
  return [
    pointer,
    ...[...keys].flatMap((key) => pointers((value as Record<string | number, unknown>)[key], [...pointer, key])),
  ]
}

/** One place of each form: fields of all models are alike, and so are all values of a chart. */
export function placesByForm(places: readonly Place[]): Place[] {
  const form = ({ kind, pointer }: Place): string => {
    const keys = pointer.map((key) => (typeof key === 'number' ? '*' : key))
    return [kind.name, ...keys.slice(0, keys.includes('values') ? keys.indexOf('values') + 2 : 4)].join('.')
  }
  return [...new Map(places.map((place) => [form(place), place])).values()]
}

const mark = 'SLIP-STANDS-HERE'

/** The file with the slip; undefined when its language cannot say that. */
export function slipped({ path, pointer }: Place, { yaml, json }: Slip): string | undefined {
  const isJson = path.endsWith('.json')
  const replacement = isJson ? json : yaml
  if (replacement === undefined) return undefined
  if (pointer.length === 0) return replacement
  const document = parseDocument(readSource(path))
  document.setIn(pointer, mark)
  // In a flow collection a comma or a comment would become part of what is put there.
  visit(document, {
    Collection(_, node) {
      node.flow = isJson
    },
  })
  const text = isJson ? JSON.stringify(document.toJS(), null, 2).replace(`"${mark}"`, mark) : String(document)
  return text.replace(mark, () => replacement)
}

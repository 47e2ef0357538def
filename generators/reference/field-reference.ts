// docs/reference/fields.md: every field of every hand-written file, from the same schemas that check them.
import { engines } from '../engines/index.ts'
import type { RenderedFile } from '../write/rendered-file.ts'
import { type SourceKind, sourceKinds } from './sources.ts'

interface Node {
  type?: string
  description?: string
  properties?: Record<string, Node>
  patternProperties?: Record<string, Node>
  required?: string[]
  items?: Node
  anyOf?: Node[]
  enum?: unknown[]
  examples?: unknown[]
  minimum?: number
  maximum?: number
  pattern?: string
}

export const fieldReference = (): RenderedFile => ({
  path: 'docs/reference/fields.md',
  text: [
    '<!-- Generated from generators/schema/*.ts by npm run synth; do not edit. -->',
    '# Fields',
    '',
    'What runs, as data: one file per model, tenant and add-on. Unknown keys are errors. Editors complete these fields',
    'through the first line of each file. Where it runs is in [clusters/](../../clusters). A field that is an object or a map may',
    'be left empty (`prod:` is `prod: {}`). Any other field without a value is an error, but in a cluster’s patch it removes the field.',
    '',
    ...sourceKinds.flatMap(section),
  ].join('\n'),
})

function section(kind: SourceKind): string[] {
  const rows = rowsOf(kind.schema as Node, '')
  return [`## \`${kind.files}\``, '', kind.about, '', '| field | type | meaning |', '|---|---|---|', ...rows, '']
}

/** Rows of an object's fields, nested ones below their parent with a dotted name. */
function rowsOf(node: Node, prefix: string): string[] {
  const object = objectBranch(node)
  if (object === undefined) return []
  const named = Object.entries(object.properties ?? {}).flatMap(([name, field]) => {
    const path = `${prefix}${name}`
    const required = object.required?.includes(name) ? ' **required**' : ''
    return [
      `| \`${path}\`${required} | ${cell(typeOf(field))} | ${cell(meaning(field))} |`,
      ...rowsOf(field, `${path}.`),
    ]
  })
  // A cluster's patch repeats the fields above it; listing them again would hide the rest.
  const open = Object.values(object.patternProperties ?? {}).flatMap((field) =>
    prefix === 'clusters.' ? [] : rowsOf(field, `${prefix}*.`),
  )
  return [...named, ...open]
}

/** In a union with a short form the object carries the fields; a list carries those of its items. */
function objectBranch(node: Node): Node | undefined {
  if (node.properties !== undefined || node.patternProperties !== undefined) return node
  if (node.items !== undefined) return objectBranch(node.items)
  return node.anyOf?.map(objectBranch).find((branch) => branch !== undefined)
}

function typeOf(node: Node): string {
  if (node.anyOf !== undefined) return [...new Set(node.anyOf.map(typeOf))].join(' or ')
  if (node.enum !== undefined) return node.enum.map((value) => `\`${String(value)}\``).join(', ')
  if (node.type === 'array') return `list of ${node.items === undefined ? 'values' : typeOf(node.items)}`
  if (node.type === 'integer' || node.type === 'number') return `${node.type}${range(node)}`
  if (node.type === 'object' && node.patternProperties !== undefined) return 'map'
  return node.type ?? 'anything'
}

function range({ minimum, maximum }: Node): string {
  if (minimum === undefined) return ''
  return maximum === undefined ? ` ≥ ${minimum}` : ` ${minimum} to ${maximum}`
}

function meaning(node: Node): string {
  const text =
    node.description === 'Name of the engine.' ? `${node.description} ${engineNames()}` : (node.description ?? '')
  const example = node.examples?.[0]
  return example === undefined
    ? text
    : `${text} Example: \`${typeof example === 'string' ? example : JSON.stringify(example)}\``
}

const engineNames = (): string => `One of ${engines.map(({ name }) => `\`${name}\``).join(', ')}.`

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')

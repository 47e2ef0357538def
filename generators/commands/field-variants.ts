// Other values that a field of the model file could have, from its schema: explain changes the field and looks what moves.
import { engines } from '../engines/index.ts'
import { modelFileSchema } from '../schema/model.ts'

interface Node {
  type?: string
  enum?: unknown[]
  anyOf?: Node[]
  properties?: Record<string, Node>
  patternProperties?: Record<string, Node>
  items?: Node
  minimum?: number
  pattern?: string
  description?: string
}

/** Paths of the fields a value sets, leaves only: `scaling.maxReplicas`, `clusters.prod.accelerator`. */
export function leafPaths(value: unknown, path: readonly string[] = []): string[][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [[...path]]
  const entries = Object.entries(value)
  return entries.length === 0 ? [] : entries.flatMap(([key, item]) => leafPaths(item, [...path, key]))
}

/** The schema of a field, through unions with a short form; undefined when there is no such field. */
export function schemaAt(path: readonly string[]): Node | undefined {
  let node: Node | undefined = modelFileSchema as Node
  for (const key of path) node = node === undefined ? undefined : childOf(node, key)
  return node
}

function childOf(node: Node, key: string): Node | undefined {
  const own = node.properties?.[key] ?? Object.values(node.patternProperties ?? {})[0]
  return own ?? node.anyOf?.map((branch) => childOf(branch, key)).find((child) => child !== undefined)
}

/** Names of the fields of an object, for "did you mean". */
export const fieldNames = (node: Node): string[] => [
  ...Object.keys(node.properties ?? {}),
  ...(node.anyOf ?? []).flatMap(fieldNames),
]

/** Values to try instead of the current one, likeliest first; none may be right, the caller tries them in turn. */
export function variants(node: Node, current: unknown): unknown[] {
  if (node.enum !== undefined) return node.enum.filter((value) => value !== current)
  if (node.anyOf !== undefined) return node.anyOf.flatMap((branch) => variants(branch, current))
  if (node.type === 'integer' || node.type === 'number') return numbers(node, current)
  if (node.type === 'boolean') return [current !== true]
  if (node.type === 'array') return lists(node, current)
  if (node.type === 'string') return texts(node, current)
  return []
}

function numbers(node: Node, current: unknown): number[] {
  const start = typeof current === 'number' ? current : (node.minimum ?? 1)
  const whole = node.type === 'integer'
  return [start + 1, start * 2, start / 2, start - 1, 0.5, 1, 2, 1024]
    .map((value) => (whole ? Math.floor(value) : value))
    .filter((value) => value !== current)
}

function lists(node: Node, current: unknown): unknown[][] {
  const list = Array.isArray(current) ? (current as unknown[]) : []
  const items = node.items === undefined ? [] : variants(node.items, list[0])
  return [...(list.length > 0 ? [list.slice(1)] : []), ...items.map((item) => [item])]
}

function texts(node: Node, current: unknown): string[] {
  if (node.description === 'Name of the engine.')
    return engines.map(({ name }) => name).filter((name) => name !== current)
  const samples = ['7m', '3Gi', '3', 'example', 'f'.repeat(40), 'example/model', 'EXAMPLE']
  const fits = (text: string) => node.pattern === undefined || new RegExp(node.pattern).test(text)
  return samples.filter((text) => text !== current && fits(text))
}

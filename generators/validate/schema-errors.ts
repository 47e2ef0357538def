// What TypeBox reports about a value, reduced to what the user meant.
import type { Pointer } from '../load/source-file.ts'

/** As TypeBox reports it. */
export interface SchemaError {
  keyword: string
  schemaPath: string
  instancePath: string
  params: Record<string, unknown>
  message: string
}

/** The parts of a JSON Schema that messages are made from. */
export interface SchemaNode {
  type?: string
  enum?: unknown[]
  anyOf?: SchemaNode[]
  properties?: Record<string, SchemaNode>
  patternProperties?: Record<string, SchemaNode>
  items?: SchemaNode
  description?: string
  examples?: unknown[]
  pattern?: string
  /** What a text of the pattern is, in words. */
  form?: string
  /** Our own keyword: fields that are elsewhere now, with what to write; `$SECONDS` is the value, rounded up. */
  moved?: Record<string, string>
  /** Our own keyword: fields that are set in another place, with where, or why they are fixed. */
  elsewhere?: Readonly<Record<string, string>>
  /** Our own keyword: words that are known and not allowed, with the reason. */
  refused?: Readonly<Record<string, string>>
}

export const pointerOf = (path: string): string[] =>
  path
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))

export const valueAt = (value: unknown, pointer: Pointer): unknown =>
  pointer.reduce<unknown>(
    (node, key) => (typeof node === 'object' && node !== null ? (node as Record<string, unknown>)[key] : undefined),
    value,
  )

export const nodeAt = (schema: SchemaNode, path: string): SchemaNode =>
  pointerOf(path.replace(/^#/, '')).reduce<unknown>(
    (node, key) => (node as Record<string, unknown> | undefined)?.[key],
    schema,
  ) as SchemaNode

/**
 * A failed union reports the errors of every branch. Keeps those of the branch the user meant: the one of the value's own
 * type, and of several the one with the fewest errors. Of a union without such a branch only the union itself is kept.
 */
export function withoutOtherBranches(
  schema: SchemaNode,
  value: unknown,
  errors: readonly SchemaError[],
): SchemaError[] {
  const inside = errorsInUnions(errors)
  const unions = [...inside.keys()].sort((a, b) => a.schemaPath.length - b.schemaPath.length)
  const dropped = new Set<SchemaError>()
  for (const union of unions) {
    if (dropped.has(union)) continue
    const branches = nodeAt(schema, union.schemaPath).anyOf ?? []
    const type = typeName(valueAt(value, pointerOf(union.instancePath)))
    const kept = (inside.get(union) ?? []).filter((error) => !dropped.has(error))
    const own = branches.map((_, index) => kept.filter((error) => isBelow(error, union, index)))
    const size = (index: number): number => own[index]?.length ?? 0
    const meant = branches
      .map((branch, index) => ({ index, fits: (branch.type ?? typeName(branch.enum?.[0])) === type }))
      .filter(({ fits }) => fits)
      .sort((a, b) => size(a.index) - size(b.index))[0]
    for (const [index, list] of own.entries()) if (index !== meant?.index) for (const error of list) dropped.add(error)
    if (meant !== undefined) dropped.add(union)
  }
  return errors.filter((error) => !dropped.has(error) && error.keyword !== 'boolean')
}

/** For each failed union the errors at its value and below. Looked up from the errors upwards: ten thousand unions may fail. */
function errorsInUnions(errors: readonly SchemaError[]): Map<SchemaError, SchemaError[]> {
  const unions = errors.filter(({ keyword }) => keyword === 'anyOf')
  const inside = new Map<SchemaError, SchemaError[]>(unions.map((union) => [union, []]))
  const at = Map.groupBy(unions, ({ instancePath }) => instancePath)
  for (const error of errors) {
    for (let path = error.instancePath; ; path = path.slice(0, path.lastIndexOf('/'))) {
      for (const union of at.get(path) ?? []) inside.get(union)?.push(error)
      if (path === '') break
    }
  }
  return inside
}

const isBelow = (error: SchemaError, union: SchemaError, index: number): boolean => {
  const branch = `${union.schemaPath}/anyOf/${index}`
  return error.schemaPath === branch || error.schemaPath.startsWith(`${branch}/`)
}

function typeName(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return typeof value
}

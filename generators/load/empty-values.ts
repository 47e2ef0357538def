// Reads a field with nothing behind it as {} where the schema asks for an object: `prod:` under clusters, `scaling:`.
import type { TSchema } from 'typebox'

interface Node {
  type?: string
  properties?: Record<string, Node>
  patternProperties?: Record<string, Node>
  items?: Node
  mergePatch?: boolean
}

const fieldOf = ({ properties = {}, patternProperties = {} }: Node, key: string): Node | undefined =>
  Object.hasOwn(properties, key) ? properties[key] : Object.values(patternProperties)[0]

/**
 * The only place that decides it; everything else that is empty is for the schema to refuse. In a merge patch an empty field is
 * left as it is, for there null removes the field. The input is not changed.
 */
export const fillEmpty = (schema: TSchema, value: unknown): unknown => filled(schema as Node, value)

function filled(node: Node, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || node.mergePatch === true) return value
  const { items } = node
  if (Array.isArray(value)) return items === undefined ? value : value.map((item) => filled(items, item))
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => {
      const field = fieldOf(node, key)
      if (field === undefined) return [key, item]
      return [key, item === null && field.type === 'object' ? {} : filled(field, item)]
    }),
  )
}

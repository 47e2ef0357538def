// Whether an answer keeps the schema that it was asked for: types, values, fields and members of lists, which an engine that guides its answer never
// misses. Forms of text and bounds of numbers are left out: engines guide by them differently.

interface Schema {
  type?: string | string[]
  enum?: unknown[]
  const?: unknown
  required?: string[]
  properties?: Record<string, Schema>
  items?: Schema
}

const types: Record<string, (value: unknown) => boolean> = {
  object: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  array: Array.isArray,
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: Number.isInteger,
  boolean: (value) => typeof value === 'boolean',
  null: (value) => value === null,
}

const isEqual = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other)

function wrongHere(value: unknown, { type, enum: values, const: only }: Schema): string | undefined {
  const wanted = [type ?? []].flat()
  if (wanted.length > 0 && !wanted.some((one) => types[one]?.(value) ?? true)) return `is no ${wanted.join(' or ')}`
  if (values !== undefined && !values.some((one) => isEqual(one, value))) return 'is none of the values'
  return only === undefined || isEqual(only, value) ? undefined : 'is another value'
}

/** What is wrong, and where; undefined: nothing. Without `required`, every field of the top is looked for. */
export function missedIn(value: unknown, schema: Schema, at = 'the answer'): string | undefined {
  const wrong = wrongHere(value, schema)
  if (wrong !== undefined) return `${at} ${wrong}`
  if (Array.isArray(value)) {
    const { items } = schema
    return items && value.map((one, index) => missedIn(one, items, `${at}[${index}]`)).find(Boolean)
  }
  const properties = Object.entries(schema.properties ?? {})
  const all = at === 'the answer' ? properties.map(([name]) => name) : []
  const fields = new Map(Object.entries(types.object?.(value) ? (value as object) : {}))
  const missing = (schema.required ?? all).filter((name) => !fields.has(name))
  // Fields are of objects alone; without `type` below the top, another value keeps the schema.
  if (missing.length > 0 && (at === 'the answer' || types.object?.(value)))
    return `${missing.join(', ')} is missing in ${at}`
  return properties
    .filter(([name]) => fields.has(name))
    .map(([name, one]) => missedIn(fields.get(name), one, `${at}.${name}`))
    .find(Boolean)
}

// How a cluster changes what all share: fields by JSON merge patch (RFC 7396), chart values as Helm does.

type Json = Record<string, unknown>

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Objects are merged, null removes, anything else replaces. Neither input is changed. */
export function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch
  const merged: Json = isObject(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key]
    else merged[key] = mergePatch(Object.hasOwn(merged, key) ? merged[key] : undefined, value)
  }
  return merged
}

/** As Helm merges values: objects are merged, anything else replaces; null is a value, by which Helm drops the chart’s default. */
export function mergeValues(target: Json, values: Json): Json {
  const merged = Object.entries(values).map(([key, value]) => {
    const known = Object.hasOwn(target, key) ? target[key] : undefined
    return [key, isObject(known) && isObject(value) ? mergeValues(known, value) : value]
  })
  return { ...target, ...Object.fromEntries(merged) }
}

/** A file’s value without the nulls in its clusters’ patches, for a schema that knows only values. */
export const withPlainPatches = (value: unknown): unknown =>
  isObject(value) && isObject(value.clusters) ? { ...value, clusters: withoutNulls(value.clusters) } : value

function withoutNulls(value: unknown): unknown {
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== null)
      .map(([key, item]) => [key, withoutNulls(item)]),
  )
}

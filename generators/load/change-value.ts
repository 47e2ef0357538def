// The value of a source file with one field changed; everything else is shared with the original.
import type { Pointer } from './source-file.ts'

/** `item` undefined removes the field. Parents that are not there are made. */
export function changeValue(value: unknown, [key, ...rest]: Pointer, item: unknown): unknown {
  if (key === undefined) return item
  const object = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  const { [key]: inner, ...others } = object
  const changed = changeValue(inner, rest, item)
  return changed === undefined ? others : { ...object, [key]: changed }
}

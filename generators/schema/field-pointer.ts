// Where a model's field is: in the cluster's patch when it is set there, else among the base fields.
import type { ModelFile } from './model.ts'

type Pointer = readonly (string | number)[]

const has = (value: unknown, pointer: Pointer): boolean => {
  let node = value
  for (const key of pointer) {
    if (typeof node !== 'object' || node === null || !Object.hasOwn(node, key)) return false
    node = (node as Record<string | number, unknown>)[key]
  }
  return true
}

/**
 * The pointer to write a message at. A field that is set nowhere gives the place of its nearest set parent; in a short
 * form (`engine: vllm`) that is the short form itself.
 */
export function fieldPointer(file: ModelFile, cluster: string, field: Pointer): Pointer {
  for (let length = field.length; length > 0; length -= 1) {
    const part = field.slice(0, length)
    if (has(file.clusters, [cluster, ...part])) return ['clusters', cluster, ...part]
    if (has(file, part)) return part
  }
  return ['clusters', cluster]
}

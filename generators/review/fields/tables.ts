// Which table judges which file, and the row of a field in it.
import type { Pointer } from '../../load/source-file.ts'
import { clusterFields } from './cluster-fields.ts'
import { lockFields, modelFields } from './model-fields.ts'
import type { FieldRow, FieldTable } from './row.ts'
import { addonFields, gatewayFields, imagesFields, infraFields } from './shared-fields.ts'
import { tenantFields } from './tenant-fields.ts'

export interface SourceTable {
  /** As generators/reference/sources.ts names the kind of file. */
  kind: string
  files: RegExp
  fields: FieldTable
}

export const sourceTables: readonly SourceTable[] = [
  { kind: 'lock', files: /^apps\/models\/[^/]+\.lock\.json$/, fields: lockFields },
  { kind: 'model', files: /^apps\/models\/[^/]+\.yaml$/, fields: modelFields },
  { kind: 'tenant', files: /^apps\/tenants\/[^/]+\.yaml$/, fields: tenantFields },
  { kind: 'addon', files: /^apps\/addons\/[^/]+\.yaml$/, fields: addonFields },
  { kind: 'gateway', files: /^apps\/gateway\.yaml$/, fields: gatewayFields },
  { kind: 'images', files: /^apps\/images\.yaml$/, fields: imagesFields },
  { kind: 'cluster', files: /^clusters\/[^/]+\/cluster\.yaml$/, fields: clusterFields },
  { kind: 'infra', files: /^clusters\/[^/]+\/infra\.json$/, fields: infraFields },
]

export interface FoundRow {
  name: string
  row: FieldRow
  /** How many keys of the pointer the row's name has: fewer when the table ends above the field. */
  depth: number
}

/** The row of the field, or of the nearest one above it that has one: charts’ values and lists go no deeper. */
export function rowOf(fields: FieldTable, pointer: Pointer): FoundRow | undefined {
  for (let depth = pointer.length; depth > 0; depth -= 1) {
    const keys = pointer.slice(0, depth).map(String)
    const found = Object.entries(fields).find(([name]) => matches(name.split('.'), keys))
    if (found !== undefined) return { name: found[0], row: found[1], depth }
  }
  return undefined
}

const matches = (pattern: readonly string[], keys: readonly string[]): boolean =>
  pattern.length === keys.length && pattern.every((part, index) => part === '*' || part === keys[index])

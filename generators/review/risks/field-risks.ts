// Risks of single fields of hand-written files, by the tables in ../fields.
import type { Pointer } from '../../load/source-file.ts'
import type { FieldRow, Values } from '../fields/row.ts'
import { rowOf, type SourceTable, sourceTables } from '../fields/tables.ts'
import type { Side } from '../side.ts'
import { isMap, type SourceChange, sourceFiles, valueAt } from '../source-changes.ts'
import type { Risk } from './risk.ts'

export function fieldRisks(changes: readonly SourceChange[], before: Side, after: Side): Risk[] {
  return [...Map.groupBy(changes, ({ file }) => file)].flatMap(([file, own]) => {
    const table = sourceTables.find(({ files }) => files.test(file))
    // What it means that a whole file comes or goes is another question.
    if (table === undefined || own.some(({ pointer }) => pointer.length === 0)) return []
    const [old, fresh] = [before, after].map((side) => readerOf(file, side))
    const shown = sourceFiles(after.repository).get(file)
    return judgedFields(table, own).flatMap(({ name, row, field, leaf }) => {
      const values = { before: old?.(field), after: fresh?.(field) }
      const verdict = 'judge' in row && differ(values) ? row.judge(values) : undefined
      if (verdict === undefined) return []
      const [level, text] = verdict
      const line = shown?.position(leaf, 'key').line ?? 1
      return [{ level, rule: `${table.kind}.${name}`, where: `${file}:${line}`, text: `\`${field.join('.')}\`${text}` }]
    })
  })
}

const differ = ({ before, after }: Values): boolean => JSON.stringify(before) !== JSON.stringify(after)

interface JudgedField {
  name: string
  row: FieldRow
  field: Pointer
  /** Where it differs, at or below the field. */
  leaf: Pointer
}

/** Every row once, however many of the fields below it differ. */
function judgedFields({ kind, fields }: SourceTable, changes: readonly SourceChange[]): JudgedField[] {
  const found = new Map<string, JudgedField>()
  const leaves = changes.flatMap(({ pointer, before, after }) =>
    // A model in one more or one less cluster is a row of the table of models.
    kind === 'model' && isPatch(pointer) && pointer.length === 2 ? [] : leavesOf(before, after, pointer),
  )
  for (const leaf of leaves) {
    const prefix = isPatch(leaf) ? leaf.slice(0, 2) : []
    const at = rowOf(fields, leaf.slice(prefix.length))
    if (at === undefined) continue
    const name = 'within' in at.row ? at.row.within : at.name
    const row = fields[name] ?? at.row
    const field = [...prefix, ...('within' in at.row ? name.split('.') : leaf.slice(prefix.length).slice(0, at.depth))]
    if (!found.has(field.join('.'))) found.set(field.join('.'), { name, row, field, leaf })
  }
  return [...found.values()]
}

const isPatch = ([first]: Pointer): boolean => first === 'clusters'

/** Fields of a section that came or went as a whole; in their short forms engine and accelerator are one word. */
function leavesOf(before: unknown, after: unknown, pointer: Pointer): Pointer[] {
  const [old, fresh] = [before, after].map((value) => inFull(pointer.at(-1), value) ?? {})
  const keys = isMap(old) && isMap(fresh) ? [...new Set([...Object.keys(fresh), ...Object.keys(old)])] : []
  if (keys.length === 0 || !isMap(old) || !isMap(fresh)) return [pointer]
  return keys
    .filter((key) => differ({ before: old[key], after: fresh[key] }))
    .flatMap((key) => leavesOf(old[key], fresh[key], [...pointer, key]))
}

const shortForms: Record<string, string> = { engine: 'name', accelerator: 'type' }

const inFull = (key: string | number | undefined, value: unknown): unknown =>
  typeof value === 'string' && Object.hasOwn(shortForms, String(key))
    ? { [shortForms[String(key)] ?? '']: value }
    : value

/** Reads a field as it counts: with the cluster file’s defaults, and of a patch what it leaves as it is. */
function readerOf(file: string, side: Side): (field: Pointer) => unknown {
  const value = sourceFiles(side.repository).get(file)?.value
  const cluster = /^clusters\/([^/]+)\/cluster\.yaml$/.exec(file)?.[1]
  const counted = side.plans.find((plan) => plan.cluster.name === cluster)?.cluster
  return (field) => {
    if (counted !== undefined) return valueAt(counted, field, inFull) ?? valueAt(value, field, inFull)
    const own = valueAt(value, field, inFull)
    return own === undefined && isPatch(field) ? valueAt(value, field.slice(2), inFull) : own
  }
}

// Which fields of the hand-written files differ, each with its line.
import type { Position } from '../diagnostics/diagnostic.ts'
import type { Repository } from '../load/repository.ts'
import type { Pointer, SourceFile } from '../load/source-file.ts'

export interface SourceChange {
  file: string
  /** Keys from the root of the file; a list is one value. Empty: the whole file came or went. */
  pointer: Pointer
  before: unknown
  after: unknown
  /** In the file as it is after the change; of a removed file, as it was. */
  position: Position
}

/** Every hand-written file that could be read, by path. */
export function sourceFiles(repository: Repository): Map<string, SourceFile> {
  const files = [
    ...repository.models.flatMap(({ file, lock }) => [file, lock]),
    ...[...repository.tenants, ...repository.addons].map(({ file }) => file),
    repository.gateway,
    repository.images,
    ...repository.clusters.flatMap(({ file, infra }) => [file, infra]),
  ]
  return new Map(files.flatMap((file) => (file === undefined ? [] : [[file.path, file]])))
}

/** In the order of the paths, then of the fields in the file. */
export function sourceChanges(before: Repository, after: Repository): SourceChange[] {
  const [old, fresh] = [sourceFiles(before), sourceFiles(after)]
  return [...new Set([...old.keys(), ...fresh.keys()])].sort().flatMap((path) => {
    const [was, is] = [old.get(path), fresh.get(path)]
    const shown = is ?? was
    if (shown === undefined) return []
    const at = (pointer: Pointer): Position => shown.position(pointer, 'key')
    if (was === undefined || is === undefined)
      return [{ file: path, pointer: [], before: was?.value, after: is?.value, position: at([]) }]
    return differences(was.value, is.value, []).map(({ pointer, ...values }) => ({
      file: path,
      pointer,
      ...values,
      position: at(pointer),
    }))
  })
}

type Difference = Pick<SourceChange, 'pointer' | 'before' | 'after'>

export const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function differences(before: unknown, after: unknown, pointer: Pointer): Difference[] {
  if (isMap(before) && isMap(after)) {
    return [...new Set([...Object.keys(after), ...Object.keys(before)])].flatMap((key) =>
      differences(before[key], after[key], [...pointer, key]),
    )
  }
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ pointer, before, after }]
}

/** `inFull` writes a short form out on the way. */
export const valueAt = (
  value: unknown,
  pointer: Pointer,
  inFull: (key: string | number, value: unknown) => unknown = (_, inner) => inner,
): unknown => pointer.reduce<unknown>((node, key) => (isMap(node) ? inFull(key, node[key]) : undefined), value)

// One hand-written file after reading: its value, and where each part of it is, for error messages.
import type { Position } from '../diagnostics/diagnostic.ts'

/** Keys and indexes from the root of the file to a value. */
export type Pointer = readonly (string | number)[]

export interface SourceFile {
  /** Relative to the root, with forward slashes. */
  path: string
  value: unknown
  /** Where the value (or, with `key`, the key that names it) is; the nearest parent when it is not there. */
  position(pointer: Pointer, target?: 'key' | 'value'): Position
}

// A diagnostic is a coded message about a user's file. It is data: collected, sorted and printed, never thrown.
import type { Code, HubCode, Level } from './codes.ts'

/** `line` and `column` start at 1; `file` is relative to the repository's root, with forward slashes. */
export interface Position {
  file: string
  line: number
  column: number
}

export interface Diagnostic {
  code: Code | HubCode
  level: Level
  position: Position
  /** What is wrong, with the requested value and the limit. One line. */
  message: string
  /** What to write instead. One line. */
  hint: string
  /** Clusters it is about, when a model is right in one and wrong in another. */
  clusters?: string[]
}

export const isError = (diagnostic: Diagnostic): boolean => diagnostic.level === 'error'

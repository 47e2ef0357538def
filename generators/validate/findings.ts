// Collects diagnostics of one phase; gives the rules a short way to say what is wrong at a field of a file.
import { type Code, codes } from '../diagnostics/codes.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Pointer, SourceFile } from '../load/source-file.ts'

/** Says that a field of a model is wrong in the cluster at hand. */
export type Report = (code: Code, field: Pointer, message: string, hint: string, target?: 'key' | 'value') => void

export class Findings {
  readonly diagnostics: Diagnostic[] = []

  /** `pointer` is the field the message is about; with target `key` its name rather than its value is wrong. */
  add(
    code: Code,
    file: SourceFile,
    pointer: Pointer,
    message: string,
    hint: string,
    { target = 'value', cluster }: { target?: 'key' | 'value'; cluster?: string } = {},
  ): void {
    const position = file.position(pointer, target)
    const clusters = cluster === undefined ? {} : { clusters: [cluster] }
    this.diagnostics.push({ code, level: codes[code].level, position, message, hint, ...clusters })
  }

  /** About a file that is not there, so no field can be named. */
  addFile(code: Code, path: string, message: string, hint: string): void {
    this.diagnostics.push({
      code,
      level: codes[code].level,
      position: { file: path, line: 1, column: 1 },
      message,
      hint,
    })
  }
}

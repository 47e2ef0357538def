// Makes every diagnostic; test/structure.test.ts finds one that is made elsewhere. A code brings its level, a file the position.
import type { Pointer, SourceFile } from '../load/source-file.ts'
import { fieldPointer } from '../schema/field-pointer.ts'
import type { ModelFile } from '../schema/model.ts'
import { type Code, codes, type HubCode, hubCodes } from './codes.ts'
import type { Diagnostic, Position } from './diagnostic.ts'

const entries = { ...codes, ...hubCodes }

/** `position` is that of a field (`file.position`), or the start of a file. With a cluster the message is about that one alone. */
export const diagnose = (
  code: Code | HubCode,
  position: Position,
  message: string,
  hint: string,
  cluster?: string,
): Diagnostic => ({
  code,
  level: entries[code].level,
  position,
  message,
  hint,
  ...(cluster !== undefined && { clusters: [cluster] }),
})

/** Of a file that is not there, or in which no field can be named. */
export const startOf = (file: string): Position => ({ file, line: 1, column: 1 })

/** About a field of a model in one cluster: at the cluster’s patch when the field is set there. */
export const diagnoseModel = (
  { source }: { source: SourceFile },
  { name }: { name: string },
  code: Code,
  field: Pointer,
  message: string,
  hint: string,
  target?: 'key' | 'value',
): Diagnostic =>
  diagnose(code, source.position(fieldPointer(source.value as ModelFile, name, field), target), message, hint, name)

// All generated help for people and editors.
import type { RenderedFile } from '../write/rendered-file.ts'
import { codeTable } from './code-table.ts'
import { editorSchemas } from './editor-schemas.ts'
import { fieldReference } from './field-reference.ts'

export const referenceFiles = (): RenderedFile[] => [...editorSchemas(), fieldReference(), codeTable()]

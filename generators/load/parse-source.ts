// Parses the text of a source file: its value, and positions on demand. All syntax errors of a file are reported at once.
import type { TSchema } from 'typebox'
import type { Document, LineCounter, YAMLError } from 'yaml'
import { diagnose, startOf } from '../diagnostics/diagnose.ts'
import type { Diagnostic, Position } from '../diagnostics/diagnostic.ts'
import { fillEmpty } from './empty-values.ts'
import { lazyPositions } from './positions.ts'
import type { SourceFile } from './source-file.ts'
import { deepest, yamlTree } from './yaml-tree.ts'
import { type ValueProblem, YamlValue } from './yaml-value.ts'

export interface Parsed {
  file: SourceFile | undefined
  diagnostics: Diagnostic[]
}

/** With the schema of the file, fields with nothing behind them are read as {} where it asks for an object. */
export function parseYaml(path: string, text: string, schema?: TSchema): Parsed {
  const tree = yamlTree(text)
  if ('tooDeep' in tree) return refused(path, tree.lines, [depthProblem(tree.tooDeep)])
  const { document, lines, second } = tree
  const reader = new YamlValue()
  const plain = reader.read(document.contents)
  const found = [...syntaxProblems(document, second), ...reader.problems]
  if (found.length > 0) return refused(path, lines, found)
  if (document.contents === null) return { file: undefined, diagnostics: [emptyFile(path)] }
  const value = schema === undefined ? plain : fillEmpty(schema, plain)
  return { file: { path, value, position: lazyPositions(path, text) }, diagnostics: [] }
}

const refused = (path: string, lines: LineCounter, found: readonly ValueProblem[]): Parsed => ({
  file: undefined,
  diagnostics: found.map(({ code, offset, message, hint }) => {
    const { line, col } = lines.linePos(offset)
    return diagnose(code, { file: path, line: Math.max(line, 1), column: Math.max(col, 1) }, message, hint)
  }),
})

const emptyFile = (path: string): Diagnostic =>
  diagnose('FILE_EMPTY', startOf(path), `${path} holds no value`, 'write the file, or remove it')

const depthProblem = (offset: number): ValueProblem => ({
  code: 'FILE_TOO_DEEP',
  offset,
  message: `lists and mappings are nested more than ${deepest} levels deep`,
  hint: 'remove what opens here; often it is a bracket or a dash that was pasted twice',
})

/** What the parser only warns of (a tag that it does not know, a directive) would be read as something else than was written. */
function syntaxProblems(document: Document, second: number | undefined): ValueProblem[] {
  const { errors, warnings, directives } = document
  const found = [...errors, ...warnings].map(syntaxProblem)
  if (directives?.yaml.explicit && directives.yaml.version !== '1.2') {
    const message = `the file asks for YAML ${directives.yaml.version}, and is read as YAML 1.2`
    found.push({ code: 'YAML_SYNTAX', offset: 0, message, hint: 'remove the line %YAML' })
  }
  if (second !== undefined) {
    const hint = 'one file holds one document; remove the line ---'
    found.push({ code: 'YAML_MULTIPLE_DOCUMENTS', offset: second, message: 'a second YAML document starts here', hint })
  }
  return found
}

function syntaxProblem({ code, message, pos: [offset] }: YAMLError): ValueProblem {
  if (code === 'NON_STRING_KEY') {
    const hint = 'write a word before the colon'
    return { code: 'KEY_INVALID', offset, message: 'a list, a mapping or an alias cannot be a key', hint }
  }
  const reason = message.split('\n')[0] ?? message
  const hint =
    code === 'TAG_RESOLVE_FAILED'
      ? 'remove the tag and write the plain value'
      : 'fix the line; often it is an indentation, a missing space after a colon or a quote'
  return { code: 'YAML_SYNTAX', offset, message: `not valid YAML: ${reason}`, hint }
}

/** Strict JSON; where it is wrong is found by V8. */
export function parseJson(path: string, text: string): Parsed {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const message = `not valid JSON: ${reason.split(' in JSON')[0] ?? reason}`
    return {
      file: undefined,
      diagnostics: [
        diagnose(
          'JSON_SYNTAX',
          jsonErrorPosition(path, reason, text),
          message,
          'fix it; generated files are best written again by their command',
        ),
      ],
    }
  }
  const position = lazyPositions(path, text)
  if (!isDeep(value)) return { file: { path, value, position }, diagnostics: [] }
  const { code, message, hint } = depthProblem(0)
  return { file: undefined, diagnostics: [diagnose(code, position([]), message, hint)] }
}

const isDeep = (value: unknown, depth = 0): boolean =>
  typeof value === 'object' &&
  value !== null &&
  (depth === deepest || Object.values(value).some((item) => isDeep(item, depth + 1)))

function jsonErrorPosition(file: string, reason: string, text: string): Position {
  const named = /position (\d+)/.exec(reason)
  // "Unexpected end of JSON input" names no position: it is the end.
  const offset = named === null ? text.length : Number(named[1])
  const before = text.slice(0, offset).split('\n')
  return { file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
}

// Parses the text of a source file: its value, and positions on demand. All syntax errors of a file are reported at once.
import { type Document, isMap, isNode, isPair, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import type { Diagnostic, Position } from '../diagnostics/diagnostic.ts'
import { problem } from './read-text.ts'
import type { Pointer, SourceFile } from './source-file.ts'

export interface Parsed {
  file: SourceFile | undefined
  diagnostics: Diagnostic[]
}

export function parseYaml(path: string, text: string): Parsed {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true })
  const diagnostics = [
    ...document.errors.map((error) => {
      const { line, col } = lines.linePos(error.pos[0])
      return syntaxProblem(path, error.code, error.message, line, col)
    }),
  ]
  if (diagnostics.length > 0) return { file: undefined, diagnostics }
  if (document.contents === null) {
    return {
      file: undefined,
      diagnostics: [problem('FILE_EMPTY', path, `${path} holds no value`, 'write the file, or remove it')],
    }
  }
  return withValue(path, text, document)
}

function withValue(path: string, text: string, document: Document): Parsed {
  try {
    const value: unknown = document.toJS({ maxAliasCount: 100 })
    return { file: { path, value, position: lazyPositions(path, text) }, diagnostics: [] }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return {
      file: undefined,
      diagnostics: [problem('YAML_SYNTAX', path, `aliases cannot be resolved: ${reason}`, 'write the values out')],
    }
  }
}

function syntaxProblem(path: string, code: string, message: string, line: number, column: number): Diagnostic {
  if (code === 'DUPLICATE_KEY') {
    return problem(
      'YAML_DUPLICATE_KEY',
      path,
      'this key stands twice in the same mapping',
      'keep one of the two',
      line,
      column,
    )
  }
  if (code === 'MULTIPLE_DOCS') {
    return problem(
      'YAML_MULTIPLE_DOCUMENTS',
      path,
      'a second YAML document starts here',
      'one file holds one document; remove the line ---',
      line,
      column,
    )
  }
  const reason = message.split('\n')[0] ?? message
  return problem(
    'YAML_SYNTAX',
    path,
    `not valid YAML: ${reason}`,
    'mend the line; often it is an indentation, a missing space after a colon or a quote',
    line,
    column,
  )
}

/** Strict JSON; where it is wrong is found by V8, where a field stands by reading it as YAML, of which it is a subset. */
export function parseJson(path: string, text: string): Parsed {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const { line, column } = jsonErrorPosition(reason, text)
    const message = `not valid JSON: ${reason.split(' in JSON')[0] ?? reason}`
    return {
      file: undefined,
      diagnostics: [
        problem(
          'JSON_SYNTAX',
          path,
          message,
          'mend it; generated files are best written again by their command',
          line,
          column,
        ),
      ],
    }
  }
  return { file: { path, value, position: lazyPositions(path, text) }, diagnostics: [] }
}

function jsonErrorPosition(reason: string, text: string): { line: number; column: number } {
  const named = /position (\d+)/.exec(reason)
  // "Unexpected end of JSON input" names no position: it is the end.
  const offset = named === null ? text.length : Number(named[1])
  const before = text.slice(0, offset).split('\n')
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
}

/** Parses again for the first position that is asked for: the trees of a thousand files without a mistake are not kept. */
function lazyPositions(path: string, text: string): SourceFile['position'] {
  let parsed: { document: Document; lines: LineCounter } | undefined
  return (pointer, target = 'value') => {
    if (parsed === undefined) {
      const lines = new LineCounter()
      parsed = { document: parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: false }), lines }
    }
    const { document, lines } = parsed
    const offset = offsetOf(document.contents, pointer, target)
    const { line, col } = lines.linePos(offset)
    return { file: path, line: Math.max(line, 1), column: Math.max(col, 1) } satisfies Position
  }
}

/** Walks as far as the pointer leads; a part that is not there gives the place of its nearest parent. */
function offsetOf(contents: Node | null, pointer: Pointer, target: 'key' | 'value'): number {
  let node: unknown = contents
  let offset = startOf(contents) ?? 0
  for (const [index, part] of pointer.entries()) {
    const last = index === pointer.length - 1
    if (isMap(node)) {
      const pair = node.items.find((item) => isPair(item) && keyOf(item.key) === String(part))
      if (pair === undefined) return offset
      const keyStart = startOf(pair.key) ?? offset
      if (last && target === 'key') return keyStart
      node = pair.value
      offset = startOf(node) ?? keyStart
    } else if (isSeq(node)) {
      node = node.items[Number(part)]
      if (node === undefined) return offset
      offset = startOf(node) ?? offset
    } else return offset
  }
  return offset
}

const keyOf = (key: unknown): string =>
  typeof key === 'object' && key !== null && 'value' in key ? String(key.value) : String(key)

const startOf = (node: unknown): number | undefined => (isNode(node) ? node.range?.[0] : undefined)

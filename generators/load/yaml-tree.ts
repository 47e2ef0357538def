// From YAML text to its syntax tree. Stops where lists and mappings are nested too deeply: later steps call themselves level by
// level, and ten thousand brackets would end them.
import { Composer, type Document, Lexer, LineCounter, Parser } from 'yaml'

/** Levels of lists and mappings. Helm charts and Kubernetes objects need some fifteen. */
export const deepest = 64

export interface YamlTree {
  document: Document
  lines: LineCounter
  /** Offset where a second document starts. */
  second: number | undefined
}

/** One meaning for every file, whatever its directives ask for: no merge keys, no dates, no binary, keys are words. */
const reading = { schema: 'core', merge: false, resolveKnownTags: false, stringKeys: true, uniqueKeys: false } as const

/** The offset of the bracket or dash that is one too deep, when there is one. */
export function yamlTree(text: string): YamlTree | { tooDeep: number; lines: LineCounter } {
  const lines = new LineCounter()
  lines.addNewLine(0)
  const parser = new Parser(lines.addNewLine)
  let tooDeep: number | undefined
  function* tokens() {
    for (const lexeme of new Lexer().lex(text)) {
      yield* parser.next(lexeme)
      // On the stack: the document, what is open in it, and perhaps a scalar.
      const { stack } = parser
      const top = stack.at(-1)
      if (stack.length <= deepest + 1 || top === undefined || !('items' in top)) continue
      tooDeep = parser.offset - lexeme.length
      return
    }
    yield* parser.end()
  }
  const [document, second] = new Composer(reading).compose(tokens(), true, text.length)
  if (tooDeep !== undefined) return { tooDeep, lines }
  if (document === undefined) throw new Error('the composer makes a document of any text')
  return { document, lines, second: second?.range[0] }
}

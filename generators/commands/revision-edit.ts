// Sets `revision` in the text of a model file and leaves every other character as it is: comments and order are people's.
import { isMap, isScalar, parseDocument } from 'yaml'

/** The text with that commit at the top level; after `model` when there was none. */
export function withRevision(text: string, commit: string): string {
  const { contents } = parseDocument(text, { uniqueKeys: false })
  if (!isMap(contents)) return text
  const pairOf = (key: string) => contents.items.find((pair) => isScalar(pair.key) && pair.key.value === key)
  const revision = pairOf('revision')?.value
  if (isScalar(revision) && revision.range) {
    const [start, end] = revision.range
    return text.slice(0, start) + commit + text.slice(end)
  }
  const model = pairOf('model')?.value
  if (!isScalar(model) || !model.range) return text
  if (contents.flow) return `${text.slice(0, model.range[1])}, revision: ${commit}${text.slice(model.range[1])}`
  const lineEnd = text.indexOf('\n', model.range[1])
  const newline = text[lineEnd - 1] === '\r' ? '\r\n' : '\n'
  const [before, after] = lineEnd < 0 ? [`${text}\n`, ''] : [text.slice(0, lineEnd + 1), text.slice(lineEnd + 1)]
  return `${before}revision: ${commit}${newline}${after}`
}

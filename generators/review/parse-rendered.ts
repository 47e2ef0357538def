// Reads a rendered file back. Synth's own form is read line by line, thirty times faster than by the `yaml` package; whatever
// else is in the file (somebody edited it by hand) is left to that package.
import { parse } from 'yaml'

/** Scalars are kept as they are written, without quotes: a review compares and shows them, and never computes with them. */
export type Tree = string | Tree[] | { [key: string]: Tree }

interface Line {
  indent: number
  text: string
}

class OtherForm extends Error {}

/** `undefined`: not YAML at all. */
export function parseRendered(text: string): Tree | undefined {
  try {
    const lines = linesOf(text)
    const [tree, rest] = readBlock(lines, 0, 0)
    if (rest !== lines.length) throw new OtherForm()
    return tree
  } catch (error) {
    if (!(error instanceof OtherForm)) throw error
    return parseAny(text)
  }
}

function parseAny(text: string): Tree | undefined {
  try {
    return textScalars(parse(text, { version: '1.1' }) as unknown)
  } catch {
    return undefined
  }
}

export function textScalars(value: unknown): Tree {
  if (Array.isArray(value)) return value.map(textScalars)
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, textScalars(item)]))
  return String(value)
}

const linesOf = (text: string): Line[] =>
  text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const indent = line.search(/[^ ]/)
      if (indent < 0) throw new OtherForm()
      return { indent, text: line.slice(indent) }
    })

/** The collection whose lines start at `indent`, and the index of the first line after it. */
function readBlock(lines: Line[], start: number, indent: number): [Tree, number] {
  const first = lines[start]
  if (first === undefined || first.indent !== indent) throw new OtherForm()
  if (first.text.startsWith('- ')) return readList(lines, start, indent)
  const map: { [key: string]: Tree } = {}
  let index = start
  for (let line = lines[index]; line?.indent === indent && !line.text.startsWith('- '); line = lines[index]) {
    const [key, value] = splitKey(line.text)
    if (value === undefined) [map[key], index] = readBlock(lines, index + 1, lines[index + 1]?.indent ?? 0)
    else [map[key], index] = [scalar(value), index + 1]
  }
  return [map, index]
}

function readList(lines: Line[], start: number, indent: number): [Tree, number] {
  const list: Tree[] = []
  let index = start
  for (let line = lines[index]; line?.indent === indent && line.text.startsWith('- '); line = lines[index]) {
    const text = line.text.slice(2)
    if (startsMap(text)) {
      // The first key is behind the dash, the others below it.
      lines[index] = { indent: indent + 2, text }
      const [item, next] = readBlock(lines, index, indent + 2)
      list.push(item)
      index = next
    } else {
      list.push(scalar(text))
      index += 1
    }
  }
  return [list, index]
}

const plainKey = /^([^\s"'#&*!|>%@`{}[\],?-][^\s"']*?):(?: (.*))?$/
const quotedKey = /^("(?:[^"\\]|\\.)*"):(?: (.*))?$/

const startsMap = (text: string): boolean => plainKey.test(text) || quotedKey.test(text)

function splitKey(text: string): [key: string, value: string | undefined] {
  const match = plainKey.exec(text) ?? quotedKey.exec(text)
  if (match?.[1] === undefined) throw new OtherForm()
  return [scalarText(match[1]), match[2]]
}

function scalar(text: string): Tree {
  if (text === '{}') return {}
  if (text === '[]') return []
  return scalarText(text)
}

/** Flow collections, blocks, anchors and tags are not what synth writes. */
const foreign = /^[{[|>&*!%@`?#]|^- | #/

function scalarText(text: string): string {
  if (text.startsWith('"')) return doubleQuoted(text)
  if (text.startsWith("'")) {
    if (!/^'(?:[^']|'')*'$/.test(text)) throw new OtherForm()
    return text.slice(1, -1).replaceAll("''", "'")
  }
  if (foreign.test(text)) throw new OtherForm()
  return text
}

function doubleQuoted(text: string): string {
  try {
    return String(JSON.parse(text))
  } catch {
    throw new OtherForm()
  }
}

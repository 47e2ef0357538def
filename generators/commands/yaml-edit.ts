// Replaces values in the text of a YAML file and leaves everything else as somebody wrote it, comments too.
import { isMap, isScalar, type Node, type Pair, parseDocument, stringify } from 'yaml'

/** Sets the value of a key that is there; `undefined` removes the key with its value. */
export function editYaml(text: string, path: readonly string[], value: unknown): string {
  const pair = pairAt(text, path)
  const [from, to] = rangeOf(pair?.value as Node | undefined)
  const start = rangeOf(pair?.key as Node | undefined)[0]
  if (pair === undefined) return text
  if (value !== undefined) return `${text.slice(0, from)}${value === null ? '' : inline(value)}${text.slice(to)}`
  const line = text.lastIndexOf('\n', start) + 1
  const end = text.indexOf('\n', to - 1)
  return text.slice(0, line) + (end < 0 ? '' : text.slice(end + 1))
}

/** Replaces the value by a map in block form, one entry a line. */
export function editYamlMap(
  text: string,
  key: string,
  entries: readonly (readonly [key: string, value: unknown])[],
): string {
  const pair = pairAt(text, [key])
  if (pair === undefined) return text
  const start = rangeOf(pair.key as Node)[0]
  const [, to] = rangeOf(pair.value as Node)
  const lines = entries.map(([name, value]) => `  ${name}: ${inline(value)}\n`)
  return `${text.slice(0, start)}${key}:\n${lines.join('')}${text.slice(to).replace(/^[ \t]*\n/, '')}`
}

function pairAt(text: string, path: readonly string[]): Pair | undefined {
  let node: unknown = parseDocument(text).contents
  let found: Pair | undefined
  for (const key of path) {
    found = isMap(node) ? node.items.find((item) => isScalar(item.key) && item.key.value === key) : undefined
    node = found?.value
  }
  return found
}

const rangeOf = (node: Node | undefined): [number, number] => [node?.range?.[0] ?? 0, node?.range?.[1] ?? 0]

/** On one line, as the sources here are written. */
export function inline(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`
  if (typeof value !== 'object' || value === null) return stringify(value).trimEnd()
  const entries = Object.entries(value).map(([key, item]) => `${key}: ${inline(item)}`)
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`
}

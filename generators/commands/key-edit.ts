// Changes the list `apiKeys` in the text of a tenant file and leaves every other character as it is: comments and order are
// people's.
import { isMap, isScalar, isSeq, type Pair, parseDocument, type YAMLMap, type YAMLSeq } from 'yaml'
import type { TenantFile } from '../schema/tenant.ts'

export type ApiKey = NonNullable<TenantFile['apiKeys']>[number]

/** The text with one key more, at the end of the list. */
export function withKey(text: string, key: ApiKey): string {
  const { map, pair } = listIn(text)
  if (map === undefined) return text
  if (pair === undefined) return withList(text, map, key)
  const { value } = pair
  if (isSeq(value) && value.flow) return insert(text, endOfFlow(value), flowItem(key, value.items.length > 0))
  const end = endOf(pair)
  if (isSeq(value)) return insertLines(text, end, blockItem(key, columnOf(text, dashesOf(value)[0] ?? 0)))
  const isEmpty = isScalar(value) && value.value === null && value.range?.[0] === value.range?.[1]
  return isEmpty ? insertLines(text, end, blockItem(key, columnOf(text, startOf(pair)) + 2)) : text
}

/** The text without the key at that place; the list goes with its last key, unless a comment is in it. */
export function withoutKey(text: string, index: number): string {
  const { pair } = listIn(text)
  const list = pair?.value
  if (pair === undefined || !isSeq(list)) return text
  if (list.flow) return withoutFlowItem(text, list, index)
  const from = lineOf(text, dashesOf(list)[index] ?? 0)
  const to = endOfLine(text, endOf(list.items[index]))
  if (list.items.length > 1) return text.slice(0, from) + text.slice(to)
  const colon = text.indexOf(':', rangeOf(pair.key)[1]) + 1
  const isBare = text.slice(colon, from).trim() === ''
  return isBare
    ? text.slice(0, lineOf(text, startOf(pair))) + text.slice(to)
    : `${text.slice(0, colon)} []${text.slice(colon, from)}${text.slice(to)}`
}

/** The text in which the key at that place ends on that day. */
export function withLastDay(text: string, index: number, day: string): string {
  const list = listIn(text).pair?.value
  const item = isSeq(list) ? list.items[index] : undefined
  const expires = isMap(item) ? pairOf(item, 'expires')?.value : undefined
  if (!isScalar(expires)) return text
  const [start, end] = rangeOf(expires)
  const quote = text[start] === "'" ? "'" : '"'
  return text.slice(0, start) + quote + day + quote + text.slice(end)
}

function listIn(text: string): { map?: YAMLMap; pair?: Pair } {
  const { contents } = parseDocument(text, { uniqueKeys: false, keepSourceTokens: true })
  if (!isMap(contents)) return {}
  const pair = pairOf(contents, 'apiKeys')
  return { map: contents, ...(pair && { pair }) }
}

const pairOf = (map: YAMLMap, key: string): Pair | undefined =>
  map.items.find((pair) => isScalar(pair.key) && pair.key.value === key)

function withList(text: string, map: YAMLMap, key: ApiKey): string {
  const [first] = map.items
  if (first === undefined) return text
  if (map.flow) return insert(text, endOf(map.items.at(-1)), `, apiKeys: [${flowItem(key, false)}]`)
  const column = columnOf(text, startOf(first))
  return insertLines(text, endOf(map.items.at(-1)), [`${' '.repeat(column)}apiKeys:`, ...blockItem(key, column + 2)])
}

const fieldsOf = ({ id, sha256, expires, tokenBudget }: ApiKey): string[] => [
  `id: ${id}`,
  `sha256: ${sha256}`,
  `expires: "${expires}"`,
  ...(tokenBudget === undefined ? [] : [`tokenBudget: ${tokenBudget}`]),
]

const blockItem = (key: ApiKey, column: number): string[] =>
  fieldsOf(key).map((field, index) => `${' '.repeat(column)}${index === 0 ? '-' : ' '} ${field}`)

const flowItem = (key: ApiKey, isLater: boolean): string => `${isLater ? ', ' : ''}{ ${fieldsOf(key).join(', ')} }`

/** Behind the last item; between the brackets when there is none. */
const endOfFlow = (list: YAMLSeq): number => (list.items.length > 0 ? endOf(list.items.at(-1)) : rangeOf(list)[0] + 1)

function withoutFlowItem(text: string, { items }: YAMLSeq, index: number): string {
  const [start, end] = rangeOf(items[index])
  const from = index > 0 ? endOf(items[index - 1]) : start
  const to =
    index > 0 ? end : items.length > 1 ? rangeOf(items[1])[0] : end + (/^\s*,/.exec(text.slice(end))?.[0].length ?? 0)
  return text.slice(0, from) + text.slice(to)
}

const insert = (text: string, at: number, more: string): string => text.slice(0, at) + more + text.slice(at)

/** Behind the line that holds `at`. */
function insertLines(text: string, at: number, lines: readonly string[]): string {
  const newline = text.includes('\r\n') ? '\r\n' : '\n'
  const end = endOfLine(text, at)
  const before = text.slice(0, end)
  return `${before}${before.endsWith('\n') ? '' : newline}${lines.join(newline)}${newline}${text.slice(end)}`
}

function endOfLine(text: string, at: number): number {
  if (text[at - 1] === '\n') return at
  const newline = text.indexOf('\n', at)
  return newline < 0 ? text.length : newline + 1
}

const lineOf = (text: string, at: number): number => text.lastIndexOf('\n', at - 1) + 1
const columnOf = (text: string, at: number): number => at - lineOf(text, at)

function rangeOf(node: unknown): [start: number, end: number] {
  const [start, end] = (node as { range?: [number, number, number] | null }).range ?? [0, 0]
  return [start, end]
}

const startOf = (pair: Pair): number => rangeOf(pair.key)[0]

/** Behind the last character of a value; comments and blank lines after it are not a part of it. */
function endOf(node: unknown): number {
  if (isMap(node) || isSeq(node)) return node.flow ? rangeOf(node)[1] : endOf(node.items.at(-1))
  if (typeof node === 'object' && node !== null && 'key' in node && 'value' in node)
    return Math.max(endOf(node.key), node.value === null ? 0 : endOf(node.value))
  return rangeOf(node)[1]
}

/** Offsets of the dashes of a list. */
function dashesOf({ srcToken }: YAMLSeq): number[] {
  if (srcToken?.type !== 'block-seq') return []
  return srcToken.items.flatMap(({ start }) => start.find(({ type }) => type === 'seq-item-ind')?.offset ?? [])
}

// Moves and renames fields in the text of a YAML file: comments and everything else stay as somebody wrote them.
import { isMap, isScalar, type Pair, parseDocument, stringify, type YAMLMap } from 'yaml'

type Place = { map: YAMLMap; pair: Pair }

const isKey = (pair: Pair, key: string): boolean => isScalar(pair.key) && pair.key.value === key

const pairOf = (map: unknown, key: string): Pair | undefined =>
  isMap(map) ? (map.items as Pair[]).find((pair) => isKey(pair, key)) : undefined

/** From the root to the field, one place a key; empty when it is not there. */
function placesOf(text: string, path: readonly string[]): Place[] {
  const places: Place[] = []
  let map: unknown = parseDocument(text).contents
  for (const key of path) {
    const pair = pairOf(map, key)
    if (pair === undefined) return []
    places.push({ map: map as YAMLMap, pair })
    map = pair.value
  }
  return places
}

type Ranged = { range?: [number, number, number] | null }
const startOf = ({ pair }: Place): number => (pair.key as Ranged).range?.[0] ?? 0
const endOf = ({ pair }: Place): number =>
  (pair.value as Ranged | null)?.range?.[1] ?? (pair.key as Ranged).range?.[1] ?? 0

export function valueAt(text: string, path: readonly string[]): unknown {
  const value = parseDocument(text).getIn(path, true)
  return typeof value === 'object' && value !== null && 'toJSON' in value ? (value.toJSON as () => unknown)() : value
}

export const has = (text: string, path: readonly string[]): boolean => placesOf(text, path).length > 0

/** Names of the fields of a map. */
export function keysAt(text: string, path: readonly string[]): string[] {
  const map = placesOf(text, path).at(-1)?.pair.value
  return isMap(map) ? map.items.map(({ key }) => String(isScalar(key) ? key.value : key)) : []
}

/** `written` is the new field as it is written: `key: value`. */
export function replaceField(text: string, path: readonly string[], written: string): string {
  const place = placesOf(text, path).at(-1)
  return place === undefined ? text : text.slice(0, startOf(place)) + written + text.slice(endOf(place))
}

/** Writes a field before another one of the same map. */
export function insertBefore(text: string, path: readonly string[], written: string): string {
  const place = placesOf(text, path).at(-1)
  if (place === undefined) return text
  const start = startOf(place)
  const indent = text.slice(text.lastIndexOf('\n', start - 1) + 1, start)
  const between = place.map.flow ? ', ' : `\n${indent.replaceAll(/\S/g, ' ')}`
  return text.slice(0, start) + written + between + text.slice(start)
}

/** Removes a field, and the map around it when nothing else was in it. */
export function removeField(text: string, path: readonly string[]): string {
  const places = placesOf(text, path)
  const last = places.at(-1)
  if (last === undefined) return text
  const [items, end] = [last.map.items as Pair[], endOf(last)]
  if (items.length === 1 && places.length > 1) return removeField(text, path.slice(0, -1))
  if (!last.map.flow) {
    const line = text.lastIndexOf('\n', startOf(last) - 1) + 1
    const next = text.indexOf('\n', end - 1)
    return text.slice(0, line) + (next < 0 ? '' : text.slice(next + 1))
  }
  const index = items.indexOf(last.pair)
  const [before, after] = [items[index - 1], items[index + 1]]
  if (after !== undefined) return text.slice(0, startOf(last)) + text.slice(startOf({ map: last.map, pair: after }))
  if (before === undefined) return text
  return text.slice(0, endOf({ map: last.map, pair: before })) + text.slice(end)
}

/** A scalar as it is written in YAML. */
export const scalar = (value: unknown): string => stringify(value).trimEnd()

// Where each part of a source file is, for messages.
import { isMap, isNode, isSeq, type YAMLMap } from 'yaml'
import type { Pointer, SourceFile } from './source-file.ts'
import { type YamlTree, yamlTree } from './yaml-tree.ts'
import { keyOf } from './yaml-value.ts'

/**
 * Parses again for the first position that is asked for: the trees of a thousand files without a mistake are not kept. JSON is
 * read as YAML, of which it is a subset.
 */
export function lazyPositions(path: string, text: string): SourceFile['position'] {
  let tree: ReturnType<typeof yamlTree> | undefined
  const keys = new WeakMap<YAMLMap, Map<string, YAMLMap['items'][number]>>()
  const pairOf = (map: YAMLMap, key: string) => {
    let known = keys.get(map)
    if (known === undefined) {
      known = new Map(map.items.map((pair) => [keyOf(pair), pair]))
      keys.set(map, known)
    }
    return known.get(key)
  }
  return (pointer, target = 'value') => {
    tree ??= yamlTree(text)
    const offset = 'tooDeep' in tree ? tree.tooDeep : offsetOf(tree.document.contents, pointer, target, pairOf)
    const { line, col } = tree.lines.linePos(offset)
    return { file: path, line: Math.max(line, 1), column: Math.max(col, 1) }
  }
}

/** Walks as far as the pointer leads; a part that is not there gives the place of its nearest parent. */
function offsetOf(
  contents: YamlTree['document']['contents'],
  pointer: Pointer,
  target: 'key' | 'value',
  pairOf: (map: YAMLMap, key: string) => YAMLMap['items'][number] | undefined,
): number {
  let node: unknown = contents
  let offset = placeOf(contents) ?? 0
  for (const [index, part] of pointer.entries()) {
    const last = index === pointer.length - 1
    if (isMap(node)) {
      const pair = pairOf(node, String(part))
      if (pair === undefined) return offset
      const keyStart = placeOf(pair.key) ?? offset
      if (last && target === 'key') return keyStart
      node = pair.value
      offset = placeOf(node) ?? keyStart
    } else if (isSeq(node)) {
      node = node.items[Number(part)]
      if (node === undefined) return offset
      offset = placeOf(node) ?? offset
    } else return offset
  }
  return offset
}

const placeOf = (node: unknown): number | undefined => (isNode(node) ? node.range?.[0] : undefined)

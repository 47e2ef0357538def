// From a YAML syntax tree to its value. Says what no source file may hold: a key twice, aliases that contain
// themselves or multiply the file. Linear in the file.
import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap } from 'yaml'
import type { Code } from '../diagnostics/codes.ts'
import { deepest } from './yaml-tree.ts'

/** Values that aliases may add to a file: more than people repeat, less than a memory holds. */
const mostRepeated = 10_000

export interface ValueProblem {
  code: Code
  offset: number
  message: string
  hint: string
}

interface Anchored {
  value: unknown
  /** Values in it, itself included, aliases written out. */
  size: number
  height: number
  /** What is below the anchor is still being read. */
  open: boolean
}

/** Keys by which programs, cdk8s among them, know what an object is. */
const taken = new Set(['__proto__', 'constructor'])

const writeOut = 'write the value out where the alias is'

export class YamlValue {
  readonly problems: ValueProblem[] = []
  readonly #anchors = new Map<string, Anchored>()
  #values = 0
  #repeated = 0
  /** Deepest level since the innermost anchor. */
  #reached = 0

  read(node: unknown, depth = 1): unknown {
    this.#values += 1
    this.#reached = Math.max(this.#reached, depth)
    if (isAlias(node)) return this.#alias(node.source, startOf(node), depth)
    const anchor = (isScalar(node) || isMap(node) || isSeq(node)) && node.anchor
    return anchor ? this.#anchored(anchor, node, depth) : this.#plain(node, depth)
  }

  #plain(node: unknown, depth: number): unknown {
    if (isMap(node)) return this.#mapping(node, depth)
    if (isSeq(node)) return node.items.map((item) => this.read(item, depth + 1))
    return isScalar(node) ? node.value : null
  }

  #mapping(node: YAMLMap, depth: number): unknown {
    const entries = new Map<string, unknown>()
    for (const pair of node.items) {
      const key = keyOf(pair)
      this.#checkKey(key, pair, entries)
      entries.set(key, this.read(pair.value, depth + 1))
    }
    // Unlike an assignment this makes `__proto__` a key like any other.
    return Object.fromEntries(entries)
  }

  #checkKey(key: string, { key: node }: Pair, known: ReadonlyMap<string, unknown>): void {
    const add = (code: Code, message: string, hint: string) =>
      this.problems.push({ code, offset: startOf(node), message, hint })
    if (known.has(key)) add('YAML_DUPLICATE_KEY', 'this key appears twice in the same mapping', 'keep one of the two')
    if (taken.has(key)) add('KEY_INVALID', `"${key}" cannot be a key`, 'programs give it a meaning; choose another')
    if (key === '<<')
      add('KEY_INVALID', 'the merge key << belongs to YAML 1.1 and is not read', 'write the fields out that it brings')
  }

  #anchored(name: string, node: unknown, depth: number): unknown {
    const [before, outer] = [this.#values, this.#reached]
    const anchored: Anchored = { value: undefined, size: 0, height: 0, open: true }
    this.#anchors.set(name, anchored)
    this.#reached = depth
    anchored.value = this.#plain(node, depth)
    anchored.size = this.#values - before + 1
    anchored.height = this.#reached - depth
    anchored.open = false
    this.#reached = Math.max(outer, this.#reached)
    return anchored.value
  }

  #alias(name: string, offset: number, depth: number): unknown {
    const refuse = (code: Code, message: string, hint = writeOut) => {
      this.problems.push({ code, offset, message, hint })
      return null
    }
    const target = this.#anchors.get(name)
    if (target === undefined)
      return refuse('YAML_ALIAS', `there is no &${name} before this alias`, `name the value further up with &${name}`)
    if (target.open) return refuse('YAML_ALIAS', `the alias *${name} is inside the value that it repeats`)
    if (depth + target.height > deepest)
      return refuse('FILE_TOO_DEEP', `with *${name} written out, values are nested more than ${deepest} levels deep`)
    if (this.#repeated + target.size > mostRepeated) {
      // All that follow go too far as well; the first says so.
      const isFirst = this.#repeated <= mostRepeated
      this.#repeated = Number.POSITIVE_INFINITY
      return isFirst ? refuse('YAML_ALIAS', `up to *${name} aliases repeat more than ${mostRepeated} values`) : null
    }
    this.#repeated += target.size
    this.#values += target.size - 1
    this.#reached = Math.max(this.#reached, depth + target.height)
    return target.value
  }
}

/** Every key is read as a word; one that is none is a syntax error by then. */
export const keyOf = ({ key }: Pair): string => (isScalar(key) ? String(key.value) : '')

export const startOf = (node: unknown): number => (node as Node | null)?.range?.[0] ?? 0

// Compares two trees value by value, under paths that people know: `spec.template.spec.containers[engine].image`.
import { type Tree, textScalars } from './parse-rendered.ts'

/** One value that differs; `before` undefined: new, `after` undefined: gone. A part that is new or gone as a whole is one value. */
export interface LeafChange {
  path: string
  before?: string
  after?: string
}

/** Sorted by path. Items of a plain list have no identity but their text, so they come and go and never change. */
export function compareLeaves(before: Tree, after: Tree): LeafChange[] {
  const changes: LeafChange[] = []
  compare(before, after, '', changes)
  const byPath = (a: LeafChange, b: LeafChange): number => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0)
  return changes.sort(byPath)
}

function compare(before: Tree | undefined, after: Tree | undefined, path: string, found: LeafChange[]): void {
  const [old, fresh] = [childrenOf(before), childrenOf(after)]
  if (old !== undefined && fresh !== undefined && Array.isArray(before) === Array.isArray(after)) {
    for (const [key, { path: shown }] of new Map([...fresh, ...old]))
      compare(
        old.get(key)?.tree,
        fresh.get(key)?.tree,
        Array.isArray(after) ? `${path}${shown}` : joined(path, shown),
        found,
      )
    if (sameKeys(old, fresh) && String([...old.keys()]) !== String([...fresh.keys()]))
      found.push({ path: `${path}[]`, before: 'one order', after: 'another order' })
    return
  }
  const [was, is] = [flat(before), flat(after)]
  if (was !== is)
    found.push({ path, ...(was === undefined ? {} : { before: was }), ...(is === undefined ? {} : { after: is }) })
}

/** `path`: what is shown of the key; items of a plain list have none. */
interface Child {
  tree: Tree
  path: string
}

/** Keys of maps are sorted in both, so only lists can differ in their order alone. */
const sameKeys = (a: Map<string, Child>, b: Map<string, Child>): boolean =>
  a.size === b.size && [...a.keys()].every((key) => b.has(key))

/** Label and annotation keys hold dots. */
const joined = (path: string, key: string): string => {
  const text = key.includes('.') ? `"${key}"` : key
  return path === '' ? text : `${path}.${text}`
}

function childrenOf(tree: Tree | undefined): Map<string, Child> | undefined {
  if (tree === undefined) return undefined
  const value = typeof tree === 'string' ? jsonIn(tree) : tree
  if (value === undefined || typeof value === 'string') return undefined
  if (Array.isArray(value)) return itemsOf(value)
  return new Map(Object.entries(value).map(([key, item]) => [key, { tree: item, path: key }]))
}

/** Annotations and tenants hold JSON in one string; which of its fields changed is what people want to know. */
function jsonIn(text: string): Tree | undefined {
  if (!text.startsWith('{')) return undefined
  try {
    return textScalars(JSON.parse(text) as unknown)
  } catch {
    return undefined
  }
}

/** What names an item of a Kubernetes list, most telling first. */
const identities = ['name', 'key', 'mountPath', 'containerPort', 'port', 'kind'] as const

/** A flag and its value in one argument: `--max-model-len=8192`. */
const flag = /^(--?[\w-]+)=(.*)$/s

function itemsOf(list: readonly Tree[]): Map<string, Child> {
  const items = new Map<string, Child>()
  const add = (name: string, path: string, tree: Tree): void => {
    let free = name
    for (let count = 2; items.has(free); count += 1) free = `${name}#${count}`
    items.set(free, { tree, path })
  }
  for (const [index, item] of list.entries()) {
    const name = typeof item === 'string' ? flag.exec(item)?.[1] : (identityOf(item) ?? String(index))
    if (typeof item !== 'string') add(String(name), `[${name}]`, item)
    else if (name === undefined) add(item, '[]', item)
    else add(name, `[${name}]`, item.slice(name.length + 1))
  }
  return items
}

function identityOf(item: Tree): string | undefined {
  if (typeof item === 'string' || Array.isArray(item)) return undefined
  for (const key of identities) {
    const value = item[key]
    if (typeof value === 'string') return value
  }
  return undefined
}

/** A tree on one line, as YAML's flow style without quotes: to be read, not parsed. */
function flat(tree: Tree | undefined): string | undefined {
  if (tree === undefined || typeof tree === 'string') return tree
  if (Array.isArray(tree)) return `[${tree.map(flat).join(', ')}]`
  return `{${Object.entries(tree)
    .map(([key, value]) => `${key}: ${flat(value)}`)
    .join(', ')}}`
}

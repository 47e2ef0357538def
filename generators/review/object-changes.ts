// What changes in the cluster, object by object; the same change of many objects is listed once.
import { contentPrefix } from '../schema/contract.ts'
import type { FileChange } from './changes.ts'
import { compareLeaves, type LeafChange } from './leaves.ts'
import { parseRendered, type Tree } from './parse-rendered.ts'

export interface ObjectChange {
  cluster: string
  /** The rendered folder, which is also the Argo CD Application. */
  app: string
  kind: string
  name: string
  verb: 'added' | 'removed' | 'changed'
  /** Sorted by path; empty for added and removed objects. */
  fields: LeafChange[]
  before?: Tree
  after?: Tree
  /** The hand-written file that the header of the rendered file names. */
  source: string
}

/** Objects of one kind that change in the same way, apart from the model's name. */
export interface ObjectGroup {
  verb: ObjectChange['verb']
  kind: string
  /** Of the first object. */
  fields: LeafChange[]
  /** Never empty. */
  objects: ObjectChange[]
}

const renderedPath = /^clusters\/([^/]+)\/rendered\/([^/]+)\/[^/]+\.yaml$/
const header = /^# Generated from (\S+) by /

/** In the order of the paths. A header line alone is no change. */
export const objectChanges = (files: readonly FileChange[]): ObjectChange[] => files.flatMap((file) => toChange(file))

/** Which of its folder’s objects changed is shown; that the Application says so is not. */
const isShown =
  (kind: string | undefined) =>
  ({ path, after = '' }: LeafChange): boolean =>
    !(kind === 'Application' && path === 'spec.source.name' && after.startsWith(contentPrefix))

function toChange({ path, before, after }: FileChange): ObjectChange[] {
  const [, cluster, app] = renderedPath.exec(path) ?? []
  if (cluster === undefined || app === undefined) return []
  const [old, fresh] = [before, after].map((text) => (text === undefined ? undefined : parseRendered(text)))
  const shown = fresh ?? old
  const fields =
    old !== undefined && fresh !== undefined ? compareLeaves(old, fresh).filter(isShown(textAt(shown, ['kind']))) : []
  if (before !== undefined && after !== undefined && fields.length === 0 && old !== undefined && fresh !== undefined)
    return []
  return [
    {
      cluster,
      app,
      kind: textAt(shown, ['kind']) ?? 'file',
      name: textAt(shown, ['metadata', 'name']) ?? path.slice(path.lastIndexOf('/') + 1),
      verb: before === undefined ? 'added' : after === undefined ? 'removed' : 'changed',
      fields,
      ...(old === undefined ? {} : { before: old }),
      ...(fresh === undefined ? {} : { after: fresh }),
      source: header.exec(after ?? before ?? '')?.[1] ?? path,
    },
  ]
}

export function treeAt(tree: Tree | undefined, path: readonly string[]): Tree | undefined {
  return path.reduce<Tree | undefined>(
    (node, key) => (typeof node === 'object' && !Array.isArray(node) ? node[key] : undefined),
    tree,
  )
}

export function textAt(tree: Tree | undefined, path: readonly string[]): string | undefined {
  const value = treeAt(tree, path)
  return typeof value === 'string' ? value : undefined
}

/** Largest groups first, then in the order of the paths. Added and removed objects are grouped by their folder. */
export function groupChanges(changes: readonly ObjectChange[]): ObjectGroup[] {
  const groups = new Map<string, ObjectGroup>()
  for (const change of changes) {
    const key = groupKey(change)
    const group = groups.get(key)
    if (group === undefined)
      groups.set(key, { verb: change.verb, kind: change.kind, fields: change.fields, objects: [change] })
    else group.objects.push(change)
  }
  const size = ({ verb, objects }: ObjectGroup): number => (verb === 'changed' ? objects.length : 0)
  return [...groups.values()].sort((a, b) => size(b) - size(a))
}

/** A model's Application comes and goes with its folder. */
export const ownerOf = ({ app, kind, name }: Pick<ObjectChange, 'app' | 'kind' | 'name'>): string =>
  kind === 'Application' && name.startsWith('model-') ? name : app

function groupKey({ verb, cluster, app, kind, name, fields }: ObjectChange): string {
  if (verb !== 'changed') return JSON.stringify([verb, cluster, ownerOf({ app, kind, name })])
  return JSON.stringify([kind, fields]).replaceAll(name, '\u0000')
}

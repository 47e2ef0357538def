// Which line of which hand-written file causes a rendered change. One candidate is the cause; of several, each is taken back by
// itself and the model rendered again: what that changes is what the field reaches.
import type { Position } from '../diagnostics/diagnostic.ts'
import { changeValue } from '../load/change-value.ts'
import type { Repository } from '../load/repository.ts'
import type { Pointer, SourceFile } from '../load/source-file.ts'
import { compareLeaves, type LeafChange } from './leaves.ts'
import type { ObjectChange, ObjectGroup } from './object-changes.ts'
import { parseRendered } from './parse-rendered.ts'
import type { SourceChange } from './source-changes.ts'

/** `field` empty: the file as a whole. */
export interface Cause extends Position {
  field: string
}

/** Renders one model in one cluster from a repository with one field changed; empty when that is not valid. */
export type RenderAgain = (repository: Repository, model: string, cluster: string) => { path: string; text: string }[]

export interface CauseInput {
  after: Repository
  sources: readonly SourceChange[]
  /** Changed files of the generators themselves, with the first line that differs. */
  code: readonly Position[]
  renderAgain: RenderAgain
}

/** More fields than this are not tried one by one. */
const mostTried = 24

const toCause = ({ position, pointer }: SourceChange): Cause => ({ ...position, field: pointer.join('.') })

/** Causes of each field of a group's first object, keyed by path; `''` for an object that comes or goes. */
export function causesOf({ objects, fields, verb }: ObjectGroup, input: CauseInput): Map<string, Cause[]> {
  const [object] = objects
  if (object === undefined) return new Map()
  const candidates = candidatesOf(object, input.sources)
  const fallback = candidates.length > 0 ? candidates.slice(0, 3).map(toCause) : codeCauses(input.code)
  if (verb !== 'changed') return new Map([['', fallback]])
  if (candidates.length < 2 || candidates.length > mostTried || !object.app.startsWith('model-'))
    return new Map(fields.map(({ path }) => [path, fallback]))
  const reached = candidates.map((candidate) => ({ candidate, paths: pathsReached(object, candidate, input) }))
  // Taken back alone they are not valid (a revision without its lock), so it is them together.
  const together = reached.filter(({ paths }) => paths === undefined).map(({ candidate }) => toCause(candidate))
  return new Map(
    fields.map(({ path }) => {
      const found = reached.filter(({ paths }) => paths?.has(path)).map(({ candidate }) => toCause(candidate))
      return [path, [found, together, fallback].find((causes) => causes.length > 0) ?? []]
    }),
  )
}

const codeCauses = (code: readonly Position[]): Cause[] =>
  code.slice(0, 3).map((position) => ({ ...position, field: '' }))

/** Changed fields that can reach the object: those of its own file and its lock, else what all objects of the cluster share. */
function candidatesOf({ source, cluster, app }: ObjectChange, sources: readonly SourceChange[]): SourceChange[] {
  const own = sources.filter(({ file, pointer }) => file === source && !ofOther(pointer, cluster))
  // A file that came or went explains everything by itself.
  if (own.some(({ pointer }) => pointer.length === 0)) return own
  const lock = sources.filter(({ file }) => file === source.replace(/\.yaml$/, '.lock.json') && file !== source)
  const shared = sources.filter(
    ({ file, pointer }) => isShared(file, cluster) || (app === 'node-pools' && setsPool(file, pointer)),
  )
  if (!source.startsWith('apps/models/')) return own.length > 0 ? own : shared
  return own.length + lock.length > 0 ? [...own, ...lock, ...shared] : shared
}

const isShared = (file: string, cluster: string): boolean =>
  [
    'apps/images.yaml',
    'apps/gateway.yaml',
    `clusters/${cluster}/cluster.yaml`,
    `clusters/${cluster}/infra.json`,
  ].includes(file)

/** A cluster has node pools of the GPU kinds that its models use; a pool’s nodes may drain as long as its models need. */
function setsPool(file: string, pointer: Pointer): boolean {
  if (/^apps\/models\/[^/]+\.lock\.json$/.test(file)) return pointer[0] === 'weightBytes'
  if (!/^apps\/models\/[^/]+\.yaml$/.test(file)) return false
  const fields = ['accelerator', 'engine', 'scaling']
  return (
    pointer.length === 0 ||
    fields.some((field) => pointer.includes(field)) ||
    (pointer[0] === 'clusters' && pointer.length === 2)
  )
}

/** `clusters.dev.…` says nothing about prod. */
const ofOther = ([first, name]: Pointer, cluster: string): boolean =>
  first === 'clusters' && name !== undefined && name !== cluster

function pathsReached(
  object: ObjectChange,
  candidate: SourceChange,
  { after, renderAgain }: CauseInput,
): Set<string> | undefined {
  const model = object.app.slice('model-'.length)
  const text = renderAgain(withoutChange(after, candidate), model, object.cluster).find(
    ({ path }) => path === pathOf(object),
  )?.text
  const tree = text === undefined ? undefined : parseRendered(text)
  if (tree === undefined || object.after === undefined) return undefined
  return new Set(compareLeaves(tree, object.after).map(({ path }: LeafChange) => path))
}

const pathOf = ({ cluster, app, kind, name }: ObjectChange): string =>
  `clusters/${cluster}/rendered/${app}/${kind.toLowerCase()}-${name}.yaml`

/** The repository after the change, with one field as it was before. */
function withoutChange(repository: Repository, { file, pointer, before }: SourceChange): Repository {
  const fix = <F extends SourceFile | undefined>(one: F): F =>
    one?.path === file ? { ...one, value: changeValue(one.value, pointer, before) } : one
  return {
    ...repository,
    models: repository.models.map((model) => ({ ...model, file: fix(model.file), lock: fix(model.lock) })),
    tenants: repository.tenants.map((tenant) => ({ ...tenant, file: fix(tenant.file) })),
    gateway: fix(repository.gateway),
    images: fix(repository.images),
    clusters: repository.clusters.map((one) => ({ ...one, file: fix(one.file), infra: fix(one.infra) })),
  }
}

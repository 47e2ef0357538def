// What changes at AWS: the resources that the platform program declares for a cluster before and after, compared input by input.
import { compareLeaves, type LeafChange } from '../leaves.ts'
import { textScalars } from '../parse-rendered.ts'
import { typeRow } from './resource-types.ts'

/** As platform/print-graph.ts prints it. */
export interface DeclaredResource {
  type: string
  name: string
  inputs: Record<string, unknown>
  region?: string
  protect: boolean
}

export interface DeclaredPlatform {
  cluster: string
  resources: readonly DeclaredResource[]
}

export interface ResourceChange {
  cluster: string
  type: string
  name: string
  /** `replaced`: AWS cannot change it, so that another one is made. */
  verb: 'added' | 'removed' | 'changed' | 'replaced'
  /** Sorted by path; empty for what comes or goes. */
  fields: LeafChange[]
}

const keyOf = ({ type, name }: DeclaredResource): string => `${type} ${name}`

/** Of one cluster that is on both sides; `pulumi:` is no resource of a cloud. */
export function resourceChanges(before: DeclaredPlatform, after: DeclaredPlatform): ResourceChange[] {
  const real = ({ resources }: DeclaredPlatform) =>
    new Map(resources.filter(({ type }) => !type.startsWith('pulumi:')).map((one) => [keyOf(one), one]))
  const [old, fresh] = [real(before), real(after)]
  return [...new Set([...old.keys(), ...fresh.keys()])].sort().flatMap((key): ResourceChange[] => {
    const [was, is] = [old.get(key), fresh.get(key)]
    const { type, name } = (is ?? was) as DeclaredResource
    const change = { cluster: after.cluster, type, name }
    if (was === undefined || is === undefined)
      return [{ ...change, verb: was === undefined ? 'added' : 'removed', fields: [] }]
    const fields = compareLeaves(asTree(was), asTree(is))
    if (fields.length === 0) return []
    return [{ ...change, verb: isReplaced(was, is, fields) ? 'replaced' : 'changed', fields }]
  })
}

const asTree = ({ inputs, protect, region }: DeclaredResource) =>
  textScalars(JSON.parse(JSON.stringify({ ...inputs, ...(region && { region }), '(protected)': protect })) as unknown)

function isReplaced(before: DeclaredResource, after: DeclaredResource, fields: readonly LeafChange[]): boolean {
  return before.region !== after.region || fixedInputs(before.type, fields).length > 0
}

/** Changed inputs that AWS cannot change. */
export function fixedInputs(type: string, fields: readonly LeafChange[]): string[] {
  const fixed = typeRow(type)?.replacedBy ?? []
  return fixed.filter((input) =>
    fields.some(({ path }) => path === input || path.startsWith(`${input}.`) || path.startsWith(`${input}[`)),
  )
}

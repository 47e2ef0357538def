// Everything that is declared about one cluster: the recorded graph and the rendered objects.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import type { Cluster } from '../../generators/schema/cluster.ts'
import { modelAnnotations } from '../../generators/schema/contract.ts'
import { type Graph, ofType, type Resource } from '../graph/graph.ts'
import { BrokenPath } from './request.ts'

export interface KubernetesObject {
  kind: string
  metadata: {
    name: string
    namespace?: string
    labels?: Record<string, string>
    annotations?: Record<string, string>
  }
  spec: Record<string, unknown>
  data?: Record<string, string>
}

export interface Declared {
  cluster: Cluster
  graph: Graph
  objects: readonly KubernetesObject[]
}

/** Folders of clusters/C/rendered that a request passes. */
const onTheWay = /^(?:edge|gateway|ingress-class|namespace-defaults|namespaces|secrets|tenants|model-.+)$/

export function readRendered(root: string, cluster: string): KubernetesObject[] {
  const folder = join(root, 'clusters', cluster, 'rendered')
  const parts = readdirSync(folder)
    .filter((name) => onTheWay.test(name))
    .map((name) => join(folder, name))
  return parts.flatMap((part) =>
    readdirSync(part).map((file) => parse(readFileSync(join(part, file), 'utf8')) as KubernetesObject),
  )
}

/** The only resource of its type that `isMeant`. @throws BrokenPath */
export function theOnly({ graph }: Declared, type: string, isMeant: (one: Resource) => boolean = () => true): Resource {
  const [one, ...more] = ofType(graph, type).filter(isMeant)
  if (one === undefined || more.length > 0)
    throw new BrokenPath(`${more.length + (one ? 1 : 0)} resources of type ${type}`)
  return one
}

export const ofKind = ({ objects }: Declared, kind: string): KubernetesObject[] =>
  objects.filter((object) => object.kind === kind)

export function object(declared: Declared, kind: string, namespace: string, name: string): KubernetesObject {
  const found = ofKind(declared, kind).find(
    ({ metadata }) => metadata.name === name && metadata.namespace === namespace,
  )
  if (found === undefined)
    throw new BrokenPath(`no ${kind} ${namespace}/${name} in clusters/${declared.cluster.name}/rendered`)
  return found
}

export interface DeclaredTenant {
  name: string
  claims: Record<string, string | string[]>
  /** Absent: every model. */
  models?: string[]
}

export const tenantsOf = (declared: Declared): DeclaredTenant[] =>
  ofKind(declared, 'ConfigMap').flatMap(({ data }) =>
    data?.['tenant.json'] === undefined ? [] : [JSON.parse(data['tenant.json']) as DeclaredTenant],
  )

/** The tenant as which requests are sent: the first one, by name. */
export function walkingTenant(declared: Declared): DeclaredTenant {
  const [first] = tenantsOf(declared).sort((a, b) => (a.name < b.name ? -1 : 1))
  if (first === undefined) throw new BrokenPath('no tenant is rendered, so nobody may call')
  return first
}

/** Models that the walking tenant may ask a question: one whose server answers at once, and one that is late; the demo model first. */
export function walkingModels(declared: Declared): { quick: string; slow: string } {
  const tenant = walkingTenant(declared)
  const names = ofKind(declared, 'Service').flatMap(({ metadata: { name, annotations = {} } }) => {
    const tenants = JSON.parse(annotations[modelAnnotations.tenants] ?? 'null') as string[] | null
    const chats = ['text-generation', 'image-text-to-text'].includes(annotations[modelAnnotations.task] ?? '')
    const allowed = tenant.models?.includes(name) !== false && tenants?.includes(tenant.name) !== false
    return chats && allowed ? [name] : []
  })
  const [quick, slow = quick] = names.toSorted((a, b) => Number(b === demoModel) - Number(a === demoModel))
  if (quick === undefined)
    throw new BrokenPath(`${declared.cluster.name} has no model that tenant ${tenant.name} may ask a question`)
  return { quick, slow: slow ?? quick }
}

/** The one that is in this repository. */
export const demoModel = 'tiny-stories'

export const nameOf = ({ kind, metadata: { namespace, name } }: KubernetesObject): string =>
  `${kind} ${namespace}/${name}`

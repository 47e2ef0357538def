// Whether what Argo CD calls Synced is what Git says: every rendered object against the live one, field by field.
import { globSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { applications } from './applications.ts'
import type { ControlPlane } from './control-plane.ts'
import type { GitSource } from './git-source.ts'

interface Live {
  apiVersion: string
  kind: string
  metadata: { name: string; namespace?: string; annotations?: Record<string, string> }
  spec?: { replicas?: number; minReplicaCount?: number; maxReplicaCount?: number }
}

const groupOf = ({ apiVersion }: Live): string => apiVersion.split('/').slice(0, -1).join('/')
const keyOf = (object: Live): string =>
  `${groupOf(object)} ${object.kind} ${object.metadata.namespace ?? ''}/${object.metadata.name}`

/** A field of Git that the live object does not have, with both values; what others added is theirs. */
function differences(git: unknown, live: unknown, path: string): string[] {
  if (Array.isArray(git) && Array.isArray(live)) {
    if (git.length !== live.length) return [`${path}: ${live.length} items instead of ${git.length}`]
    return git.flatMap((item, index) => differences(item, live[index], `${path}[${index}]`))
  }
  if (isObject(git) && isObject(live))
    return Object.entries(git).flatMap(([key, value]) => differences(value, live[key], `${path}.${key}`))
  // The API server leaves out what is empty. Quantities: 1 and "1" are one.
  return String(git) === String(live ?? '')
    ? []
    : [`${path}: ${JSON.stringify(live)} instead of ${JSON.stringify(git)}`.slice(0, 300)]
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Pods of a Deployment that Git leaves to a ScaledObject: within its bounds. */
function outOfBounds(deployment: Live, all: ReadonlyMap<string, Live>): string[] {
  const { name, namespace } = deployment.metadata
  const bounds = all.get(`keda.sh ScaledObject ${namespace}/${name}`)?.spec
  const { replicas = 0 } = deployment.spec ?? {}
  const { minReplicaCount = 0, maxReplicaCount = Number.POSITIVE_INFINITY } = bounds ?? {}
  return bounds === undefined || (replicas >= minReplicaCount && replicas <= maxReplicaCount)
    ? []
    : [`.spec.replicas: ${replicas} is not between ${minReplicaCount} and ${maxReplicaCount}`]
}

/**
 * Objects of Applications that are Synced and differ from Git, and objects of Git that are not there; `[]`: Git is true. Of the
 * Application that a case leaves OutOfSync, or that reads what the test put in a chart's stead, nothing is said.
 */
export async function untruths(controlPlane: ControlPlane, source: GitSource): Promise<string[]> {
  const synced = new Set(
    (await applications(controlPlane))
      .filter(({ metadata, status }) => status?.sync?.status === 'Synced' && !source.mirrored.has(metadata.name))
      .map(({ metadata }) => metadata.name),
  )
  const rendered = `clusters/${source.cluster}/rendered`
  const files = globSync(`${rendered}/*/*.yaml`, { cwd: join(source.folder, 'tree') }).map((path) => ({
    app: path.split('/').at(-2) ?? '',
    path,
    object: parse(source.read(path)) as Live,
  }))
  // A hook is there while a sync runs.
  const seen = files
    .filter(({ app }) => synced.has(app === 'argocd' ? 'root' : app))
    .filter(({ object }) => object.metadata.annotations?.['argocd.argoproj.io/hook'] === undefined)
  const kinds = new Set(
    seen.map(({ object }) => [object.kind.toLowerCase(), groupOf(object)].filter(Boolean).join('.')),
  )
  const live = await controlPlane.list<Live>([...kinds].join(','), '--all-namespaces')
  const all = new Map(live.map((object) => [keyOf(object), object]))
  return seen.flatMap(({ app, path, object }) => {
    const found = all.get(keyOf(object))
    const wrong =
      found === undefined
        ? ['is not there']
        : [...differences(object, found, ''), ...(object.kind === 'Deployment' ? outOfBounds(found, all) : [])]
    return wrong.map((text) => `${app} is Synced, but ${path} ${text}`)
  })
}

// What the rules need to know of a rendered object, typed where they look.
import type { KubernetesObject, Manifest } from '../render/manifest.ts'

export interface Container {
  name?: string
  image?: string
  ports?: { name?: string; containerPort?: number }[]
  resources?: { requests?: Record<string, unknown>; limits?: Record<string, unknown> }
  securityContext?: Record<string, unknown>
  startupProbe?: Probe
  readinessProbe?: Probe
  livenessProbe?: Probe
}

interface Probe {
  httpGet?: { port?: string | number; host?: string }
}

export interface PodTemplate {
  metadata?: { labels?: Record<string, string> }
  spec?: {
    securityContext?: Record<string, unknown>
    initContainers?: Container[]
    containers?: Container[]
    volumes?: Record<string, unknown>[]
    tolerations?: { key?: string; operator?: string; effect?: string; value?: string }[]
    nodeSelector?: Record<string, string>
    hostNetwork?: boolean
    hostPID?: boolean
    hostIPC?: boolean
  }
}

export interface Workload {
  manifest: Manifest
  template: PodTemplate
  labels: Record<string, string>
  containers: Container[]
}

type Spec = Record<string, unknown>

export const specOf = (object: KubernetesObject): Spec => (object.spec as Spec | undefined) ?? {}

export const describe = ({ kind, metadata }: KubernetesObject): string => `${kind}/${metadata.name}`

/** Kinds with a pod template; synth renders some of them, but a rule must not be blind to the others. */
const workloadKinds = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet', 'Job', 'CronJob'])

export function workloadsOf(manifests: readonly Manifest[]): Workload[] {
  return manifests.flatMap((manifest) => {
    if (!workloadKinds.has(manifest.object.kind)) return []
    const own = specOf(manifest.object)
    // A CronJob holds the Job that holds the template.
    const { template = {} } = ((own.jobTemplate as { spec?: Spec } | undefined)?.spec ?? own) as {
      template?: PodTemplate
    }
    const spec = template.spec ?? {}
    return [
      {
        manifest,
        template,
        labels: template.metadata?.labels ?? {},
        containers: [...(spec.initContainers ?? []), ...(spec.containers ?? [])],
      },
    ]
  })
}

export const matches = (selector: Record<string, string>, labels: Record<string, string>): boolean => {
  for (const key in selector) if (labels[key] !== selector[key]) return false
  return true
}

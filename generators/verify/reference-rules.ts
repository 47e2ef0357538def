// Objects of one app that name each other: selectors, ports, scale targets, probes.
import type { KubernetesObject, Manifest } from '../render/manifest.ts'
import { labels, namespaces, smokeComponent, weightsCopyComponent } from '../schema/contract.ts'
import { describe, matches, specOf, type Workload } from './app-objects.ts'

type Labels = Record<string, string>
export type Problem = {
  code: 'SELECTOR_MISMATCH' | 'SERVICE_PORT_MISSING'
  manifest: Manifest
  message: string
  hint: string
}

interface AppParts {
  workloads: readonly Workload[]
  services: readonly KubernetesObject[]
}

const mismatch = (manifest: Manifest, what: string): Problem => ({
  code: 'SELECTOR_MISMATCH',
  manifest,
  message: `${describe(manifest.object)}: ${what}`,
  hint: 'selector and pod labels are the same three app.kubernetes.io labels',
})

const noPort = (manifest: Manifest, what: string): Problem => ({
  code: 'SERVICE_PORT_MISSING',
  manifest,
  message: `${describe(manifest.object)}: ${what}`,
  hint: 'ports are named in generators/schema/contract.ts',
})

/** `manifests` are those of one app; what an app selects is in the app. */
export function referenceProblems(manifests: readonly Manifest[], workloads: readonly Workload[]): Problem[] {
  const services = manifests.flatMap(({ object }) => (object.kind === 'Service' ? [object] : []))
  const parts = { workloads, services }
  return [
    ...manifests.flatMap((manifest) => [...selectorProblems(manifest, parts), ...portProblems(manifest, parts)]),
    ...workloads.flatMap(probeProblems),
  ]
}

/** Labels an object selects pods by; undefined when it selects none, or all of its namespace. */
function selectorOf(object: KubernetesObject): Labels | undefined {
  const spec = specOf(object)
  switch (object.kind) {
    case 'Service':
      return spec.selector as Labels | undefined
    case 'PodDisruptionBudget':
    case 'Deployment':
      return (spec.selector as { matchLabels?: Labels } | undefined)?.matchLabels
    case 'NetworkPolicy':
      return (spec.podSelector as { matchLabels?: Labels } | undefined)?.matchLabels
    default:
      return undefined
  }
}

/** One policy for the smoke tests of all models, which lie in the models’ folders. */
const isForSmokeTests = (selector: Labels): boolean =>
  Object.keys(selector).length === 1 && selector[labels.component] === smokeComponent

function selectorProblems(manifest: Manifest, { workloads }: AppParts): Problem[] {
  const { object } = manifest
  const selector = selectorOf(object)
  // Its pods are in the folders of models, of which none may be there yet.
  if (selector?.[labels.component] === weightsCopyComponent) return []
  if (selector !== undefined) {
    if (isForSmokeTests(selector)) return []
    // Pods of a chart are in no folder.
    if (object.kind === 'NetworkPolicy' && object.metadata.namespace === namespaces.telemetry) return []
    const own = object.kind === 'Deployment' ? workloads.filter((one) => one.manifest === manifest) : workloads
    const found = own.some(
      (one) => one.manifest.object.metadata.namespace === object.metadata.namespace && matches(selector, one.labels),
    )
    return found ? [] : [mismatch(manifest, 'its selector matches no pod of its folder')]
  }
  const target = specOf(object).scaleTargetRef as { name?: string } | undefined
  if (target === undefined) return []
  const scaled = workloads.some((one) => one.manifest.object.metadata.name === target.name)
  return scaled ? [] : [mismatch(manifest, `it scales ${target.name}, which is not in its folder`)]
}

const hasPort = ({ containers }: Workload, port: string | number | undefined): boolean =>
  containers.some(({ ports = [] }) => ports.some(({ name, containerPort }) => port === name || port === containerPort))

function portProblems(manifest: Manifest, { workloads, services }: AppParts): Problem[] {
  const { object } = manifest
  if (object.kind === 'Service') {
    const selector = selectorOf(object) ?? {}
    const targets = workloads.filter((one) => matches(selector, one.labels))
    const ports = (specOf(object).ports as { port?: number; targetPort?: string | number }[] | undefined) ?? []
    return ports
      .filter(({ port, targetPort }) => targets.length > 0 && !targets.some((one) => hasPort(one, targetPort ?? port)))
      .map(({ port, targetPort }) => noPort(manifest, `no container has port ${targetPort ?? port}`))
  }
  if (object.kind === 'Ingress') return ingressProblems(manifest, services)
  return []
}

interface Backend {
  service?: { name?: string; port?: { name?: string; number?: number } }
}

/** A backend named `use-annotation` is an action of the Load Balancer Controller, not a Service. */
function ingressProblems(manifest: Manifest, services: readonly KubernetesObject[]): Problem[] {
  const spec = specOf(manifest.object)
  const rules = (spec.rules as { http?: { paths?: { backend?: Backend }[] } }[] | undefined) ?? []
  const backends = [
    spec.defaultBackend as Backend | undefined,
    ...rules.flatMap(({ http }) => (http?.paths ?? []).map(({ backend }) => backend)),
  ]
  return backends.flatMap((backend) => {
    const wanted = backend?.service
    if (wanted === undefined || wanted.port?.name === 'use-annotation') return []
    const service = services.find(({ metadata }) => metadata.name === wanted.name)
    const ports = (service === undefined ? [] : (specOf(service).ports as { name?: string; port?: number }[])) ?? []
    const found = ports.some(({ name, port }) => name === wanted.port?.name || port === wanted.port?.number)
    return found
      ? []
      : [noPort(manifest, `no Service of its folder has ${wanted.name}:${wanted.port?.name ?? wanted.port?.number}`)]
  })
}

function probeProblems(workload: Workload): Problem[] {
  return workload.containers.flatMap((container) => {
    const probes = [container.startupProbe, container.readinessProbe, container.livenessProbe]
    const wrong = probes.filter(
      (probe) => probe?.httpGet !== undefined && !hasPort({ ...workload, containers: [container] }, probe.httpGet.port),
    )
    return wrong.map((probe) =>
      noPort(
        workload.manifest,
        `a probe of container ${container.name ?? '?'} asks port ${probe?.httpGet?.port}, which it does not have`,
      ),
    )
  })
}

// The only module that knows cdk8s-plus-28: the kinds it does well. The package is frozen (2024-12), so a successor, or
// plain ApiObjects, can take over here alone. Selectors are always given: its default one is a hash of the construct's path.
import type { Chart } from 'cdk8s'
import * as kplus from 'cdk8s-plus-28'

export interface ServiceInput {
  name: string
  namespace: string
  labels: Record<string, string>
  annotations?: Record<string, string>
  selector: Record<string, string>
  /** Service port and container port are the same number: network policies on EKS need them equal. */
  ports: readonly { name: string; number: number }[]
}

export function service(chart: Chart, input: ServiceInput): void {
  const { name, namespace, labels, annotations, selector, ports } = input
  const made = new kplus.Service(chart, `service-${namespace}-${name}`, {
    metadata: { name, namespace, labels, annotations },
    ports: ports.map((port) => ({ name: port.name, port: port.number, targetPort: port.number })),
  })
  for (const [key, value] of Object.entries(selector)) made.selectLabel(key, value)
}

// Value keys of each chart version, as its own values.yaml publishes them. A version that is not here is not checked.
import awsForFluentBit from './aws-for-fluent-bit.json' with { type: 'json' }
import awsLoadBalancerController from './aws-load-balancer-controller.json' with { type: 'json' }
import certManager from './cert-manager.json' with { type: 'json' }
import dcgmExporter from './dcgm-exporter.json' with { type: 'json' }
import externalSecrets from './external-secrets.json' with { type: 'json' }
import karpenter from './karpenter.json' with { type: 'json' }
import keda from './keda.json' with { type: 'json' }
import kubePrometheusStack from './kube-prometheus-stack.json' with { type: 'json' }
import metricsServer from './metrics-server.json' with { type: 'json' }
import nvidiaDevicePlugin from './nvidia-device-plugin.json' with { type: 'json' }
import opentelemetryCollector from './opentelemetry-collector.json' with { type: 'json' }

interface ChartKeys {
  chart: string
  version: string
  /** Repository, commit and path of the values.yaml they were read from. */
  source: string
  /** Dotted paths; `.*` at the end takes anything below. */
  keys: readonly string[]
}

const recorded: readonly ChartKeys[] = [
  awsForFluentBit,
  awsLoadBalancerController,
  certManager,
  dcgmExporter,
  externalSecrets,
  karpenter,
  keda,
  kubePrometheusStack,
  metricsServer,
  nvidiaDevicePlugin,
  opentelemetryCollector,
]

const sets = new Map<string, ReadonlySet<string>>()

/** Every recorded path and the paths above it; undefined when the version's keys are not recorded. */
export function chartKeys(chart: string, version: string): ReadonlySet<string> | undefined {
  const entry = recorded.find((one) => one.chart === chart && one.version === version)
  if (entry === undefined) return undefined
  let known = sets.get(`${chart} ${version}`)
  if (known === undefined) {
    known = new Set(entry.keys.flatMap((key) => [key, ...parents(key)]))
    sets.set(`${chart} ${version}`, known)
  }
  return known
}

const parents = (key: string): string[] => {
  const parts = key.replace(/\.\*$/, '').split('.')
  return parts.map((_, index) => parts.slice(0, index + 1).join('.'))
}

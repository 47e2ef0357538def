// Folder `monitoring`: what Prometheus scrapes. Two monitors for all models, so a new model needs none.
import type { IPodMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PodMonitor'
import type { ClusterPlan } from '../../plan/cluster-plan.ts'
import { gatewayComponent, labels, modelComponent, namespaces, partOf, paths, ports } from '../../schema/contract.ts'
import type { Manifest } from '../manifest.ts'
import { apiObject, tree } from '../tree.ts'

type Endpoint = NonNullable<IPodMonitor['spec']['podMetricsEndpoints']>[number]

const monitor = (name: string, namespace: string, component: string, endpoint: Endpoint): IPodMonitor => ({
  apiVersion: 'monitoring.coreos.com/v1',
  kind: 'PodMonitor',
  metadata: { name, namespace: namespaces.monitoring, labels: { [labels.partOf]: partOf } },
  spec: {
    namespaceSelector: { matchNames: [namespace] },
    selector: { matchLabels: { [labels.component]: component, [labels.partOf]: partOf } },
    podMetricsEndpoints: [{ interval: '15s', scrapeTimeout: '10s', ...endpoint }],
  },
})

export const renderMonitoring = ({ cluster, source }: ClusterPlan): Manifest[] =>
  tree({ cluster: cluster.name, app: 'monitoring', source: source.path }, (chart) => {
    apiObject(
      chart,
      monitor('gateway', namespaces.gateway, gatewayComponent, { port: ports.gatewayAdmin.name, path: paths.metrics }),
    )
    apiObject(
      chart,
      monitor('models', namespaces.models, modelComponent, {
        port: ports.model.name,
        path: paths.metrics,
        // Not every engine names the model in its series; the pod's label does.
        relabelings: [{ sourceLabels: ['__meta_kubernetes_pod_label_app_kubernetes_io_name'], targetLabel: 'model' }],
      }),
    )
  })

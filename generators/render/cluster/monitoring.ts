// Folder `monitoring`: what Prometheus scrapes and when it speaks up. Two monitors for all models, so a new model needs none.
import type { IPodMonitor } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PodMonitor'
import type { IStorageClass } from 'kubernetes-models/storage.k8s.io/v1/StorageClass'
import type { ClusterPlan } from '../../plan/cluster-plan.ts'
import {
  argo,
  gatewayComponent,
  labels,
  modelComponent,
  namespaces,
  partOf,
  paths,
  ports,
  serviceAccounts,
  storageClass,
} from '../../schema/contract.ts'
import { dashboard } from '../alerts/dashboard.ts'
import { platformAlerts } from '../alerts/platform-alerts.ts'
import { configMap } from '../kinds.ts'
import type { Manifest } from '../manifest.ts'
import { apiObject, tree } from '../tree.ts'

type Endpoint = NonNullable<IPodMonitor['spec']['podMetricsEndpoints']>[number]

const monitor = (
  name: string,
  namespace: string,
  matchLabels: Record<string, string>,
  endpoint: Endpoint,
): IPodMonitor => ({
  apiVersion: 'monitoring.coreos.com/v1',
  kind: 'PodMonitor',
  metadata: { name, namespace: namespaces.monitoring, labels: { [labels.partOf]: partOf } },
  spec: {
    namespaceSelector: { matchNames: [namespace] },
    selector: { matchLabels },
    podMetricsEndpoints: [{ interval: '15s', scrapeTimeout: '10s', ...endpoint }],
  },
})

const ours = (component: string) => ({ [labels.component]: component, [labels.partOf]: partOf })

/**
 * Controllers whose series alerts read: label of their pods and name of the port, as their charts write them. Monitors of the charts
 * themselves would make each add-on wait for the definitions of another.
 */
const controllers = [
  { name: 'argocd-application-controller', namespace: argo.namespace, port: 'metrics' },
  { ...serviceAccounts.externalSecrets, port: 'metrics' },
  { name: 'cert-manager', namespace: 'cert-manager', port: 'http-metrics' },
]

/** Of Prometheus and Alertmanager. Their pods may move within a zone. */
const volumes: IStorageClass = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: storageClass, labels: { [labels.partOf]: partOf } },
  provisioner: 'ebs.csi.aws.com',
  parameters: { type: 'gp3', encrypted: 'true' },
  allowVolumeExpansion: true,
  reclaimPolicy: 'Delete',
  volumeBindingMode: 'WaitForFirstConsumer',
}

/** Grafana’s sidecar loads every ConfigMap with this label. */
const dashboardLabels = { [labels.partOf]: partOf, grafana_dashboard: '1' }

export const renderMonitoring = ({ cluster, source }: ClusterPlan): Manifest[] =>
  tree({ cluster: cluster.name, app: 'monitoring', source: source.path }, (chart) => {
    apiObject(chart, volumes)
    configMap(
      chart,
      { name: 'dashboard-slipway', namespace: namespaces.monitoring, labels: dashboardLabels },
      { 'slipway.json': `${JSON.stringify(dashboard(cluster), null, 2)}\n` },
    )
    const gateway = { port: ports.gatewayAdmin.name, path: paths.metrics }
    apiObject(chart, monitor('gateway', namespaces.gateway, ours(gatewayComponent), gateway))
    apiObject(
      chart,
      monitor('models', namespaces.models, ours(modelComponent), {
        port: ports.model.name,
        path: paths.metrics,
        // Not every engine names the model in its series; the pod's label does.
        relabelings: [{ sourceLabels: ['__meta_kubernetes_pod_label_app_kubernetes_io_name'], targetLabel: 'model' }],
      }),
    )
    for (const { name, namespace, port } of controllers)
      apiObject(
        chart,
        // Their series name the namespace of the object that they are about.
        monitor(name, namespace, { [labels.name]: name }, { port, path: paths.metrics, honorLabels: true }),
      )
    apiObject(chart, platformAlerts(cluster))
  })

// Metrics of other programs that our rules read, as their own documents name them: the pages themselves are not here to be asked.

const kubeStateMetrics = 'github.com/kubernetes/kube-state-metrics docs/metrics/workload, v2.18'
const argoCd = 'argo-cd.readthedocs.io/en/stable/operator-manual/metrics (Application Controller Metrics), 3.5'
const externalSecrets = 'external-secrets.io/latest/api/metrics, 2.9'
const certManager = 'cert-manager.io/docs/devops-tips/prometheus-metrics and pkg/metrics/certificates.go, 1.21'

/** Name → labels that a rule may use, and where they are. */
export const foreignMetrics: Record<string, { labels: readonly string[]; source: string }> = {
  up: { labels: ['job', 'instance'], source: 'prometheus.io/docs/concepts/jobs_instances' },
  kube_deployment_created: { labels: ['namespace', 'deployment'], source: `${kubeStateMetrics}/deployment-metrics.md` },
  kube_deployment_spec_replicas: {
    labels: ['namespace', 'deployment'],
    source: `${kubeStateMetrics}/deployment-metrics.md`,
  },
  kube_deployment_status_replicas: {
    labels: ['namespace', 'deployment'],
    source: `${kubeStateMetrics}/deployment-metrics.md`,
  },
  kube_deployment_status_replicas_available: {
    labels: ['namespace', 'deployment'],
    source: `${kubeStateMetrics}/deployment-metrics.md`,
  },
  kube_pod_container_status_waiting_reason: {
    labels: ['namespace', 'pod', 'container', 'reason', 'uid'],
    source: `${kubeStateMetrics}/pod-metrics.md`,
  },
  kube_pod_status_unschedulable: { labels: ['namespace', 'pod', 'uid'], source: `${kubeStateMetrics}/pod-metrics.md` },
  kube_pod_container_resource_requests: {
    labels: ['namespace', 'pod', 'container', 'node', 'resource', 'unit', 'uid'],
    source: `${kubeStateMetrics}/pod-metrics.md`,
  },
  argocd_app_info: {
    labels: [
      'autosync_enabled',
      'dest_namespace',
      'dest_server',
      'health_status',
      'name',
      'namespace',
      'operation',
      'project',
      'repo',
      'sync_status',
    ],
    source: argoCd,
  },
  argocd_app_sync_total: {
    labels: ['dest_server', 'dry_run', 'name', 'namespace', 'phase', 'project'],
    source: argoCd,
  },
  externalsecret_status_condition: { labels: ['name', 'namespace', 'condition', 'status'], source: externalSecrets },
  certmanager_certificate_ready_status: {
    labels: ['name', 'namespace', 'condition', 'issuer_name', 'issuer_kind', 'issuer_group'],
    source: certManager,
  },
  certmanager_certificate_expiration_timestamp_seconds: {
    labels: ['name', 'namespace', 'issuer_name', 'issuer_kind', 'issuer_group'],
    source: certManager,
  },
  ...Object.fromEntries(
    ['XID_ERRORS', 'GPU_UTIL', 'FB_USED', 'FB_FREE', 'GPU_TEMP'].map((field) => [
      `DCGM_FI_DEV_${field}`,
      {
        labels: ['gpu', 'UUID', 'device', 'modelName'],
        source: 'github.com/NVIDIA/dcgm-exporter deployment/values.yaml (customMetrics), 4.8.2',
      },
    ]),
  ),
}

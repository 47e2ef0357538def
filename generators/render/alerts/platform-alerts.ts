// Alerts about what all models share: the gateway, GPUs, Argo CD, secrets, certificates, and Prometheus itself.
import type { IPrometheusRule } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRule'
import { metricNames } from '../../../gateway/metric-names.ts'
import type { Cluster } from '../../schema/cluster.ts'
import { argo, gpu, namespaces } from '../../schema/contract.ts'
import { type AlertInput, alertRule, prometheusRule } from './rule.ts'

const minutes = (count: number): number => count * 60

/** Pods of a Deployment are called NAME-HASH-ID. */
const withModel = (expr: string): string => `label_replace(${expr}, "model", "$1", "pod", "(.+)-[a-z0-9]+-[a-z0-9]{5}")`

const podAlerts: AlertInput[] = [
  {
    name: 'PodCrashLoop',
    severity: 'page',
    // The reason is there between two starts; the window bridges the start itself.
    expr: withModel(
      'max by (namespace, pod, container) (max_over_time(kube_pod_container_status_waiting_reason{reason="CrashLoopBackOff"}[5m])) > 0',
    ),
    forSeconds: minutes(10),
    summary: '{{ $labels.container }} of {{ $labels.namespace }}/{{ $labels.pod }} ends again and again',
  },
  {
    name: 'GpuPending',
    severity: 'page',
    // A node comes within some three minutes.
    expr: withModel(
      `max by (namespace, pod) (kube_pod_status_unschedulable{namespace="${namespaces.models}"}) > 0 and on (namespace, pod) sum by (namespace, pod) (kube_pod_container_resource_requests{resource="${gpu.resource.replace(/\W/g, '_')}"}) > 0`,
    ),
    forSeconds: minutes(15),
    summary: '{{ $labels.pod }} waits for a GPU',
  },
  {
    name: 'GpuFault',
    severity: 'ticket',
    // The gauge holds the last XID; 13, 31, 43 and 45 are the program's own doing (NVIDIA XID catalogue).
    expr: 'max by (UUID, gpu) (DCGM_FI_DEV_XID_ERRORS) > 0 unless max by (UUID, gpu) ((DCGM_FI_DEV_XID_ERRORS == 13) or (DCGM_FI_DEV_XID_ERRORS == 31) or (DCGM_FI_DEV_XID_ERRORS == 43) or (DCGM_FI_DEV_XID_ERRORS == 45))',
    summary: 'GPU {{ $labels.gpu }} ({{ $labels.UUID }}) reports XID {{ $value }}',
  },
]

const gatewayAlerts: AlertInput[] = [
  {
    name: 'GatewayDown',
    severity: 'page',
    expr: `absent(up{job="${namespaces.monitoring}/gateway"} == 1)`,
    forSeconds: minutes(2),
    summary: 'no pod of the gateway is read',
  },
  {
    name: 'EndpointsEjected',
    severity: 'ticket',
    expr: `sum by (model) (increase(${metricNames.ejections}[15m])) >= 3`,
    forSeconds: minutes(5),
    summary: 'endpoints of {{ $labels.model }} were taken out {{ $value | humanize }} times in 15 minutes',
  },
  {
    name: 'DiscoveryStale',
    severity: 'page',
    expr: `max by (pod) (${metricNames.discoveryStale}) > 120`,
    forSeconds: minutes(5),
    summary: '{{ $labels.pod }} has heard nothing for {{ $value | humanizeDuration }}',
  },
  {
    name: 'IssuerKeysStale',
    severity: 'ticket',
    expr: `max by (issuer) (${metricNames.jwksStale}) > 3600`,
    forSeconds: minutes(10),
    summary: 'keys of {{ $labels.issuer }} are overdue for {{ $value | humanizeDuration }}',
  },
  {
    name: 'TenantRefused',
    severity: 'ticket',
    // Usual is the day before; a tenant that is never refused must reach the floor alone.
    expr: `sum by (tenant) (rate(${metricNames.refusals}{tenant!=""}[10m])) > 0.2 and on (tenant) (sum by (tenant) (rate(${metricNames.refusals}{tenant!=""}[10m])) > 4 * sum by (tenant) (rate(${metricNames.refusals}{tenant!=""}[1d] offset 10m)) or on (tenant) (sum by (tenant) (rate(${metricNames.refusals}{tenant!=""}[10m])) unless on (tenant) sum by (tenant) (rate(${metricNames.refusals}{tenant!=""}[1d] offset 10m))))`,
    forSeconds: minutes(5),
    summary: '{{ $labels.tenant }} is refused {{ $value | humanize }} times a second',
  },
]

const hours = { s: 1 / 3600, m: 1 / 60, h: 1 } as const

/** Commits to models are held back in a deny window, and between allow windows, whose pauses a cron line does not say: a week at most. */
const heldHours = ({ syncWindows }: Cluster): number =>
  Math.max(
    0,
    ...syncWindows.map(({ kind, duration }) =>
      kind === 'allow' ? 7 * 24 : Number.parseInt(duration, 10) * hours[duration.at(-1) as keyof typeof hours],
    ),
  )

const syncAlerts = (cluster: Cluster): AlertInput[] => {
  const outOfSync = (projects: string) =>
    `max by (name, project) (argocd_app_info{sync_status!="Synced",project${projects}}) > 0`
  const summary = '{{ $labels.name }} is not what Git says'
  return [
    {
      name: 'ApplicationOutOfSync',
      severity: 'ticket',
      expr: outOfSync(`!="${argo.projects.models}"`),
      forSeconds: minutes(30),
      labels: { scope: 'platform' },
      summary,
    },
    {
      name: 'ApplicationOutOfSync',
      severity: 'ticket',
      expr: outOfSync(`="${argo.projects.models}"`),
      forSeconds: minutes(30 + Math.ceil(heldHours(cluster) * 60)),
      labels: { scope: 'models' },
      summary,
    },
    {
      name: 'ApplicationSyncFailed',
      severity: 'ticket',
      expr: 'sum by (name, project) (increase(argocd_app_sync_total{phase=~"Error|Failed"}[1h])) > 0 and on (name) max by (name) (argocd_app_info{sync_status!="Synced"}) > 0',
      forSeconds: minutes(5),
      summary: 'a sync of {{ $labels.name }} failed',
    },
    {
      name: 'ApplicationDegraded',
      severity: 'page',
      expr: 'max by (name, project) (argocd_app_info{health_status="Degraded"}) > 0',
      forSeconds: minutes(10),
      summary: '{{ $labels.name }} is Degraded; its message in Argo CD says why',
    },
  ]
}

const copyAlerts: AlertInput[] = [
  {
    name: 'SecretNotSynced',
    severity: 'ticket',
    expr: 'max by (namespace, name) (externalsecret_status_condition{condition="Ready",status="False"}) > 0',
    forSeconds: minutes(15),
    summary: 'the secret {{ $labels.name }} is not copied',
  },
  {
    name: 'CertificateNotReady',
    severity: 'ticket',
    expr: 'max by (namespace, name) (certmanager_certificate_ready_status{condition="False"}) > 0',
    forSeconds: minutes(15),
    labels: { reason: 'not ready' },
    summary: 'the certificate {{ $labels.name }} is not ready',
  },
  {
    name: 'CertificateNotReady',
    severity: 'ticket',
    expr: 'max by (namespace, name) (certmanager_certificate_expiration_timestamp_seconds > 0) - time() < 7 * 86400',
    forSeconds: minutes(15),
    labels: { reason: 'ends soon' },
    summary: 'the certificate {{ $labels.name }} ends in {{ $value | humanizeDuration }}',
  },
]

/** A series of each source: without it nothing of the source is reported. */
const sources = ['kube_deployment_created', 'argocd_app_info', 'certmanager_certificate_ready_status']

const blindness: AlertInput = {
  name: 'MetricsMissing',
  severity: 'ticket',
  expr: sources.map((metric) => `label_replace(absent(${metric}), "metric", "${metric}", "", "")`).join(' or '),
  forSeconds: minutes(15),
  summary: '{{ $labels.metric }} is not there',
}

export function platformAlerts(cluster: Cluster): IPrometheusRule {
  const rules = (inputs: readonly AlertInput[]) => inputs.map((input) => alertRule(cluster, input))
  return prometheusRule(
    { name: 'platform', namespace: namespaces.monitoring },
    {
      pods: rules(podAlerts),
      gateway: rules(gatewayAlerts),
      argocd: rules(syncAlerts(cluster)),
      secrets: rules([...copyAlerts, blindness]),
    },
  )
}

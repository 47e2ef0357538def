// The PrometheusRule of one model: its objectives, and whether it is there at all. In the model's own folder, so that two pull requests
// which each add a model meet in no file.
import type { IPrometheusRule } from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1/PrometheusRule'
import { metricNames } from '../../../gateway/metric-names.ts'
import type { Latency } from '../../engines/engine.ts'
import type { ModelPlan } from '../../plan/cluster-plan.ts'
import type { Objective } from '../../plan/slo.ts'
import type { Cluster } from '../../schema/cluster.ts'
import { namespaces } from '../../schema/contract.ts'
import { latencyObjective } from '../../schema/slo.ts'
import { selectorLabels } from '../model/labels.ts'
import { burnRates, type Sli, sloRules } from './burn-rates.ts'
import type { AlertName } from './registry.ts'
import { alertRule, prometheusRule, type Rule, sixDigits } from './rule.ts'

/** Ours, and not the client's: an error, or no place at an engine in time. */
const ours = 'outcome=~"error|overloaded"'
/** A client that left or was wrong says nothing about us. */
const counted = 'outcome!~"client_error|client_closed"'

const latencyNames: Record<Latency, { name: AlertName; what: string }> = {
  firstToken: { name: 'ModelFirstToken', what: 'first tokens came too late' },
  interToken: { name: 'ModelInterToken', what: 'tokens came too slowly' },
}

/** Prometheus 3 writes `1` as `1.0` when it reads it, earlier ones keep what the page says. */
const bucketOf = (bound: string): string =>
  bound.includes('.') && !bound.endsWith('.0') ? `le="${bound}"` : `le=~"${bound.replace(/\.0$/, '')}(\\\\.0)?"`

function availability({ name: model, slo }: ModelPlan): Sli[] {
  if (slo.availability === undefined) return []
  const rate = (outcome: string) => `sum(rate(${metricNames.requests}{model="${model}",${outcome}}[$WINDOW]))`
  const sli = { name: 'ModelAvailability', slo: 'availability', model, objective: slo.availability } as const
  return [{ ...sli, bad: rate(ours), all: rate(counted), what: 'requests failed' }]
}

function latency({ name: model, version }: ModelPlan, one: Latency, { histogram, bound }: Objective): Sli {
  const series = (suffix: string, more = '') =>
    `sum(rate(${histogram}_${suffix}{${version.modelLabel ?? 'model'}="${model}"${more}}[$WINDOW]))`
  const all = series('count')
  return {
    ...latencyNames[one],
    slo: one,
    model,
    objective: latencyObjective,
    bad: `(${all} - ${series('bucket', `,${bucketOf(bound)}`)})`,
    all,
  }
}

/** One tenant may be hurt where the model as a whole is not: its share by the windows of the fastest page. */
function tenantRules(cluster: Cluster, { name: model, slo }: ModelPlan): Rule[] {
  const [{ factor, long, short }] = burnRates
  if (slo.availability === undefined) return []
  const sum = (outcome: string, window: string, how = 'rate') =>
    `sum by (tenant) (${how}(${metricNames.requests}{model="${model}",${outcome}}[${window}]))`
  const record = (window: string) => `slipway:tenant_errors:ratio_rate${window}`
  const limit = sixDigits(factor * (1 - slo.availability / 100))
  const series = (window: string) => `${record(window)}{model="${model}"}`
  return [
    ...[short, long].map((window) => ({
      record: record(window),
      expr: `${sum(ours, window)} / ${sum(counted, window)}`,
      labels: { model },
    })),
    alertRule(cluster, {
      name: 'TenantAvailability',
      severity: 'ticket',
      expr: `${series(long)} > ${limit} and ${series(short)} > ${limit} and on (tenant) ${sum(ours, long, 'increase')} >= 10`,
      labels: { model },
      summary: `${model}: {{ $value | humanizePercentage }} of the requests of {{ $labels.tenant }} fail`,
    }),
  ]
}

function stateRules(cluster: Cluster, { name: model, scaling, slo, cost }: ModelPlan): Rule[] {
  const endpoints = `max(${metricNames.endpoints}{model="${model}"})`
  const deployment = `{namespace="${namespaces.models}",deployment="${model}"}`
  const isNew = `time() - max(kube_deployment_created${deployment}) < ${slo.newForSeconds}`
  const down = {
    name: 'ModelDown',
    severity: 'page',
    expr: `${endpoints} < 1 unless on () ${isNew}`,
    forSeconds: slo.downAfterSeconds,
    labels: { model },
    summary: `${model} has no pod that takes requests`,
  } as const
  const waking = {
    name: 'ModelWaking',
    severity: 'page',
    expr: `max(kube_deployment_spec_replicas${deployment}) > 0 and max(kube_deployment_status_replicas_available${deployment}) < 1`,
    forSeconds: slo.wakingAfterSeconds,
    labels: { model },
    summary: `${model} was ordered, and no pod has been ready for ${Math.round(slo.wakingAfterSeconds / 60)} min`,
  } as const
  return [
    // Of a model that may sleep, no pod is the usual state.
    ...(scaling.minReplicas > 0 ? [alertRule(cluster, down)] : []),
    alertRule(cluster, waking),
    {
      record: 'slipway:model_usd_per_hour:sum',
      expr: `max(kube_deployment_status_replicas${deployment}) * ${sixDigits(cost.usdPerHour)}`,
      labels: { model },
    },
  ]
}

export function modelAlerts(model: ModelPlan, cluster: Cluster): IPrometheusRule {
  const objectives = [
    ...availability(model),
    ...(Object.entries(model.slo.latencies) as [Latency, Objective][]).map((entry) => latency(model, ...entry)),
  ]
  return prometheusRule(
    { name: model.name, namespace: namespaces.models, ownLabels: selectorLabels(model.name) },
    {
      [`model-${model.name}`]: stateRules(cluster, model),
      [`objectives-${model.name}`]: [
        ...objectives.flatMap((sli) => sloRules(cluster, sli)),
        ...tenantRules(cluster, model),
      ],
    },
  )
}

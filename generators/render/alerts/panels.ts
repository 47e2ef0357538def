// What the dashboard of a cluster shows: panels by row, each with its queries. Data only.
import { metricNames } from '../../../gateway/metric-names.ts'
import { gpu, namespaces } from '../../schema/contract.ts'

type Unit = 'short' | 's' | 'percentunit' | 'reqps' | 'currencyUSD' | 'celsius' | 'bytes' | 'none'

export interface Panel {
  title: string
  unit: Unit
  /** Legend → expression. */
  queries: Record<string, string>
  kind?: 'timeseries' | 'table'
}

const ofModel = 'model=~"$model"'
const requests = metricNames.requests

/** p95 of a histogram of an engine, whatever label it names the model in: the monitor adds `model`. */
const p95 = (histogram: string): string =>
  `histogram_quantile(0.95, sum by (model, le) (rate(${histogram}_bucket{${ofModel}}[5m])))`

const sum = (metric: string): string => `sum by (model) (${metric}{${ofModel}})`

/** Title of the row → its panels. */
export const rows: Record<string, Panel[]> = {
  Models: [
    {
      title: 'Error budget spent, times what lasts 30 days (1 h)',
      unit: 'none',
      queries: {
        '{{model}} {{slo}}': `slipway:slo_errors:ratio_rate1h{${ofModel}} / on (model, slo) (1 - slipway:slo_objective:ratio)`,
      },
    },
    {
      title: 'First token, p95',
      unit: 's',
      queries: { '{{model}}': p95('vllm:time_to_first_token_seconds') },
    },
    { title: 'Between tokens, p95', unit: 's', queries: { '{{model}}': p95('vllm:inter_token_latency_seconds') } },
    {
      title: 'Tokens a second',
      unit: 'short',
      queries: { '{{model}} {{type}}': `sum by (model, type) (rate(${metricNames.tokens}{${ofModel}}[5m]))` },
    },
    {
      title: 'Pods that take requests',
      unit: 'short',
      queries: {
        '{{model}}': `max by (model) (${metricNames.endpoints}{${ofModel}})`,
        '{{model}} out': `max by (model) (${metricNames.ejectedEndpoints}{${ofModel}})`,
      },
    },
  ],
  'Queue and KV cache': [
    {
      title: 'Requests in engines and before them',
      unit: 'short',
      queries: {
        '{{model}} running': sum('vllm:num_requests_running'),
        '{{model}} waits in the engine': sum('vllm:num_requests_waiting'),
        '{{model}} waits at the gateway': sum(metricNames.waitingRequests),
      },
    },
    {
      title: 'KV cache',
      unit: 'percentunit',
      queries: { '{{model}} {{pod}}': `vllm:kv_cache_usage_perc{${ofModel}}` },
    },
    {
      title: 'Prompt tokens from the prefix cache',
      unit: 'percentunit',
      queries: {
        '{{model}}': `sum by (model) (rate(vllm:prefix_cache_hits_total{${ofModel}}[5m])) / sum by (model) (rate(vllm:prefix_cache_queries_total{${ofModel}}[5m]))`,
      },
    },
    {
      title: 'Requests put off for want of cache, a second',
      unit: 'reqps',
      queries: { '{{model}}': `sum by (model) (rate(vllm:num_preemptions_total{${ofModel}}[5m]))` },
    },
  ],
  GPUs: [
    {
      title: 'Utilisation',
      unit: 'percentunit',
      queries: { '{{UUID}}': 'DCGM_FI_DEV_GPU_UTIL / 100' },
    },
    {
      title: 'Memory used',
      unit: 'percentunit',
      queries: {
        '{{UUID}}': 'DCGM_FI_DEV_FB_USED / (DCGM_FI_DEV_FB_USED + DCGM_FI_DEV_FB_FREE)',
      },
    },
    { title: 'Temperature', unit: 'celsius', queries: { '{{UUID}}': 'DCGM_FI_DEV_GPU_TEMP' } },
    {
      title: 'GPUs asked for, and pods that wait',
      unit: 'short',
      queries: {
        'asked for': `sum(kube_pod_container_resource_requests{namespace="${namespaces.models}",resource="${gpu.resource.replace(/\W/g, '_')}"})`,
        'pods that wait': `sum(kube_pod_status_unschedulable{namespace="${namespaces.models}"}) or vector(0)`,
      },
    },
  ],
  Gateway: [
    {
      title: 'Requests a second, by how they end',
      unit: 'reqps',
      queries: { '{{outcome}}': `sum by (outcome) (rate(${requests}{${ofModel}}[5m]))` },
    },
    {
      title: 'Reasons of errors',
      unit: 'reqps',
      queries: { '{{model}} {{reason}}': `sum by (model, reason) (rate(${requests}{${ofModel},outcome!="ok"}[5m]))` },
    },
    {
      title: 'Second tries and ejections a second',
      unit: 'reqps',
      queries: {
        '{{model}} tried again': `sum by (model) (rate(${metricNames.retries}{${ofModel}}[5m]))`,
        '{{model}} ejected': `sum by (model) (rate(${metricNames.ejections}{${ofModel}}[5m]))`,
      },
    },
    {
      title: 'Seconds since models were heard of',
      unit: 's',
      queries: { '{{pod}}': metricNames.discoveryStale },
    },
  ],
  Tenants: [
    {
      title: 'Requests a second',
      unit: 'reqps',
      queries: { '{{tenant}}': `sum by (tenant) (rate(${requests}{${ofModel}}[5m]))` },
    },
    {
      title: 'Tokens in a day',
      unit: 'short',
      kind: 'table',
      queries: {
        '{{tenant}} {{model}} {{type}}': `sum by (tenant, model, type) (increase(${metricNames.tokens}{${ofModel}}[1d]))`,
      },
    },
    {
      title: 'Refused a second',
      unit: 'reqps',
      queries: {
        '{{tenant}} {{reason}}': `sum by (tenant, reason) (rate(${metricNames.refusals}{tenant!=""}[5m]))`,
      },
    },
  ],
  'Wakes and cost': [
    {
      title: 'Wakes in an hour',
      unit: 'short',
      queries: { '{{model}}': `sum by (model) (increase(${metricNames.wakes}{${ofModel}}[1h]))` },
    },
    {
      title: 'Pods ordered',
      unit: 'short',
      queries: { '{{deployment}}': `kube_deployment_spec_replicas{namespace="${namespaces.models}"}` },
    },
    {
      title: '$ an hour, at the prices of the plan',
      unit: 'currencyUSD',
      queries: {
        '{{model}}': `slipway:model_usd_per_hour:sum{${ofModel}}`,
        all: 'sum(slipway:model_usd_per_hour:sum)',
      },
    },
  ],
}

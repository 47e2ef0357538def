// What the metrics of a cluster look like on a day without a fault, and what each fault changes. One model, as the real gateway and the real
// vLLM name its series; Kubernetes, Argo CD and the other controllers as their documents do.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { clusterSeries } from './cluster-series.ts'
import type { Day } from './fault.ts'
import { counter, daily, type Labels, noise, type Sample, samplesOf, type TimedSeries } from './series.ts'

const page = (name: string): Sample[] =>
  samplesOf(readFileSync(join(import.meta.dirname, 'recorded', `${name}.txt`), 'utf8'))
const gatewayPage = page('gateway')
const vllmPage = page('vllm-0.32.0')

const tenants = ['research', 'support']
/** Fewer than that in a minute no tenant sends by day. */
const requestsPerMinute = 40
const tokensPerRequest = 120

/** The label sets that a page has of a metric, with the model's own name in them. */
function labelSets(samples: readonly Sample[], metric: string, own: Labels): Labels[] {
  const found = samples.filter(({ name }) => name === metric).map(({ labels }) => ({ ...labels, ...own }))
  if (found.length === 0) throw new Error(`${metric} was not recorded`)
  return found
}

function gatewaySeries({ model, fault, at }: Day): TimedSeries[] {
  const now = (minute: number): boolean => minute >= at
  const there = (course: (minute: number) => number) => (minute: number) =>
    fault.gatewayGone && now(minute) ? undefined : course(minute)
  const target = {
    namespace: 'gateway',
    pod: 'gateway-6d5f7-abcde',
    job: 'monitoring/gateway',
    instance: '10.0.1.2:9090',
  }
  const gauge = (name: string, course: (minute: number) => number): TimedSeries[] =>
    labelSets(gatewayPage, name, name.includes('discovery') ? target : { ...target, model })
      .slice(0, 1)
      .map((labels) => ({
        name,
        labels,
        course: there(course),
      }))
  const [request] = labelSets(gatewayPage, 'slipway_gateway_requests_total', { ...target, model })
  const [refusal] = labelSets(gatewayPage, 'slipway_gateway_refusals_total', target)
  const errorShare = (tenant: string, minute: number): number => {
    if (fault.errors !== undefined && now(minute) && (fault.ofTenant ?? tenant) === tenant) return fault.errors
    // A request in a thousand fails on any day.
    return noise(minute, tenant.length) < 0.02 ? 0.02 : 0
  }
  const requests = tenants.flatMap((tenant) => {
    const sent = (minute: number) =>
      Math.round(requestsPerMinute * daily(minute) * (0.7 + 0.6 * noise(minute, tenant.length)))
    const failed = (minute: number) => {
      const share = sent(minute) * errorShare(tenant, minute)
      // At night a small share is less than one request a minute, and still adds up.
      return fault.errors === undefined ? Math.round(share) : share
    }
    const series = (outcome: string, reason: string, perMinute: (minute: number) => number) => ({
      name: 'slipway_gateway_requests_total',
      labels: { ...request, tenant, outcome, reason },
      course: there(counter(perMinute) as (minute: number) => number),
    })
    return [
      series('ok', '', (minute) => sent(minute) - failed(minute)),
      series('error', 'upstream_unreachable', failed),
      series('client_error', 'engine_refused', (minute) => Math.round(sent(minute) * 0.05)),
    ]
  })
  const refusals = (tenant: string, perMinute: (minute: number) => number) => ({
    name: 'slipway_gateway_refusals_total',
    labels: { ...refusal, tenant, status: '429', reason: 'rate_limited' },
    course: counter((minute) => (fault.refused === tenant && now(minute) ? 60 : perMinute(minute))),
  })
  const refused = [
    ...tenants.map((tenant) =>
      refusals(tenant, (minute) => Math.round(1.2 * daily(minute) * noise(minute, 7 + tenant.length))),
    ),
    // One that nobody refused before.
    refusals('newcomer', () => 0),
  ]
  return [
    { name: 'up', labels: target, course: there(() => 1) },
    ...gauge('slipway_gateway_endpoints', (minute) => (fault.endpoints === 0 && now(minute) ? 0 : 2)),
    ...gauge('slipway_gateway_discovery_stale_seconds', (minute) =>
      fault.discoveryStale && now(minute) ? (minute - at) * 60 : Math.round(10 * noise(minute)),
    ),
    ...labelSets(gatewayPage, 'slipway_gateway_jwks_stale_seconds', target)
      .slice(0, 1)
      .map((labels) => ({
        name: 'slipway_gateway_jwks_stale_seconds',
        labels,
        course: there((minute) => (fault.keysStale && now(minute) ? (minute - at) * 60 : 0)),
      })),
    ...labelSets(gatewayPage, 'slipway_gateway_ejections_total', { ...target, model })
      .slice(0, 1)
      .map((labels) => ({
        name: 'slipway_gateway_ejections_total',
        labels,
        course: counter((minute) => (fault.ejections && now(minute) ? 1 : minute % 600 === 599 ? 1 : 0)),
      })),
    ...requests,
    ...refused,
  ]
}

/** Counted like the engine does: what is not later than a bound is in its bucket. */
function histogram(
  metric: string,
  day: Day,
  perMinute: (minute: number) => number,
  share: (le: number, minute: number) => number,
) {
  const target = { namespace: 'models', pod: `${day.model}-6d5f7-abcde`, job: 'monitoring/models', model: day.model }
  const own = { ...target, model_name: day.model }
  return [
    ...labelSets(vllmPage, `${metric}_bucket`, own).map((labels) => ({
      name: `${metric}_bucket`,
      labels,
      course: counter((minute) => perMinute(minute) * (labels.le === '+Inf' ? 1 : share(Number(labels.le), minute))),
    })),
    ...labelSets(vllmPage, `${metric}_count`, own).map((labels) => ({
      name: `${metric}_count`,
      labels,
      course: counter(perMinute),
    })),
  ]
}

function engineSeries(day: Day): TimedSeries[] {
  const { fault, at } = day
  const requests = (minute: number) => 2 * requestsPerMinute * daily(minute)
  const late = (slow: number | undefined, minute: number, usual: number): number =>
    slow !== undefined && minute >= at ? slow : usual * noise(minute, 3)
  return [
    ...histogram('vllm:time_to_first_token_seconds', day, requests, (le, minute) =>
      le < 0.25 ? 0 : le < 10 ? 1 - late(fault.slowFirst, minute, 0.02) : 1,
    ),
    ...histogram(
      'vllm:inter_token_latency_seconds',
      day,
      (minute) => tokensPerRequest * requests(minute),
      (le, minute) => (le < 0.05 ? 0 : le < 2.5 ? 1 - late(fault.slowTokens, minute, 0.02) : 1),
    ),
  ]
}

export const seriesOf = (day: Day): TimedSeries[] =>
  [...gatewaySeries(day), ...engineSeries(day), ...clusterSeries(day)].map(({ course, ...sample }) => ({
    ...sample,
    course: (minute) => (sample.name === day.fault.missing && minute >= day.at ? undefined : course(minute)),
  }))

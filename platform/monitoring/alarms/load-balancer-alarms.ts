// Alarms on the ALB and on the gateway’s pods behind it.
import { type Alarm, type Measure, type Metric, minutes, noTraffic, onlyErrors } from './alarm.ts'

const balancer = (name: string, stat = 'Sum'): Metric => ({
  namespace: 'AWS/ApplicationELB',
  name,
  dimensions: { LoadBalancer: '{loadBalancer}' },
  stat,
})

/**
 * The controller makes the target group, so its id is not known here; a query over all groups of the balancer needs none
 * (CloudWatch User Guide, Metrics Insights).
 */
const hosts = (name: string): Measure => ({
  query: `SELECT MAX(${name}) FROM SCHEMA("AWS/ApplicationELB", LoadBalancer, TargetGroup) WHERE LoadBalancer = '{loadBalancer}'`,
})

export const loadBalancerAlarms: readonly Alarm[] = [
  {
    id: 'load-balancer-5xx',
    group: 'load balancer',
    place: 'region',
    severity: 'page',
    sentence: 'The ALB itself answers more than 10 requests in five minutes with 5xx: no pod took them.',
    measure: { metric: balancer('HTTPCode_ELB_5XX_Count') },
    threshold: 10,
    comparison: 'above',
    unit: '',
    periodSeconds: minutes(5),
    periods: 2,
    silence: onlyErrors,
  },
  {
    id: 'gateway-5xx',
    group: 'load balancer',
    place: 'region',
    severity: 'page',
    sentence: 'The gateway answers more than 5 % of its requests with 5xx.',
    measure: { errors: balancer('HTTPCode_Target_5XX_Count'), total: balancer('RequestCount'), fewest: 20 },
    threshold: 5,
    comparison: 'above',
    unit: '%',
    periodSeconds: minutes(5),
    periods: 2,
    silence: noTraffic,
  },
  {
    id: 'gateway-4xx',
    group: 'load balancer',
    place: 'region',
    severity: 'ticket',
    sentence: 'The gateway answers more than 40 % of its requests with 4xx.',
    measure: { errors: balancer('HTTPCode_Target_4XX_Count'), total: balancer('RequestCount'), fewest: 50 },
    threshold: 40,
    comparison: 'above',
    unit: '%',
    periodSeconds: minutes(5),
    periods: 3,
    silence: noTraffic,
  },
  {
    id: 'gateway-latency',
    group: 'load balancer',
    place: 'region',
    severity: 'ticket',
    sentence: 'The gateway begins one answer in a hundred later than after 60 s.',
    measure: { metric: balancer('TargetResponseTime', 'p99') },
    threshold: 60,
    comparison: 'above',
    unit: 's',
    periodSeconds: minutes(5),
    periods: 3,
    silence: noTraffic,
  },
  {
    id: 'unhealthy-hosts',
    group: 'load balancer',
    place: 'region',
    severity: 'ticket',
    sentence: 'A gateway pod fails the health check of the ALB for five minutes.',
    measure: hosts('UnHealthyHostCount'),
    threshold: 0,
    comparison: 'above',
    unit: '',
    periodSeconds: minutes(1),
    periods: 5,
    silence: { means: 'fine', because: 'without a target group there is nothing that could be unhealthy' },
  },
  {
    id: 'no-healthy-host',
    group: 'load balancer',
    place: 'region',
    severity: 'page',
    sentence: 'The ALB has no gateway pod that it could send to.',
    measure: hosts('HealthyHostCount'),
    threshold: 1,
    comparison: 'below',
    unit: '',
    periodSeconds: minutes(1),
    periods: 3,
    silence: { means: 'trouble', because: 'a balancer without targets has no samples either' },
  },
]

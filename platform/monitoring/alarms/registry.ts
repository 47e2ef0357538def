// Every alarm: one entry, and beside it the runbook ID.md that says what to do. Data only; a dashboard draws it too.
import type { Cluster } from '../../../generators/schema/cluster.ts'
import type { Alarm } from './alarm.ts'
import { apiAlarms } from './api-alarms.ts'
import { edgeAlarms } from './edge-alarms.ts'
import { loadBalancerAlarms } from './load-balancer-alarms.ts'

export const alarms: readonly Alarm[] = [...edgeAlarms, ...apiAlarms, ...loadBalancerAlarms]

/** Those of the parts that its edge has. */
export const alarmsOf = ({ edge }: Cluster): Alarm[] =>
  alarms.filter(({ edges }) => edges === undefined || edges.includes(edge.kind))

/** The budget of the account’s part that carries the cluster’s tag; AWS Budgets watches it, not CloudWatch. */
export const spend = {
  id: 'spend',
  sentence: 'The month has cost, or will cost, more than the budget of the cluster.',
  /** Per cent of the budget. */
  thresholds: { actual: [80, 100], forecast: [100] },
} as const

// Alerts on the speed at which an error budget is spent, by two windows each: the long one says that it matters, the short one that it still
// goes on. Windows and factors: The Site Reliability Workbook (Google, 2018), chapter 5 "Alerting on SLOs", table 5-8: 2 % of the budget of
// 30 days in an hour and 5 % in six hours page, 10 % in three days is a ticket.
import type { Cluster } from '../../schema/cluster.ts'
import type { AlertName } from './registry.ts'
import { alertRule, type Rule, sixDigits } from './rule.ts'

export const burnRates = [
  { severity: 'page', factor: 14.4, long: '1h', short: '5m' },
  { severity: 'page', factor: 6, long: '6h', short: '30m' },
  { severity: 'ticket', factor: 1, long: '3d', short: '6h' },
] as const

const windows = [...new Set(burnRates.flatMap(({ long, short }) => [short, long]))]

/** Below this many bad events in the long window a share says nothing: at night one slow request of two would wake somebody. */
const fewest = 5

export interface Sli {
  name: AlertName
  slo: string
  model: string
  /** Per cent that are good. */
  objective: number
  /** Expressions of bad and of all events, with `$WINDOW`. */
  bad: string
  all: string
  what: string
}

const record = (window: string): string => `slipway:slo_errors:ratio_rate${window}`

/** Share of bad events in each window, which the alerts and the dashboard read. */
const recordings = ({ bad, all, model, slo }: Sli): Rule[] =>
  windows.map((window) => ({
    record: record(window),
    expr: `(${bad} or vector(0)) / ${all}`.replaceAll('$WINDOW', window),
    labels: { model, slo },
  }))

export function sloRules(cluster: Cluster, sli: Sli): Rule[] {
  const { model, slo, objective } = sli
  const budget = 1 - objective / 100
  const series = (window: string) => `${record(window)}{model="${model}",slo="${slo}"}`
  return [
    ...recordings(sli),
    { record: 'slipway:slo_objective:ratio', expr: `vector(${sixDigits(objective / 100)})`, labels: { model, slo } },
    ...burnRates.map(({ severity, factor, long, short }) => {
      const limit = sixDigits(factor * budget)
      const enough = `${sli.bad.replaceAll('rate(', 'increase(').replaceAll('$WINDOW', long)} >= ${fewest}`
      return alertRule(cluster, {
        name: sli.name,
        severity,
        expr: `${series(long)} > ${limit} and ${series(short)} > ${limit} and on () ${enough}`,
        labels: { model, slo, window: long },
        summary: `${model}: {{ $value | humanizePercentage }} of ${sli.what} in ${long}, the objective allows ${sixDigits(budget * 100)} %; at this rate the budget of 30 days lasts ${sixDigits(30 / factor)} days`,
      })
    }),
  ]
}

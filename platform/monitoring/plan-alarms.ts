// An entry of the registry as CloudWatch takes it: queries, comparison, description. Pure; braces stay to be filled in.
import type { Cluster } from '../../generators/schema/cluster.ts'
import { pageUrl } from '../../generators/schema/git-address.ts'
import type { Alarm, Metric } from './alarms/alarm.ts'

export interface MetricQuery {
  id: string
  expression?: string
  label?: string
  /** Of a query over metrics. Seconds. */
  period?: number
  metric?: { namespace: string; metricName: string; dimensions: Record<string, string>; period: number; stat: string }
  /** Exactly one of the queries is what the threshold is compared with. */
  returnData: boolean
}

const query = (id: string, { namespace, name, dimensions, stat }: Metric, period: number, returnData: boolean) => ({
  id,
  metric: { namespace, metricName: name, dimensions: { ...dimensions }, period, stat },
  returnData,
})

export function metricQueries({ measure, periodSeconds, sentence }: Alarm): MetricQuery[] {
  if ('query' in measure)
    return [{ id: 'value', expression: measure.query, label: sentence, period: periodSeconds, returnData: true }]
  if ('metric' in measure) return [query('value', measure.metric, periodSeconds, true)]
  return [
    query('errors', measure.errors, periodSeconds, false),
    query('total', measure.total, periodSeconds, false),
    {
      id: 'rate',
      expression: `IF(total > ${measure.fewest}, 100 * FILL(errors, 0) / total, 0)`,
      label: '% of requests',
      returnData: true,
    },
  ]
}

/** Where somebody who is woken up reads what to do. */
export const runbookUrl = ({ gitops }: Cluster, id: string): string =>
  pageUrl(gitops, `platform/monitoring/alarms/${id}.md`)

/** Name of an alarm in CloudWatch. */
export const alarmName = (cluster: Cluster, id: string): string => `${cluster.name}-${id}`

export const alarmSettings = (cluster: Cluster, alarm: Alarm) => ({
  name: alarmName(cluster, alarm.id),
  alarmDescription: `${alarm.severity}: ${alarm.sentence} ${runbookUrl(cluster, alarm.id)}`,
  comparisonOperator: alarm.comparison === 'above' ? 'GreaterThanThreshold' : 'LessThanThreshold',
  threshold: alarm.threshold,
  evaluationPeriods: alarm.periods,
  datapointsToAlarm: alarm.periods,
  // Before Argo CD has anything to sync there is neither pod nor traffic.
  treatMissingData: alarm.silence.means === 'trouble' && cluster.gitops.enabled ? 'breaching' : 'notBreaching',
})

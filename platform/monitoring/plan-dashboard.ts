// The dashboard: on top the state of all alarms, below one graph for each, with its threshold. Pure.
import type { Cluster } from '../../generators/schema/cluster.ts'
import { filledIn } from '../fill-braces.ts'
import { edgeRegion } from '../providers.ts'
import type { Alarm } from './alarms/alarm.ts'
import { alarmsOf } from './alarms/registry.ts'
import { alarmName, metricQueries, runbookUrl } from './plan-alarms.ts'

/** Units of CloudWatch’s grid, which has 24 columns. */
const graphSize = { width: 8, height: 6 }
const columns = 3

type Targets = Readonly<Record<string, string>>

const regionOf = (cluster: Cluster, { place }: Alarm): string => (place === 'edge' ? edgeRegion : cluster.region)

/** A query as widgets write it: [namespace, name, dimension, value, …, options]. */
function widgetMetrics(alarm: Alarm, targets: Targets): unknown[] {
  return filledIn(metricQueries(alarm), targets).map(({ id, expression, label, metric, period, returnData }) => {
    if (metric === undefined) return [{ id, expression, label: label ?? id, ...(period && { period }) }]
    const dimensions = Object.entries(metric.dimensions).flat()
    return [metric.namespace, metric.metricName, ...dimensions, { id, stat: metric.stat, visible: returnData }]
  })
}

function graph(cluster: Cluster, alarm: Alarm, index: number, targets: Targets) {
  return {
    type: 'metric',
    x: (index % columns) * graphSize.width,
    y: 6 + Math.floor(index / columns) * graphSize.height,
    ...graphSize,
    properties: {
      title: `${alarm.group}: ${alarm.id}`,
      region: regionOf(cluster, alarm),
      view: 'timeSeries',
      period: alarm.periodSeconds,
      metrics: widgetMetrics(alarm, targets),
      annotations: { horizontal: [{ value: alarm.threshold, label: `alarm ${alarm.comparison}` }] },
      yAxis: { left: { min: 0, label: alarm.unit, showUnits: false } },
    },
  }
}

const inPlace = (cluster: Cluster, place: Alarm['place']): Alarm[] =>
  alarmsOf(cluster).filter((alarm) => alarm.place === place)

const states = (cluster: Cluster, place: Alarm['place'], x: number, arn: (alarm: string) => string) => ({
  type: 'alarm',
  x,
  y: 0,
  width: 10,
  height: 6,
  properties: {
    title: place === 'edge' ? 'Edge' : 'Cluster',
    alarms: inPlace(cluster, place).map(({ id }) => arn(alarmName(cluster, id))),
  },
})

/** JSON text. `targets` as in the registry. */
export function dashboardBody(cluster: Cluster, targets: Targets): string {
  const arn = (region: string) => (name: string) => `arn:aws:cloudwatch:${region}:${cluster.account}:alarm:${name}`
  const help = [
    `# ${cluster.name}`,
    `[${cluster.domain}](https://${cluster.domain}/console)`,
    `[Runbooks](${runbookUrl(cluster, 'README')})`,
  ]
  return JSON.stringify({
    widgets: [
      // A widget wants one alarm at least.
      ...(inPlace(cluster, 'edge').length > 0 ? [states(cluster, 'edge', 0, arn(edgeRegion))] : []),
      states(cluster, 'region', 10, arn(cluster.region)),
      { type: 'text', x: 20, y: 0, width: 4, height: 6, properties: { markdown: help.join('\n\n') } },
      ...alarmsOf(cluster).map((alarm, index) => graph(cluster, alarm, index, targets)),
    ],
  })
}

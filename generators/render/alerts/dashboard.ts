// The Grafana dashboard of a cluster, as the ConfigMap that Grafana's sidecar loads: models, queue, GPUs, gateway, tenants, wakes, cost.
import { metricNames } from '../../../gateway/metric-names.ts'
import { metricsOf } from '../../engines/metric-names.ts'
import type { Cluster } from '../../schema/cluster.ts'
import { type Panel, rows } from './panels.ts'

// biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of Grafana
const datasource = { type: 'prometheus', uid: '${datasource}' }
const [width, height, columns] = [8, 8, 24]

const options = {
  table: { frameIndex: 0, showHeader: true },
  timeseries: {
    // Up to version 36 of the schema a legend was shown without showLegend, and Grafana adds it to no later one.
    legend: { showLegend: true, displayMode: 'list', placement: 'bottom', calcs: [] },
    tooltip: { mode: 'multi', sort: 'desc' },
  },
} as const

const panel = ({ title, unit, queries, kind = 'timeseries' }: Panel) => ({
  type: kind,
  title,
  datasource,
  fieldConfig: { defaults: { unit, ...(unit === 'percentunit' ? { min: 0, max: 1 } : { min: 0 }) }, overrides: [] },
  options: options[kind],
  targets: Object.entries(queries).map(([legendFormat, expr], index) => ({
    refId: String.fromCharCode(65 + index),
    datasource,
    expr,
    legendFormat,
    ...(kind === 'table' ? { instant: true, format: 'table' } : {}),
  })),
})

/** Rows one below the other, panels from left to right. */
function laidOut() {
  let [id, y] = [0, 0]
  return Object.entries(rows).flatMap(([title, panels]) => {
    const row = {
      type: 'row',
      title,
      id: ++id,
      collapsed: false,
      panels: [],
      gridPos: { x: 0, y: y++, w: columns, h: 1 },
    }
    const perLine = columns / width
    const placed = panels.map((one, index) => ({
      ...panel(one),
      id: ++id,
      gridPos: { x: (index % perLine) * width, y: y + Math.floor(index / perLine) * height, w: width, h: height },
    }))
    y += Math.ceil(panels.length / perLine) * height
    return [row, ...placed]
  })
}

const variable = (name: string, more: object) => ({ name, label: name, hide: 0, ...more })

export const dashboard = (cluster: Cluster) => ({
  uid: `slipway-${cluster.name}`.slice(0, 40),
  title: `Slipway: ${cluster.name}`,
  tags: ['slipway'],
  schemaVersion: 39,
  editable: false,
  time: { from: 'now-6h', to: 'now' },
  refresh: '1m',
  templating: {
    list: [
      variable('datasource', { type: 'datasource', query: 'prometheus' }),
      variable('model', {
        type: 'query',
        datasource,
        query: { query: `label_values(${metricNames.endpoints}, model)`, refId: 'models' },
        refresh: 2,
        includeAll: true,
        multi: true,
        current: { text: 'All', value: '$__all' },
      }),
    ],
  },
  panels: laidOut(),
})

/** Every metric that the dashboard reads. */
export const dashboardMetrics = (): string[] => [
  ...new Set(
    Object.values(rows).flatMap((panels) =>
      panels.flatMap(({ queries }) => Object.values(queries).flatMap((expr) => metricsOf(expr))),
    ),
  ),
]

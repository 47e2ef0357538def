// Costs and counts of several clusters side by side, as Markdown for the README and for a terminal. Pure.
import type { Graph } from '../graph/graph.ts'
import { type CostLine, costLines, resourceCounts, totalUsd } from './plan-cost.ts'

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

const table = (head: readonly string[], rows: readonly string[][]): string =>
  [row(head), row(head.map((_, index) => (index === 0 ? '---' : '---:'))), ...rows.map(row)].join('\n')

const dollars = (usd: number): string => usd.toLocaleString('en-US', { maximumFractionDigits: 0 })

const cell = (line: CostLine | undefined): string =>
  line === undefined ? '–' : `${line.count} × = ${dollars(line.usd)}`

/** Dearest first. */
export function costTable(graphs: readonly Graph[]): string {
  const all = graphs.map(costLines)
  const dearest = new Map<string, number>()
  for (const { what, usd } of all.flat()) dearest.set(what, Math.max(usd, dearest.get(what) ?? 0))
  const names = [...dearest].toSorted(([, a], [, b]) => b - a).map(([what]) => what)
  const rows = names.map((what) => [what, ...all.map((lines) => cell(lines.find((line) => line.what === what)))])
  const totals = all.map((lines) => `**${dollars(totalUsd(lines))}**`)
  return table(['$ a month, idle', ...graphs.map(({ cluster }) => cluster)], [...rows, ['together', ...totals]])
}

export function countTable(graphs: readonly Graph[]): string {
  const all = graphs.map(resourceCounts)
  const services = [...new Set(all.flatMap((counts) => [...counts.keys()]))].sort()
  const rows = services.map((service) => [service, ...all.map((counts) => String(counts.get(service) ?? 0))])
  const totals = all.map((counts) => [...counts.values()].reduce((sum, count) => sum + count, 0))
  return table(['service', ...graphs.map(({ cluster }) => cluster)], [...rows, ['together', ...totals.map(String)]])
}

// Which metrics an expression of PromQL reads, and whether a version of an engine has those that its row names.
import type { EngineVersion } from './engine.ts'

/** Words of PromQL that are where a metric could: operators, modifiers and their label lists go first. */
const grouped = /\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g
const words = new Set(['and', 'or', 'unless', 'offset', 'bool', 'group_left', 'group_right', 'inf', 'nan', 'atan2'])

/** Names in the order of their first use; `_bucket`, `_sum` and `_count` unchanged. */
export function metricsOf(expression: string): string[] {
  const bare = expression
    .replace(/"(?:[^"\\]|\\.)*"/g, '')
    .replace(/\{[^}]*\}/g, '')
    .replace(/\[[^\]]*\]/g, '')
    .replace(grouped, '')
    // Numbers and durations.
    .replace(/(?<![\w:])\d[\w.]*/g, '')
  const names = [...bare.matchAll(/[A-Za-z_:][\w:]*(?![\w:])(?!\s*\()/g)].map(([name]) => name)
  return [...new Set(names)].filter((name) => !words.has(name.toLowerCase()))
}

/** Metrics that the row of a version names and its page does not show: nothing could scale or be reported by them. */
export function missingMetrics({ metrics, latencies = {}, page }: EngineVersion): string[] {
  if (page === undefined) return []
  const named = [...Object.values(metrics).flatMap(({ query }) => metricsOf(query)), ...Object.values(latencies)]
  return [...new Set(named)].filter((name) => !(name in page))
}

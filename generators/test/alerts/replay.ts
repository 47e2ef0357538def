// Rules and series, replayed by `promtool test rules`: the engine of Prometheus itself, minute by minute, in as little time as it takes.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import type { RuleFile } from './rendered-rules.ts'
import { inputSeries, type TimedSeries } from './series.ts'

export interface Expectation {
  expr: string
  minute: number
  value: number
}

export interface Replay {
  rules: readonly RuleFile[]
  series: readonly TimedSeries[]
  minutes: number
  expectations: readonly Expectation[]
  /** How often rules are evaluated. */
  everyMinutes?: number
}

/** How many alerts were firing at the worst moment of these minutes, as an expression. */
export const firing = (which: string, minutes: number): string =>
  `max_over_time((count(ALERTS{alertstate="firing"${which}}) or vector(0))[${minutes}m:1m])`

export function replay(program: string, { rules, series, minutes, expectations, everyMinutes = 1 }: Replay) {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-rules-'))
  try {
    const files = rules.map(({ groups }, index) => {
      writeFileSync(join(folder, `rules-${index}.yaml`), stringify({ groups }))
      return `rules-${index}.yaml`
    })
    const test = {
      interval: '1m',
      input_series: inputSeries(series, minutes),
      promql_expr_test: expectations.map(({ expr, minute, value }) => ({
        expr,
        eval_time: `${minute}m`,
        exp_samples: [{ labels: '{}', value }],
      })),
    }
    const suite = { rule_files: files, evaluation_interval: `${everyMinutes}m`, tests: [test] }
    writeFileSync(join(folder, 'tests.json'), JSON.stringify(suite))
    return spawnSync(program, ['test', 'rules', 'tests.json'], { cwd: folder, encoding: 'utf8' })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

// Prometheus itself answers the queries of the gateway’s operator view, of the series that the rules record and Argo CD shows.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import {
  burnQuery,
  burnWindows,
  recordedErrors,
  recordedObjective,
  syncQuery,
} from '../../../gateway/operator/platform-view.ts'
import { assert, describe } from '../../../test/spec.ts'
import { burnRates } from '../../render/alerts/burn-rates.ts'
import { promtool, ruleFiles, rulesOf, withoutPromtool } from './rendered-rules.ts'

const labels = '{model="m",slo="availability"}'

/** Minute by minute. The pod that counted syncs is replaced after half an hour, and begins anew. */
const inputSeries = [
  { series: `${recordedObjective}${labels}`, values: '0.99+0x60' },
  ...burnWindows.map((window, at) => ({ series: `${recordedErrors(window)}${labels}`, values: `${at / 100}+0x60` })),
  { series: 'argocd_app_sync_total{name="a",phase="Succeeded",pod="1"}', values: '1+0x9 2+0x20 _x30' },
  { series: 'argocd_app_sync_total{name="b",phase="Failed",pod="1"}', values: '_x20 1+0x10 _x30' },
  { series: 'argocd_app_sync_total{name="a",phase="Failed",pod="2"}', values: '_x40 1+0x20' },
]

const sample = (name: string, phase: string) => ({ labels: `{name="${name}",phase="${phase}"}`, value: 1 })
/** One for each whose newest sync was between these minutes. */
const syncedBetween = (from: number, to: number): string =>
  `count by (name, phase) (${syncQuery} >= ${from * 60} <= ${to * 60})`

const tests = [
  ...burnWindows.map((window, at) => ({
    expr: `round(${burnQuery(window)}, 0.001)`,
    eval_time: '50m',
    exp_samples: [{ labels, value: at }],
  })),
  { expr: syncedBetween(10, 12), eval_time: '50m', exp_samples: [sample('a', 'Succeeded')] },
  { expr: syncedBetween(20, 22), eval_time: '50m', exp_samples: [sample('b', 'Failed')] },
  { expr: syncedBetween(40, 42), eval_time: '50m', exp_samples: [sample('a', 'Failed')] },
]

describe('the queries of the operator’s view', (test) => {
  test('name the series that the rules record, by the long windows of the alerts', () => {
    const recorded = new Set(ruleFiles.flatMap(rulesOf).map(({ record }) => record))
    for (const name of [recordedObjective, ...burnWindows.map(recordedErrors)]) assert.ok(recorded.has(name), name)
    assert.equal(
      burnRates.map(({ long }) => long),
      [...burnWindows],
    )
  })

  const program = promtool()
  if (program === undefined) {
    test.skip('are answered by Prometheus', withoutPromtool)
    return
  }
  test('are answered by Prometheus', () => {
    const folder = mkdtempSync(join(tmpdir(), 'slipway-queries-'))
    const file = join(folder, 'queries.yaml')
    const suite = { rule_files: [], tests: [{ interval: '1m', input_series: inputSeries, promql_expr_test: tests }] }
    writeFileSync(file, stringify(suite))
    const { status, stdout, stderr } = spawnSync(program, ['test', 'rules', file], { encoding: 'utf8' })
    rmSync(folder, { recursive: true })
    assert.is(status, 0, `${stdout}${stderr}`)
  })
})

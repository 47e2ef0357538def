// The dashboard and what Alertmanager gets, as Grafana, Prometheus and Alertmanager read them.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defaultDashboard } from '@grafana/schema'
import { stringify } from 'yaml'
import { metricNames } from '../../../gateway/metric-names.ts'
import { assert, describe } from '../../../test/spec.ts'
import { engines } from '../../engines/index.ts'
import { dashboard, dashboardMetrics } from '../../render/alerts/dashboard.ts'
import { foreignMetrics } from './foreign-metrics.ts'
import { schemaErrors } from './grafana-schema.ts'
import { plans, promtool, ruleFiles, rulesOf, withoutPromtool } from './rendered-rules.ts'

interface Panel {
  id: number
  type: string
  title: string
  gridPos: { x: number; y: number; w: number; h: number }
  targets?: { refId: string; expr: string }[]
}

const boards = plans.map(({ cluster }) => dashboard(cluster))
const [board] = boards
const panels = (board?.panels ?? []) as unknown as Panel[]
const expressions = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))

function inFolder<T>(use: (write: (name: string, text: string) => string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-dashboard-'))
  try {
    return use((name, text) => {
      writeFileSync(join(folder, name), text)
      return join(folder, name)
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describe('the dashboard of a cluster', (test) => {
  test('shows models, GPUs, gateway, tenants, wakes, queue, KV cache and cost', () => {
    const rows = panels.filter(({ type }) => type === 'row').map(({ title }) => title)
    assert.equal(rows, ['Models', 'Queue and KV cache', 'GPUs', 'Gateway', 'Tenants', 'Wakes and cost'])
    assert.is(new Set(boards.map(({ uid }) => uid)).size, boards.length)
  })

  test('reads metrics that somebody shows', () => {
    const own = new Set<string>(Object.values(metricNames))
    const records = new Set(ruleFiles.flatMap((file) => rulesOf(file).flatMap(({ record }) => record ?? [])))
    const pages = engines.flatMap(({ versions }) => versions.map(({ page = {} }) => page))
    for (const metric of dashboardMetrics()) {
      const stem = metric.replace(/_bucket$/, '')
      const isShown = own.has(metric) || records.has(metric) || metric in foreignMetrics
      assert.ok(isShown || pages.some((page) => metric in page || stem in page), metric)
    }
  })

  test('has panels that do not lie upon each other, and letters of their own for their queries', () => {
    assert.is(new Set(panels.map(({ id }) => id)).size, panels.length)
    for (const [index, { gridPos: a, targets = [] }] of panels.entries()) {
      assert.is(new Set(targets.map(({ refId }) => refId)).size, targets.length)
      assert.ok(a.x + a.w <= 24)
      for (const { gridPos: b } of panels.slice(index + 1))
        assert.ok(a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y)
    }
  })

  test('is one that Grafana’s schema allows, with nothing that it does not know', () => {
    for (const errors of schemaErrors(boards)) assert.equal(errors, [])
    // No Grafana of this schema reads a later version.
    for (const { schemaVersion } of boards) assert.ok(schemaVersion <= defaultDashboard.schemaVersion)
  })

  test('would be refused for a wrong word, a wrong value and a field that is missing', () => {
    const [query] = panels[1]?.targets ?? []
    const wrong: [change: object, says: RegExp][] = [
      [{}, /^$/],
      [{ targets: [{ ...query, legendFormt: 'a' }] }, /legendFormt/],
      [{ gridPos: { x: '0', y: 0, w: 8, h: 8 } }, /'string' is not assignable to type 'number'/],
      [{ options: {} }, /legend, tooltip/],
      [{ type: 'timeserie' }, /"timeserie"/],
    ]
    const found = schemaErrors(wrong.map(([change]) => ({ ...board, panels: [{ ...panels[1], ...change }] })))
    for (const [index, [change, says]] of wrong.entries())
      assert.match(found[index]?.join('\n') ?? '', says, JSON.stringify(change))
  })

  const program = promtool()
  const sentence = 'has expressions that Prometheus reads'
  if (program === undefined) test.skip(sentence, withoutPromtool)
  else
    test(sentence, () => {
      const rules = expressions.map((expr, index) => ({ record: `panel_${index}`, expr }))
      inFolder((write) => {
        const file = write('rules.yaml', stringify({ groups: [{ name: 'dashboard', rules }] }))
        const { status, stdout, stderr } = spawnSync(program, ['check', 'rules', file], { encoding: 'utf8' })
        assert.is(status, 0, `${stdout}${stderr}`)
      })
    })
})

describe('Alertmanager', (test) => {
  const config = plans[0]?.addons.find(({ addon }) => addon.name === 'kube-prometheus-stack')?.addon.values
    ?.alertmanager as { config: object }
  const amtool = join(process.env.SLIPWAY_PROMETHEUS ?? '', 'amtool')
  const absent = 'no amtool: install Debian’s package prometheus-alertmanager, or name its folder in SLIPWAY_PROMETHEUS'
  if (spawnSync(amtool, ['--version']).status !== 0) {
    test.skip('takes its settings, and sends our alerts to the topic', absent)
    return
  }

  const ask = (...args: string[]) =>
    inFolder((write) => {
      const file = write('alertmanager.yaml', stringify({ global: { resolve_timeout: '5m' }, ...config.config }))
      return spawnSync(
        amtool,
        args.map((word) => (word === 'FILE' ? file : word)),
        { encoding: 'utf8' },
      )
    })

  test('takes its settings', () => {
    const { status, stdout, stderr } = ask('check-config', 'FILE')
    assert.is(status, 0, `${stdout}${stderr}`)
  })

  test('sends our alerts to the topic, and those of the charts to nobody', () => {
    const route = (...labels: string[]) =>
      ask('config', 'routes', 'test', '--config.file', 'FILE', ...labels).stdout.trim()
    assert.is(route('alertname=ModelDown', 'part_of=slipway', 'severity=page'), 'alarm-topic')
    assert.is(route('alertname=KubePodCrashLooping', 'severity=critical'), 'nobody')
  })
})

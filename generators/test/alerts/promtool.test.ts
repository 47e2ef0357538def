// Prometheus itself evaluates every rule: a day without a fault notifies nobody, and each fault is reported in the time that is promised. By
// promtool, which runs the server’s own rules over its own storage with a clock that is moved: a server’s clock cannot be, so that one would need
// the hours of each window and `for`, or would have to be given the state of its alerts (ALERTS_FOR_STATE), which is what is to be found out.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { assert, describe } from '../../../test/spec.ts'
import { type AlertName, alerts } from '../../render/alerts/registry.ts'
import type { Rule } from '../../render/alerts/rule.ts'
import { type Fault, faultsOf, type Kind } from './fault.ts'
import { plans, promtool, ruleFiles, rulesOf, withoutPromtool } from './rendered-rules.ts'
import { type Expectation, firing, replay } from './replay.ts'
import { seriesOf } from './traffic.ts'

const cluster = plans.find(({ cluster: { name } }) => name === 'prod')
const model = cluster?.models.find(
  ({ slo }) => slo.availability !== undefined && Object.keys(slo.latencies).length === 2,
)

/** Of that model and of the platform, in one cluster. */
const used = ruleFiles.filter((file) => file.cluster === cluster && (file.model === undefined || file.model === model))

/** Minutes before the fault: good events that the longer windows hold too. */
const before = 90

const faults = Object.entries(faultsOf(model?.name ?? '')) as [AlertName, Kind[]][]
const alertRules = used.flatMap(rulesOf).filter(({ alert }) => alert !== undefined)

const isOf = ({ alert, labels = {} }: Rule, name: AlertName, kind: Kind): boolean =>
  alert === name && Object.entries(kind.labels ?? {}).every(([label, value]) => labels[label] === value)

/** From the fault to the alert. */
function promised(name: AlertName, kind: Kind): number {
  const { promisedMinutes } = alerts[name]
  if (kind.minutes !== undefined) return kind.minutes
  if (promisedMinutes !== 'planned') return promisedMinutes
  // What it must hold for, and two evaluations.
  const { for: duration = '0m' } = alertRules.find((rule) => isOf(rule, name, kind)) ?? {}
  return Number.parseInt(duration, 10) + 2
}

interface Replayed {
  fault: Fault
  kinds: [name: AlertName, kind: Kind][]
}

/** One replay for all that a fault is for. */
function replays(): Replayed[] {
  const byFault = new Map<string, Replayed>()
  for (const [name, kinds] of faults)
    for (const kind of kinds) {
      const key = JSON.stringify(kind.fault)
      const one = byFault.get(key) ?? { fault: kind.fault, kinds: [] }
      one.kinds.push([name, kind])
      byFault.set(key, one)
    }
  return [...byFault.values()]
}

function expectationsOf(kinds: Replayed['kinds']): { minutes: number; expectations: Expectation[] } {
  const minutes = Math.max(...kinds.map(([name, kind]) => promised(name, kind)))
  const expected = [...new Set(kinds.flatMap(([name, kind]) => [name, ...(kind.with ?? [])]))]
  return {
    minutes: before + minutes,
    expectations: [
      { expr: firing('', before), minute: before - 1, value: 0 },
      ...kinds.map(([name, kind]) => {
        const labels = { alertname: name, ...kind.labels }
        const which = Object.entries(labels).map(([label, value]) => `,${label}="${value}"`)
        const within = promised(name, kind)
        return { expr: `${firing(which.join(''), within)} > bool 0`, minute: before + within, value: 1 }
      }),
      { expr: firing(`,alertname!~"${expected.join('|')}"`, minutes), minute: before + minutes, value: 0 },
    ],
  }
}

describe('rules in Prometheus', (test) => {
  const program = promtool()
  const patient = { timeoutSeconds: 600 }
  if (program === undefined) {
    test.skip('all of them', withoutPromtool)
    return
  }
  const passes = ({ status, stdout, stderr }: ReturnType<typeof replay>) => assert.is(status, 0, `${stdout}${stderr}`)

  test('are valid, those of every cluster and model', () => {
    const folder = mkdtempSync(join(tmpdir(), 'slipway-rules-'))
    try {
      const files = ruleFiles.map(({ groups }, index) => {
        const path = join(folder, `${index}.yaml`)
        writeFileSync(path, stringify({ groups }))
        return path
      })
      passes(spawnSync(program, ['check', 'rules', '--lint-fatal', ...files], { encoding: 'utf8' }))
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test(
    'notify nobody in 24 hours of usual traffic',
    () => {
      const minutes = 24 * 60
      const expectations = [
        { expr: firing('', minutes), minute: minutes, value: 0 },
        // The rules were evaluated: every objective has its share, and it is a number.
        { expr: 'count(slipway:slo_errors:ratio_rate1h >= 0)', minute: minutes, value: 3 },
      ]
      const series = seriesOf({ model: model?.name ?? '', fault: {}, at: before })
      passes(replay(program, { rules: used, series, minutes, expectations }))
    },
    patient,
  )

  for (const one of plans)
    test(
      `notify nobody in 24 hours in ${one.cluster.name}, where all of its models are`,
      () => {
        const minutes = 24 * 60
        const rules = ruleFiles.filter((file) => file.cluster === one)
        const all = one.models.flatMap(({ name }) => seriesOf({ model: name, fault: {}, at: before }))
        // What is of no model is there once.
        const series = [...new Map(all.map((timed) => [JSON.stringify([timed.name, timed.labels]), timed])).values()]
        const expectations = [{ expr: firing('', minutes), minute: minutes, value: 0 }]
        passes(replay(program, { rules, series, minutes, expectations, everyMinutes: 5 }))
      },
      patient,
    )

  test('have a fault for each that alerts', () => {
    const kinds = faults.flatMap(([name, all]) => all.map((kind) => [name, kind] as const))
    for (const rule of alertRules)
      assert.ok(
        kinds.some(([name, kind]) => isOf(rule, name, kind)),
        `${rule.alert} ${JSON.stringify(rule.labels)}`,
      )
    for (const [name, kind] of kinds)
      assert.is(alertRules.filter((rule) => isOf(rule, name, kind)).length, 1, `${name} ${JSON.stringify(kind)}`)
  })

  test(
    'report each fault within the time that is promised, not before it, and nothing else',
    () => {
      for (const { fault, kinds } of replays()) {
        const series = seriesOf({ model: model?.name ?? '', fault, at: before })
        const { status, stdout, stderr } = replay(program, { rules: used, series, ...expectationsOf(kinds) })
        assert.is(status, 0, `${JSON.stringify(kinds)}\n${stdout}${stderr}`.slice(0, 2000))
      }
    },
    patient,
  )
})

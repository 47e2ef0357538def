// Prometheus itself evaluates every rule: a day without a fault notifies nobody, and each fault is reported in the time that is promised.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { assert, describe } from '../../../test/spec.ts'
import { type AlertName, alerts } from '../../render/alerts/registry.ts'
import type { Fault } from './fault.ts'
import { plans, promtool, type RuleFile, ruleFiles, rulesOf, withoutPromtool } from './rendered-rules.ts'
import { inputSeries } from './series.ts'
import { seriesOf } from './traffic.ts'

const cluster = plans.find(({ cluster: { name } }) => name === 'prod')
const model = cluster?.models.find(
  ({ slo }) => slo.availability !== undefined && Object.keys(slo.latencies).length === 2,
)

/** Of that model and of the platform, in one cluster. */
const used = ruleFiles.filter((file) => file.cluster === cluster && (file.model === undefined || file.model === model))

/** Minutes before the fault: good events that the longer windows hold too. */
const before = 90

/** What each alert is for; `days` of quiet time follow for those that wait for long. */
const faults: Record<AlertName, Fault[]> = {
  ModelAvailability: [{ errors: 0.5 }],
  ModelFirstToken: [{ slowFirst: 0.9 }],
  ModelInterToken: [{ slowTokens: 0.9 }],
  TenantAvailability: [{ errors: 0.5, ofTenant: 'support' }],
  ModelDown: [{ endpoints: 0 }],
  ModelWaking: [{ available: 0 }],
  PodCrashLoop: [{ crashes: true }],
  GpuPending: [{ unschedulable: true }],
  GpuFault: [{ xid: 79 }],
  EndpointsEjected: [{ ejections: true }],
  GatewayDown: [{ gatewayGone: true }],
  DiscoveryStale: [{ discoveryStale: true }],
  IssuerKeysStale: [{ keysStale: true }],
  TenantRefused: [{ refused: 'research' }],
  ApplicationOutOfSync: [{ outOfSync: 'gateway' }],
  ApplicationSyncFailed: [{ syncFailed: 'gateway' }],
  ApplicationDegraded: [{ degraded: `model-${model?.name}` }],
  SecretNotSynced: [{ secret: true }],
  CertificateNotReady: [{ certificate: true }, { certificateEnds: true }],
  MetricsMissing: [{ noKubeState: true }],
}

/** From the fault to the alert. */
function promised(name: AlertName): number {
  const { promisedMinutes } = alerts[name]
  if (promisedMinutes !== 'planned') return promisedMinutes
  // What it must hold for, and two evaluations.
  const { for: duration = '0m' } = used.flatMap(rulesOf).find(({ alert }) => alert === name) ?? {}
  return Number.parseInt(duration, 10) + 2
}

const firing = (which: string, minutes: number): string =>
  `max_over_time((count(ALERTS{alertstate="firing"${which}}) or vector(0))[${minutes}m:1m])`

interface Case {
  fault: Fault
  minutes: number
  expectations: { expr: string; minute: number; value: number }[]
}

function run(program: string, cases: readonly Case[], rules: readonly RuleFile[]) {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-rules-'))
  try {
    const files = rules.map(({ groups }, index) => {
      writeFileSync(join(folder, `rules-${index}.yaml`), stringify({ groups }))
      return `rules-${index}.yaml`
    })
    const tests = cases.map(({ fault, minutes, expectations }) => ({
      interval: '1m',
      input_series: inputSeries(seriesOf({ model: model?.name ?? '', fault, at: before }), minutes),
      promql_expr_test: expectations.map(({ expr, minute, value }) => ({
        expr,
        eval_time: `${minute}m`,
        exp_samples: [{ labels: '{}', value }],
      })),
    }))
    writeFileSync(join(folder, 'tests.json'), JSON.stringify({ rule_files: files, evaluation_interval: '1m', tests }))
    return spawnSync(program, ['test', 'rules', 'tests.json'], { cwd: folder, encoding: 'utf8' })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describe('rules in Prometheus', (test) => {
  const program = promtool()
  const patient = { timeoutSeconds: 300 }
  if (program === undefined) {
    test.skip('all of them', withoutPromtool)
    return
  }
  const passes = ({ status, stdout, stderr }: ReturnType<typeof run>) => assert.is(status, 0, `${stdout}${stderr}`)

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
      passes(run(program, [{ fault: {}, minutes, expectations }], used))
    },
    patient,
  )

  test(
    'report each fault within the time that is promised, and not before it',
    () => {
      for (const [name, kinds] of Object.entries(faults) as [AlertName, Fault[]][])
        for (const fault of kinds) {
          const end = before + promised(name)
          const which = `,alertname="${name}"`
          const expectations = [
            { expr: firing(which, before), minute: before - 1, value: 0 },
            { expr: `${firing(which, promised(name))} > bool 0`, minute: end, value: 1 },
          ]
          const { status, stdout, stderr } = run(program, [{ fault, minutes: end, expectations }], used)
          assert.is(status, 0, `${name} ${JSON.stringify(fault)}\n${stdout}${stderr}`.slice(0, 2000))
        }
    },
    patient,
  )
})

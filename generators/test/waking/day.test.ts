// A day of short calls, bursts and silence: no request meets a sleeping model within idleAfter of the last one.
import { sampleRoot } from '../../../test/sample-tree.ts'
import { assert, describe } from '../../../test/spec.ts'
import { everything, planRepository } from '../../pipeline.ts'
import { scaledObject } from '../../render/model/scaled-object.ts'
import { assumptions } from '../../schema/assumptions.ts'
import { type Arrival, type Day, simulate } from './day.ts'
import type { ScaledSpec } from './keda.ts'
import { herdAt, phases, random, recorded, recordedPhases, rollouts, traffic } from './traffic.ts'

const sleepers = planRepository(sampleRoot, everything).plans.flatMap(({ cluster, models }) =>
  models
    .filter(({ scaling }) => scaling.minReplicas === 0)
    .map((model) => ({ cluster: cluster.name, model, spec: scaledObject(model).spec as unknown as ScaledSpec })),
)

const gaps = (arrivals: readonly Arrival[], seconds: number): number =>
  arrivals.filter(({ at }, index) => index > 0 && at - (arrivals[index - 1]?.at ?? 0) > seconds).length

/** What every day must show: no request within idleAfter of the last one meets a sleeping model, and each wake takes its planned time. */
async function dayOf({ cluster, model, spec }: (typeof sleepers)[0], arrivals: Arrival[], rows = phases): Promise<Day> {
  const idle = model.scaling.idleAfterSeconds as number
  const next = random(11)
  const coldStartSeconds = () => Math.round(model.rollout.coldStartSeconds * (0.8 + next() * 0.35))
  const day = await simulate(spec, arrivals, { idleAfterSeconds: idle, coldStartSeconds, rollouts })
  const planned = model.rollout.coldStartSeconds
  const awake = (day.awakeSeconds / 3600).toFixed(1)
  console.log(`${cluster}/${model.name}: idleAfter ${idle} s, a wake planned with ${planned} s, awake ${awake} h
${table(day, arrivals, idle, rows)}`)
  const early = day.metAsleep.filter(({ idleSeconds }) => idleSeconds < idle)
  assert.equal(early, [])
  for (const { askedAt, readyAt } of day.wakes)
    assert.ok(readyAt - askedAt <= 1.2 * planned, `asked at ${askedAt}, ready after ${readyAt - askedAt} s`)
  assert.ok(day.sleeps.length >= 3 && day.sleeps.length <= gaps(arrivals, idle) + 1, `${day.sleeps.length} sleeps`)
  return day
}

/** A row for each phase: what came, and how it found the model. */
function table(
  { metAsleep, sleeps, wakes }: Day,
  arrivals: readonly Arrival[],
  idle: number,
  of: typeof phases,
): string {
  const rows = of.map(([hour, what], index) => {
    const isIn = (at: number) => at >= hour * 3600 && at < (of[index + 1]?.[0] ?? 24) * 3600
    const early = metAsleep.filter(({ at, idleSeconds }) => isIn(at) && idleSeconds < idle)
    const its = wakes.filter(({ askedAt }) => isIn(askedAt)).map(({ askedAt, readyAt }) => readyAt - askedAt)
    return [
      `${String(hour).padStart(2, '0')}:00`,
      what,
      arrivals.filter(({ at }) => isIn(at)).length,
      early.length,
      sleeps.filter(isIn).length,
      its.length,
      its.length === 0 ? '–' : `${Math.max(...its)} s`,
    ]
  })
  const titles = ['from', 'what comes', 'requests', 'asleep within idleAfter', 'falls asleep', 'wakes', 'slowest']
  const lines = [titles, titles.map(() => '---'), ...rows]
  const widths = titles.map((_, column) => Math.max(...lines.map((line) => String(line[column]).length)))
  return lines
    .map((line) => `| ${line.map((cell, column) => String(cell).padEnd(widths[column] ?? 0)).join(' | ')} |`)
    .join('\n')
}

describe('a day', (test) => {
  for (const sleeper of sleepers) {
    const { cluster, model } = sleeper
    test(
      `of ${model.name} in ${cluster}: asked within idleAfter it never sleeps, and it wakes once for a herd, in the planned time`,
      async () => {
        const { wakes } = await dayOf(sleeper, traffic(model.scaling.idleAfterSeconds as number))
        assert.is(wakes.filter(({ askedAt }) => askedAt === herdAt).length, 1, 'the herd')
      },
      { timeoutSeconds: 120 },
    )

    test(
      `of ${model.name} in ${cluster} with recorded requests: asked within idleAfter it never sleeps, and it wakes in the planned time`,
      async () => {
        assert.is(recorded().length, 294)
        await dayOf(sleeper, recorded(), recordedPhases)
      },
      { timeoutSeconds: 120 },
    )
  }

  test('would find a model asleep that is in use, if gauges of the moment alone kept it', async () => {
    const [{ model, spec }] = sleepers as [(typeof sleepers)[0]]
    const sampled = { ...spec, cooldownPeriod: 300, triggers: spec.triggers.slice(0, 2) }
    const calls = Array.from({ length: 1800 }, (_, index) => ({ at: 2000 + 2 * index, seconds: 0.059 }))
    const plan = { idleAfterSeconds: 300, coldStartSeconds: () => 120, rollouts: [] }
    const { metAsleep } = await simulate(sampled, calls, plan, 6000)
    assert.ok(metAsleep.filter(({ idleSeconds }) => idleSeconds < 300).length > 0, model.name)
  })

  test('of the catalogue has models to watch', () => {
    assert.ok(sleepers.length > 1)
    assert.is(assumptions.idleMargin.value, 1.2)
  })
})

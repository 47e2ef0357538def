// A day of short calls, bursts and silence: no request meets a sleeping model within idleAfter of the last one.
import { sampleRoot } from '../../../test/sample-tree.ts'
import { assert, describe } from '../../../test/spec.ts'
import { everything, planRepository } from '../../pipeline.ts'
import type { ModelPlan } from '../../plan/cluster-plan.ts'
import { scaledObject } from '../../render/model/scaled-object.ts'
import { assumptions } from '../../schema/assumptions.ts'
import { type Arrival, type Day, simulate } from './day.ts'
import type { ScaledSpec } from './keda.ts'
import { herdAt, random, rollouts, traffic } from './traffic.ts'

const sleepers = planRepository(sampleRoot, everything).plans.flatMap(({ cluster, models }) =>
  models
    .filter(({ scaling }) => scaling.minReplicas === 0)
    .map((model) => ({ cluster: cluster.name, model, spec: scaledObject(model).spec as unknown as ScaledSpec })),
)

const gaps = (arrivals: readonly Arrival[], seconds: number): number =>
  arrivals.filter(({ at }, index) => index > 0 && at - (arrivals[index - 1]?.at ?? 0) > seconds).length

async function dayOf(model: ModelPlan, spec: ScaledSpec): Promise<{ day: Day; arrivals: Arrival[]; idle: number }> {
  const idle = model.scaling.idleAfterSeconds as number
  const arrivals = traffic(idle)
  const next = random(11)
  const coldStartSeconds = () => Math.round(model.rollout.coldStartSeconds * (0.8 + next() * 0.35))
  const day = await simulate(spec, arrivals, { idleAfterSeconds: idle, coldStartSeconds, rollouts })
  return { day, arrivals, idle }
}

describe('a day', (test) => {
  for (const { cluster, model, spec } of sleepers)
    test(
      `of ${model.name} in ${cluster}: asked within idleAfter it never sleeps, and it wakes once for a herd, in the planned time`,
      async () => {
        const { day, arrivals, idle } = await dayOf(model, spec)
        const early = day.metAsleep.filter(({ idleSeconds }) => idleSeconds < idle)
        assert.equal(early, [])
        const planned = model.rollout.coldStartSeconds
        for (const { askedAt, readyAt } of day.wakes)
          assert.ok(readyAt - askedAt <= 1.2 * planned, `asked at ${askedAt}, ready after ${readyAt - askedAt} s`)
        assert.is(day.wakes.filter(({ askedAt }) => askedAt === herdAt).length, 1, 'the herd')
        assert.ok(
          day.sleeps.length >= 3 && day.sleeps.length <= gaps(arrivals, idle) + 1,
          `${day.sleeps.length} sleeps`,
        )
        const slowest = Math.max(...day.wakes.map(({ askedAt, readyAt }) => readyAt - askedAt))
        console.log(
          `${cluster}/${model.name}: ${arrivals.length} requests, ${day.wakes.length} wakes, the slowest ${slowest} s of ${planned} s planned, awake ${(day.awakeSeconds / 3600).toFixed(1)} h, ${early.length} met it asleep within idleAfter`,
        )
      },
      { timeoutSeconds: 120 },
    )

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

// Derived numbers of a model: nodes, rollouts, limits, cost.
import { assert, describe } from '../../../test/spec.ts'
import { planRepository } from '../../pipeline.ts'
import type { ModelPlan } from '../../plan/cluster-plan.ts'
import { planCost } from '../../plan/cost.ts'
import { instancesFor, type Need, replicasOn } from '../../plan/node.ts'
import { assumptions } from '../../schema/assumptions.ts'
import { homeRegion } from '../../schema/prices.ts'
import { parseCpu, parseMemory } from '../../schema/quantity.ts'
import { validFixture, withRepository } from '../fixture.ts'

/** Plan of valid/'s chat model in cluster blue with other lines in its file. */
function planChat(...changes: [string, string][]): ModelPlan {
  return withRepository(validFixture, (repository) => {
    const text = repository.read('apps/models/chat.yaml')
    repository.write(
      'apps/models/chat.yaml',
      changes.reduce((all, [from, to]) => all.replace(from, to), text),
    )
    const { plans, diagnostics } = planRepository(repository.root, { models: ['chat'], clusters: ['blue'] })
    assert.equal(diagnostics, [])
    const model = plans[0]?.models[0]
    if (model === undefined) throw new Error('no plan')
    return model
  })
}

describe('rollout', (test) => {
  test('surges while a spare GPU may be had: (2 replicas + 1) × 1 of 4', () => {
    assert.is(planChat().rollout.surge, true)
  })

  test('goes one by one when the model may use every GPU of its kind', () => {
    assert.is(planChat(['maxReplicas: 2', 'maxReplicas: 4'], ['2000', '9000']).rollout.surge, false)
  })

  test('has limits that contain each other', () => {
    const { rollout } = planChat()
    assert.ok(rollout.progressDeadlineSeconds > rollout.startupSeconds)
    assert.ok(rollout.terminationGraceSeconds > rollout.preStopSeconds + rollout.drainSeconds)
  })

  test('explains every number it derives', () => {
    const numbers = planChat().derivations()
    for (const [name, { value, because }] of Object.entries(numbers))
      assert.ok(value !== '' && because.length > 10, name)
    assert.ok(numbers.startupSeconds?.assumptions.includes('weightLoadMbps'))
    for (const { assumptions: names } of Object.values(numbers))
      for (const name of names) assert.ok(name in assumptions, name)
  })
})

const cheapest = (need: Need) => instancesFor(need, { region: homeRegion })[0]

describe('node', (test) => {
  test('is the cheapest instance that holds a replica', () => {
    assert.is(planChat().node.instance.type, 'g6.xlarge')
    assert.is(
      planChat(['accelerator: l4', 'accelerator: l4\nresources: { memory: 20Gi }']).node.instance.type,
      'g6.2xlarge',
    )
  })

  test('is shared by replicas that need only some of its GPUs', () => {
    const need: Need = { kind: 'l40s', gpus: 2, cpus: 3, memoryGib: 24, diskGib: 70 }
    const instance = cheapest(need)?.instance
    assert.is(instance?.type, 'g6e.12xlarge')
    assert.is(instance && replicasOn(instance, need), 2)
  })

  test('is none when nothing is large enough', () => {
    assert.is(cheapest({ kind: 'l4', gpus: 16, cpus: 1, memoryGib: 1, diskGib: 1 }), undefined)
  })
})

describe('cost', (test) => {
  test('is that of whole GPU nodes: 3 replicas, 2 on a node, are 2 nodes', () => {
    const twelve = cheapest({ kind: 'l40s', gpus: 2, cpus: 3, memoryGib: 24, diskGib: 70 })
    if (twelve === undefined) throw new Error('no node for two l40s')
    const { cost } = planCost(twelve, homeRegion, 2, { min: 0, max: 3 })
    assert.is(cost.minMonthlyUsd, 0)
    assert.is(cost.maxMonthlyUsd.toFixed(2), (2 * 10.49264 * 730).toFixed(2))
    assert.is(cost.usdPerHour, 10.49264)
  })
})

describe('quantities', (test) => {
  test('are read as Kubernetes does', () => {
    assert.equal(['500m', '2', '1.5'].map(parseCpu), [0.5, 2, 1.5])
    assert.equal(['8Gi', '512Mi'].map(parseMemory), [8, 0.5])
  })
})

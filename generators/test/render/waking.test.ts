// How many replicas waiting requests order: what the HorizontalPodAutoscaler makes of the triggers that synth renders.

import { sampleRoot } from '../../../test/sample-tree.ts'
import { assert, describe } from '../../../test/spec.ts'
import { everything, planRepository } from '../../pipeline.ts'
import { renderModel } from '../../render/model/render-model.ts'
import { withRepository } from '../fixture.ts'

const path = 'apps/models/llama-3-3-70b-instruct.yaml'
/** Requests that wait at once. */
const held = [1, 4, 25]

interface Trigger {
  metadata: { query: string; threshold: string; activationThreshold: string }
}

/** The triggers of the model with another target of its own; none: the engine’s. */
const triggersWith = (target: string): Trigger[] =>
  withRepository(sampleRoot, ({ root, read, write }) => {
    write(
      path,
      read(path).replace(/^scaling: .*$/m, `scaling: { minReplicas: 0, maxReplicas: 4, idleAfter: 30m${target} }`),
    )
    const plan = planRepository(root, everything).plans.find(({ cluster }) => cluster.name === 'prod')
    const model = plan?.models.find(({ name }) => path.endsWith(`/${name}.yaml`))
    if (plan === undefined || model === undefined) throw new Error('no plan')
    const objects = renderModel(model, plan.cluster, plan.images.images).map(({ object }) => object)
    const spec = objects.find(({ kind }) => kind === 'ScaledObject')?.spec as { triggers: Trigger[] } | undefined
    return spec?.triggers ?? []
  })

describe('a model that sleeps', (test) => {
  for (const [what, target, pods] of [
    ['the engine’s own target', '', [1, 1, 2]],
    ['requests that run', ', target: { metric: runningRequests, value: 8 }', [1, 1, 4]],
    ['requests that wait', ', target: { metric: waitingRequests, value: 5 }', [1, 1, 5]],
    ['a share of the KV cache', ', target: { metric: kvCacheUsage, value: 0.8 }', [1, 1, 2]],
  ] as const) {
    test(`wakes one replica for one request and for four of them when it scales on ${what}`, () => {
      const waking = triggersWith(target).find(({ metadata }) => metadata.query.includes('waiting_requests{model='))
      assert.is(waking?.metadata.activationThreshold, '0')
      // An AverageValue orders the sum over the threshold, rounded up.
      const ordered = held.map((requests) => Math.ceil(requests / Number(waking?.metadata.threshold)))
      assert.equal(ordered, [...pods])
    })
  }
})

// GPU nodes that models need together.
import { assert, describe } from '../../../test/spec.ts'
import type { ModelPlan } from '../../plan/cluster-plan.ts'
import { instancesFor, type Need, replicasOn } from '../../plan/node.ts'
import { packNodes, poolInstances } from '../../plan/pack-nodes.ts'
import type { AcceleratorKind } from '../../schema/accelerators.ts'
import { homeRegion } from '../../schema/prices.ts'

function model(kind: AcceleratorKind, gpus: number, replicas: number, memoryGib = 16): ModelPlan {
  const need: Need = { kind, gpus, cpus: gpus + 1, memoryGib, diskGib: 40 }
  const [node] = instancesFor(need, { region: homeRegion })
  if (node === undefined) throw new Error('no node')
  return {
    gpu: { kind, count: gpus, capacity: ['on-demand'] },
    node: { ...node, need, replicasPerNode: replicasOn(node.instance, need) },
    scaling: { maxReplicas: replicas },
    cost: { estimated: false },
  } as unknown as ModelPlan
}

const pack = (kind: AcceleratorKind, ...models: ModelPlan[]) => {
  const { nodes, gpus } = packNodes(models, kind, ({ scaling }) => scaling.maxReplicas)
  return [nodes, gpus]
}

describe('nodes of several models', (test) => {
  test('are shared by replicas of one model', () => {
    assert.equal(pack('a100-80gb', model('a100-80gb', 4, 2)), [1, 8])
    assert.equal(pack('a100-80gb', model('a100-80gb', 4, 3)), [2, 16])
  })

  test('are shared by models', () => {
    assert.equal(pack('a100-80gb', model('a100-80gb', 4, 1), model('a100-80gb', 2, 2)), [1, 8])
    assert.equal(pack('h100', model('h100', 1, 3), model('h100', 8, 1)), [2, 16])
  })

  test('are not shared with a model that has its own smaller kind of node', () => {
    assert.equal(pack('l40s', model('l40s', 1, 1), model('l40s', 2, 1)), [2, 5])
  })

  test('have no room left for a replica when their memory is used up', () => {
    assert.equal(pack('l40s', model('l40s', 2, 2, 300)), [2, 8])
  })

  test('cost what they cost, once', () => {
    const two = [model('l40s', 2, 1), model('l40s', 2, 1)]
    assert.is(packNodes(two, 'l40s', () => 1).monthlyUsd.toFixed(2), (10.49264 * 730).toFixed(2))
  })

  test('are of the sizes that plans chose', () => {
    assert.ok(poolInstances('l4', [model('l4', 1, 1)]).every((type) => !/12xlarge|24xlarge|48xlarge/.test(type)))
    assert.equal(
      poolInstances('l40s', [model('l40s', 1, 1), model('l40s', 2, 1)]).filter((type) =>
        /(?:12|24|48)xlarge/.test(type),
      ),
      ['g6e.12xlarge', 'g6e.24xlarge'],
    )
  })
})

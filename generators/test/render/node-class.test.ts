// Machines that start soon, and reserved ones: held to the rules of the custom resource and of nodeadm.
import { parse } from 'yaml'
import { sampleRoot } from '../../../test/sample-tree.ts'
import { assert, describe } from '../../../test/spec.ts'
import { planRepository } from '../../pipeline.ts'
import type { ClusterPlan } from '../../plan/cluster-plan.ts'
import { renderNodePools } from '../../render/cluster/node-pools.ts'
import { reservationRisks } from '../../review/risks/reservation-risks.ts'
import type { Side } from '../../review/side.ts'
import { accelerators } from '../../schema/accelerators.ts'
import { validFixture, withRepository } from '../fixture.ts'

interface NodeClass {
  capacityReservationSelectorTerms?: { id: string }[]
  blockDeviceMappings: { ebs: { iops?: number; throughput?: number } }[]
  instanceStorePolicy: string
  userData?: string
}

const reserved = 'maxGpus: { l4: 4 }\n  reservations: [{ id: cr-0a1b, kind: l4, count: 4, until: 2027-01-31 }]'

/** Cluster blue of valid/, whose chat takes GPUs in these ways. */
const planBlue = (capacity: string): ClusterPlan =>
  withRepository(validFixture, ({ root, read, write }) => {
    const cluster = 'clusters/blue/cluster.yaml'
    write(cluster, read(cluster).replace('maxGpus: { l4: 4 }', reserved))
    const chat = 'apps/models/chat.yaml'
    write(chat, read(chat).replace('blue: {}', `blue: { accelerator: { capacity: ${capacity} } }`))
    const { plans, diagnostics } = planRepository(root, { models: [], clusters: ['blue'] })
    assert.equal(diagnostics, [])
    return plans[0] as ClusterPlan
  })

const specOf = (plan: ClusterPlan, kind: string, name: string) =>
  renderNodePools(plan).find(({ object }) => object.kind === kind && object.metadata.name === name)?.object.spec

const { plans } = planRepository(sampleRoot, { models: [], clusters: [] })

describe('a node class', (test) => {
  test('of GPUs pulls images side by side, on a volume that is fast enough for it, or the instance’s own disks', () => {
    for (const plan of plans)
      for (const { name, gpuLimit } of plan.nodePools) {
        const spec = specOf(plan, 'EC2NodeClass', name) as unknown as NodeClass
        const { iops = 3000, throughput = 125 } = spec.blockDeviceMappings[0]?.ebs ?? {}
        assert.is(spec.instanceStorePolicy, 'RAID0')
        if (gpuLimit === undefined) {
          assert.is(spec.userData, undefined, 'CPU nodes are too small for the gate')
          continue
        }
        assert.equal(parse(spec.userData ?? '').spec.featureGates, { FastImagePull: true })
        assert.ok(throughput >= 600 && throughput <= 1000 && iops <= 16_000 && throughput <= iops / 4, name)
      }
  })

  test('of every GPU kind is of instances that nodeadm’s gate takes, with disks of their own', () => {
    for (const { instances } of Object.values(accelerators))
      for (const { type, vcpus, memoryGib, localDiskGb } of instances)
        assert.ok(vcpus >= 4 && memoryGib >= 8 && localDiskGb > 0, type)
  })

  test('names the reserved GPUs of its kind when a model takes them, and the pool takes them first', () => {
    const plan = planBlue('[reserved, spot, on-demand]')
    const { capacityReservationSelectorTerms } = specOf(plan, 'EC2NodeClass', 'l4') as unknown as NodeClass
    assert.equal(capacityReservationSelectorTerms, [{ id: 'cr-0a1b' }])
    const pool = specOf(plan, 'NodePool', 'l4') as {
      template: { spec: { requirements: { key: string; values: string[] }[] } }
    }
    const types = pool.template.spec.requirements.find(({ key }) => key === 'karpenter.sh/capacity-type')
    assert.equal(types?.values, ['on-demand', 'reserved', 'spot'])
    const without = specOf(planBlue('[on-demand]'), 'EC2NodeClass', 'l4') as unknown as NodeClass
    assert.is(without.capacityReservationSelectorTerms, undefined)
  })
})

describe('a reservation that ends', (test) => {
  const risks = (capacity: string, date: string) =>
    reservationRisks({ plans: [planBlue(capacity)] } as unknown as Side, date)

  test('is on the card two weeks before, with what then has no GPU', () => {
    assert.equal(risks('[reserved]', '2027-01-16'), [])
    const [soon] = risks('[reserved]', '2027-01-17')
    assert.is(soon?.level, 'warning')
    assert.match(soon?.text ?? '', /end on 2027-01-31, in 14 days\. No other GPU may run chat/)
    const [over] = risks('[reserved, on-demand]', '2027-02-01')
    assert.is(over?.level, 'caution')
    assert.match(over?.text ?? '', /ended on 2027-01-31\. Karpenter buys others for chat then\./)
  })
})

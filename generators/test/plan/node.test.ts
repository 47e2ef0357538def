// Instances, what is free on them, and what they cost: against figures that Karpenter and EC2 published.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { assert, describe } from '../../../test/spec.ts'
import { allocatable, instancesFor, type Need, replicasOn, roomOn } from '../../plan/node.ts'
import { type AcceleratorKind, acceleratorKinds, accelerators } from '../../schema/accelerators.ts'
import { assumptions } from '../../schema/assumptions.ts'
import { cpuInstances, gpuInstances, type Instance } from '../../schema/instances.ts'
import { homeRegion, priceLists, priceOf } from '../../schema/prices.ts'
import { parseCpu, parseMemory } from '../../schema/quantity.ts'
import { regions } from '../../schema/regions.ts'
import { repositoryRoot } from '../fixture.ts'

const all = [...Object.values(gpuInstances).flat(), ...cpuInstances]
const named = (type: string): Instance => {
  const found = all.find((one) => one.type === type)
  if (found === undefined) throw new Error(`no ${type}`)
  return found
}

/** Resources of the instance-types reference of Karpenter’s AWS provider v1.14.1: milli-CPU and MiB. */
const published: [type: string, cpu: number, memory: number][] = [
  ['g4dn.xlarge', 3920, 14481],
  ['g4dn.12xlarge', 47810, 178933],
  ['g5.48xlarge', 191450, 723299],
  ['g6.xlarge', 3920, 14162],
  ['gr6.4xlarge', 15890, 118312],
  ['g6e.12xlarge', 47810, 360157],
  ['g7.2xlarge', 7910, 27161],
  ['g7e.48xlarge', 191450, 1932558],
  ['p4de.24xlarge', 95690, 1082712],
  ['p5.48xlarge', 191450, 1938410],
  ['p5en.48xlarge', 191450, 1937332],
  ['p6-b300.48xlarge', 191450, 3877198],
  ['m7i.large', 1930, 6903],
]

describe('what pods may ask for', (test) => {
  for (const [type, cpu, memory] of published)
    test(`is on ${type} what Karpenter says`, () => {
      const { cpus, memoryGib } = allocatable(named(type))
      assert.equal([Math.round(cpus * 1000), Math.round(memoryGib * 1024)], [cpu, memory])
    })

  test('is less by what the daemons of every node ask for', () => {
    const requests = (addon: string) =>
      (
        parse(readFileSync(join(repositoryRoot, `apps/addons/${addon}.yaml`), 'utf8')) as {
          values: { resources: { requests: { cpu: string; memory: string } } }
        }
      ).values.resources.requests
    const ours = ['nvidia-device-plugin', 'aws-for-fluent-bit'].map(requests)
    const cpus = ours.reduce((sum, { cpu }) => sum + parseCpu(cpu), 0)
    const memoryMib = ours.reduce((sum, { memory }) => sum + parseMemory(memory) * 1024, 0)
    // Of EKS: aws-node 50 m, kube-proxy 100 m, ebs-csi-node 30 m and 120 MiB.
    assert.is(assumptions.daemonCpus.value.toFixed(3), (0.18 + cpus).toFixed(3))
    assert.is(assumptions.daemonMemoryMib.value, 120 + memoryMib)
    assert.is(roomOn(named('g6.xlarge')).cpus.toFixed(2), '3.67')
  })

  test('decides how many replicas share a node, not the GPUs alone', () => {
    const need = (cpus: number, memoryGib: number, diskGib: number): Need => ({
      kind: 'l4',
      gpus: 1,
      cpus,
      memoryGib,
      diskGib,
    })
    const twelve = named('g6.12xlarge')
    assert.is(replicasOn(twelve, need(2, 10, 30)), 4)
    assert.is(replicasOn(twelve, need(16, 10, 30)), 2)
    assert.is(replicasOn(twelve, need(2, 90, 30)), 1)
    assert.is(replicasOn(twelve, need(2, 10, 1100)), 2)
    assert.is(replicasOn(twelve, need(2, 200, 30)), 0)
  })
})

describe('instances', (test) => {
  test('without GPUs that Kubernetes can hand out are none: g6f, gr6f, p5.4xlarge, p5e', () => {
    assert.equal(
      all.filter(({ type }) => /^(?:g6f|gr6f|p5e)\.|^p5\.4xlarge$/.test(type)),
      [],
    )
  })

  test('are sold on demand, and of each kind the smallest come first', () => {
    for (const { type } of all) assert.is(priceOf(type, homeRegion)?.region, homeRegion, type)
    for (const kind of acceleratorKinds) {
      const counts = accelerators[kind].instances.map(({ gpus }) => gpus)
      assert.equal(
        counts,
        counts.toSorted((a, b) => a - b),
        kind,
      )
    }
  })

  const need = (kind: AcceleratorKind, gpus: number, memoryGib = 20): Need => ({
    kind,
    gpus,
    cpus: gpus + 1,
    memoryGib,
    diskGib: 50,
  })
  const first = (wanted: Need, region: string, gpuLimit?: number) =>
    instancesFor(wanted, { region, ...(gpuLimit !== undefined && { gpuLimit }) })[0]?.instance.type

  test('are taken within the limit of their pool, cheapest first', () => {
    assert.is(first(need('l40s', 2), homeRegion, 4), 'g6e.12xlarge')
    assert.is(first(need('l40s', 2), homeRegion, 3), undefined)
    assert.is(first(need('rtx-pro-6000', 2), homeRegion, 2), 'g7e.12xlarge')
    assert.is(first(need('h100', 1), homeRegion, 7), undefined)
    assert.is(first(need('b200', 4), homeRegion, 8), 'p6-b200.48xlarge')
    assert.is(first(need('l4', 1, 100), homeRegion), 'gr6.4xlarge')
  })

  test('whose price in the region is known come before those that may not be sold there', () => {
    const found = instancesFor(need('h200', 8), { region: 'us-west-1' })
    assert.equal(
      found.map(({ price }) => [price.usdPerHour, price.region]),
      [[79.12, 'us-west-1']],
    )
  })
})

describe('prices', (test) => {
  test('are those of the region, with the date of their list', () => {
    assert.equal(priceOf('g6.xlarge', 'us-east-1'), { usdPerHour: 0.8048, region: 'us-east-1', date: '2026-07-20' })
    assert.equal(priceOf('g6.xlarge', 'eu-central-1'), {
      usdPerHour: 1.0064,
      region: 'eu-central-1',
      date: '2025-05-28',
    })
    assert.equal(priceOf('p5.48xlarge', 'eu-west-2'), { usdPerHour: 71.552, region: 'eu-west-2', date: '2026-01-20' })
  })

  test('of another region replace those that are not there', () => {
    assert.is(priceOf('g5.xlarge', 'us-west-1')?.region, homeRegion)
    assert.is(priceOf('g6f.xlarge', 'us-west-1'), undefined)
  })

  test('are only of instances, regions and GPU kinds that the other tables have', () => {
    const types = new Set(all.map(({ type }) => type))
    for (const { regions: listed } of priceLists)
      for (const [region, own] of Object.entries(listed))
        for (const type of Object.keys(own)) {
          assert.ok(types.has(type), type)
          const kind = acceleratorKinds.find((one) =>
            accelerators[one].instances.some((instance) => instance.type === type),
          )
          assert.ok(kind === undefined || regions[region]?.accelerators.includes(kind), `${kind} in ${region}`)
        }
  })

  test('are missing only where somebody saw the GPU and nobody its price', () => {
    const unpriced = Object.entries(regions).flatMap(([region, { accelerators: kinds }]) =>
      kinds
        .filter((kind) => accelerators[kind].instances.every(({ type }) => priceOf(type, region)?.region !== region))
        .map((kind) => `${kind} in ${region}`),
    )
    assert.equal(
      unpriced,
      ['us-west-1', 'eu-west-3', 'ap-east-1', 'ap-southeast-1'].map((region) => `a10g in ${region}`),
    )
  })

  test('of a list are left out when its price in the home region is another today', () => {
    for (const { regions: listed } of priceLists)
      for (const [type, usd] of Object.entries(listed[homeRegion] ?? {}))
        assert.is(usd, priceOf(type, homeRegion)?.usdPerHour, type)
  })
})

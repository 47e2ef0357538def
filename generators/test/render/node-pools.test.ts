// What Karpenter may do with nodes: never at once, never without a replacement, never to pack, never before pods could move.
import fc from 'fast-check'
import { sampleRoot } from '../../../test/sample-tree.ts'
import { assert, describe } from '../../../test/spec.ts'
import { changeValue } from '../../load/change-value.ts'
import { loadRepository } from '../../load/load-repository.ts'
import { everything, planLoaded, planRepository } from '../../pipeline.ts'
import type { ClusterPlan } from '../../plan/cluster-plan.ts'
import { graceHours, planNodePools } from '../../plan/node-pools.ts'
import { renderNodePools } from '../../render/cluster/node-pools.ts'
import type { KubernetesObject } from '../../render/manifest.ts'
import { assumptions } from '../../schema/assumptions.ts'
import { nodeDefaults } from '../../schema/cluster-defaults.ts'
import { gatewayShutdown } from '../../schema/contract.ts'
import { weekdays } from '../../schema/fields.ts'
import { validFixture, withRepository } from '../fixture.ts'
import { manifestsOf } from './manifests-of.ts'

interface Budget {
  nodes: string
  reasons?: string[]
  schedule?: string
  duration?: string
}

interface PoolSpec {
  template: { spec: { expireAfter: string; terminationGracePeriod: string } }
  disruption: { consolidationPolicy: string; budgets: Budget[] }
}

const blueFile = 'clusters/blue/cluster.yaml'

/** Cluster blue of valid/ with other files. */
const planBlue = (...changes: [path: string, from: string | RegExp, to: string][]): ClusterPlan =>
  withRepository(validFixture, ({ root, read, write }) => {
    for (const [path, from, to] of changes) write(path, read(path).replace(from, to))
    const { plans } = planRepository(root, { models: [], clusters: ['blue'] })
    return plans[0] as ClusterPlan
  })

const withNodes = (text: string): [string, RegExp, string] => [blueFile, /$/, `nodes: ${text}\n`]

const objects = (plan: ClusterPlan, kind: string): KubernetesObject[] =>
  renderNodePools(plan).flatMap(({ object }) => (object.kind === kind ? [object] : []))

const pools = (plan: ClusterPlan) =>
  objects(plan, 'NodePool').map(({ metadata: { name }, spec }) => ({ name, spec: spec as unknown as PoolSpec }))

const graceSeconds = ({ template }: PoolSpec): number =>
  3600 * Number(/^(\d+)h$/.exec(template.spec.terminationGracePeriod)?.[1])

const day24 = 24 * 60
const week = 7 * day24

/** Karpenter’s rule (pkg/apis/v1/nodepool.go): a budget holds for its duration after each hit; the lowest of all holds. */
function allowed(budgets: readonly Budget[], reason: string, minute: number): number {
  const holds = budgets.filter(({ reasons, schedule, duration }) => {
    if (reasons !== undefined && !reasons.includes(reason)) return false
    if (schedule === undefined) return true
    const [at = 0, hour = 0, , , days = ''] = schedule
      .split(' ')
      .map((part, index) => (index < 2 ? Number(part) : part))
    const starts = (days === '*' ? [...weekdays] : String(days).split(',')).map(
      (day) => weekdays.indexOf(day as (typeof weekdays)[number]) * day24 + Number(hour) * 60 + Number(at),
    )
    return starts.some((start) => (minute - start + week) % week < 60 * Number.parseInt(duration ?? '', 10))
  })
  return Math.min(...holds.map(({ nodes }) => Number(nodes)))
}

const aliases = (plan: ClusterPlan) =>
  objects(plan, 'EC2NodeClass').map(({ spec }) => (spec as { amiSelectorTerms: unknown }).amiSelectorTerms)

const { plans } = planRepository(sampleRoot, { models: [], clusters: [] })

describe('node pools', (test) => {
  test('never expire, move no running pod to save money and replace one node at a time, CPU as well as GPU', () => {
    for (const plan of [...plans, planBlue()]) {
      for (const { name, spec } of pools(plan)) {
        assert.is(spec.template.spec.expireAfter, 'Never', name)
        assert.is(spec.disruption.consolidationPolicy, 'WhenEmpty', name)
        assert.equal(spec.disruption.budgets, [{ nodes: '1' }], name)
      }
    }
  })

  test('take image and expiry from the cluster file, for every pool', () => {
    const plan = planBlue(withNodes('{ ami: al2023@v20270131, expireAfter: 336h }'))
    assert.equal(aliases(plan), [[{ alias: 'al2023@v20270131' }], [{ alias: 'al2023@v20270131' }]])
    assert.equal(
      pools(plan).map(({ spec }) => spec.template.spec.expireAfter),
      ['336h', '336h'],
    )
    assert.equal(aliases(planBlue()), [[{ alias: nodeDefaults.ami }], [{ alias: nodeDefaults.ami }]])
  })

  test('hold back the replacement of outdated nodes in quiet hours, at no other time, and nothing else', () => {
    const quiet = '{ days: [mon, fri], from: "06:30", hours: 14 }, { days: [sat], from: "00:00", hours: 30 }'
    const plan = planBlue(withNodes(`{ quietHours: [${quiet}] }`))
    for (const { spec } of pools(plan)) {
      for (let minute = 0; minute < week; minute += 10) {
        const [day, time] = [weekdays[Math.floor(minute / day24)], minute % day24]
        const weekday = (day === 'mon' || day === 'fri') && time >= 6 * 60 + 30 && time < 20 * 60 + 30
        const weekend = day === 'sat' || (day === 'sun' && time < 6 * 60)
        const { budgets } = spec.disruption
        assert.is(allowed(budgets, 'Drifted', minute), weekday || weekend ? 0 : 1, `${day} ${time}`)
        assert.is(allowed(budgets, 'Empty', minute), 1)
      }
    }
    const daily = pools(planBlue(withNodes('{ quietHours: [{ from: "23:05", hours: 2 }] }')))[0]
    assert.is(daily?.spec.disruption.budgets[1]?.schedule, '5 23 * * *')
  })

  test('end no drain by force before every pod of a model had the time to leave one after another', () => {
    const repository = withRepository(validFixture, ({ root }) => loadRepository(root, everything).repository)
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2e12 }), fc.integer({ min: 1, max: 100 }), (weightBytes, maxReplicas) => {
        const models = repository.models.map((model) => ({
          ...model,
          file: {
            ...model.file,
            position: model.file.position.bind(model.file),
            value: changeValue(model.file.value, ['scaling'], { minReplicas: 1, maxReplicas }),
          },
          lock: model.lock && { ...model.lock, value: changeValue(model.lock.value, ['weightBytes'], weightBytes) },
        }))
        const plan = planLoaded({ ...repository, models } as typeof repository).plans[0] as ClusterPlan
        for (const { name, spec } of pools(plan)) {
          const own = plan.models.filter(({ nodePool }) => nodePool === name)
          for (const { rollout, scaling } of own) {
            const slowest = Math.max(rollout.coldStartSeconds, rollout.startupSeconds)
            const needed = scaling.maxReplicas * slowest + rollout.terminationGraceSeconds
            assert.ok(graceSeconds(spec) >= needed, `${name}: ${graceSeconds(spec)} s of ${needed} s`)
          }
        }
      }),
      { numRuns: 50 },
    )
  })

  test('give every pod more than its own grace period, and follow the gateway’s replicas on CPU nodes', () => {
    for (const plan of [...plans, planBlue()]) {
      const cpu = pools(plan).find(({ name }) => name === 'cpu')
      assert.ok(cpu && graceSeconds(cpu.spec) >= gatewayShutdown.graceSeconds)
      for (const { nodePool, rollout } of plan.models) {
        const pool = pools(plan).find(({ name }) => name === nodePool)
        assert.ok(pool && graceSeconds(pool.spec) > rollout.terminationGraceSeconds + rollout.coldStartSeconds)
      }
    }
    const plan = planBlue()
    const { gateway } = plan
    const many = { ...gateway, settings: { ...gateway.settings, replicas: { ...gateway.settings.replicas, max: 500 } } }
    const cpu = planNodePools({ ...plan, gateway: many }).find(({ name }) => name === 'cpu')
    assert.ok(cpu && cpu.terminationGraceHours * 3600 >= 500 * assumptions.cpuNodeBootSeconds.value)
  })

  test('know what has one pod, the gateway too', () => {
    const lone = (plan: ClusterPlan) => plan.nodePools.flatMap(({ lonePods }) => lonePods.map(({ name }) => name))
    assert.equal(lone(planBlue()), ['embed', 'demo', 'chat'])
    assert.equal(lone(planBlue(['apps/gateway.yaml', 'min: 2', 'min: 1'])), ['embed', 'demo', 'gateway', 'chat'])
    assert.equal(lone(planBlue(['apps/models/chat.yaml', 'minReplicas: 1', 'minReplicas: 2'])), ['embed', 'demo'])
  })

  test('change the grace period seldom, since that replaces every node of the pool', () => {
    assert.equal([1, 14_400, 14_401, 28_800, 28_801, 100_000].map(graceHours), [4, 4, 8, 8, 16, 32])
  })

  test('meet no pod that could not be drained: one of each budget may go, and none asks to be left alone', () => {
    for (const plan of plans) {
      for (const { object } of manifestsOf(plan)) {
        assert.not.match(JSON.stringify(object), 'karpenter.sh/do-not-disrupt')
        if (object.kind === 'PodDisruptionBudget')
          assert.is((object.spec as { maxUnavailable: unknown }).maxUnavailable, 1, object.metadata.name)
      }
    }
  })
})

describe('expiry', (test) => {
  const expiry = (text: string, change: [string, string] = ['', '']) =>
    withRepository(validFixture, ({ root, read, write }) => {
      write(blueFile, `${read(blueFile)}nodes: { expireAfter: ${text} }\n`)
      write('apps/models/chat.yaml', read('apps/models/chat.yaml').replace(...change))
      return planRepository(root, { models: [], clusters: ['blue'] }).diagnostics
    })
  const codesOf = (...args: Parameters<typeof expiry>) => expiry(...args).map(({ code }) => code)

  test('is a warning that names the models with one pod and how long each is away, the longest first', () => {
    const [warning] = expiry('720h')
    assert.is(warning?.code, 'NODE_EXPIRY')
    assert.match(warning?.message ?? '', /chat ≈\d{3} s, embed ≈\d+ s, demo ≈\d+ s$/)
    assert.equal(expiry('Never'), [])
  })

  test('is refused when nodes could drain all their life, however long that is', () => {
    assert.equal(
      ['1h', '7h', '8h'].map((text) => codesOf(text)),
      [['NODE_EXPIRY_SHORT'], ['NODE_EXPIRY_SHORT'], ['NODE_EXPIRY']],
    )
    const many: [string, string] = ['maxReplicas: 2', 'maxReplicas: 40']
    assert.ok(codesOf('16h', many).includes('NODE_EXPIRY_SHORT'))
    assert.ok(codesOf('32h', many).includes('NODE_EXPIRY'))
  })

  for (const text of ['never', '30d', '720', '0h', '90m', '-1h', '720h30m', '100000h', '""'])
    test(`takes no ${text}`, () => assert.ok(codesOf(text).some((code) => code.startsWith('FIELD_'))))
})

describe('image', (test) => {
  const wrong = [
    'al2023@latest',
    'al2@v20260903',
    'bottlerocket@v1.20.4',
    'al2023@20260903',
    'al2023@v20261340',
    'ami-0a1b2c3d',
  ]
  for (const ami of wrong) {
    test(`is never ${ami}`, () => {
      const diagnostics = withRepository(validFixture, ({ root, read, write }) => {
        write(blueFile, `${read(blueFile)}nodes: { ami: ${ami} }\n`)
        return planRepository(root, everything).diagnostics
      })
      assert.equal(
        diagnostics.map(({ code }) => code),
        ['FIELD_VALUE'],
      )
    })
  }
})

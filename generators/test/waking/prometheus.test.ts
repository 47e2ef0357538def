// The queries that KEDA asks, answered by a real Prometheus: from the series of a simulated day, and from a gateway that runs.
import { FakeEngine } from '../../../gateway/test/fake-engine.ts'
import { chat, model, startGateway, until } from '../../../gateway/test/harness.ts'
import { assert, describe } from '../../../test/spec.ts'
import { usedQuery } from '../../plan/used-query.ts'
import { gatewayMetrics } from '../../schema/contract.ts'
import { base, simulate } from './day.ts'
import type { ScaledSpec } from './keda.ts'
import { Prometheus, prometheusFolder, whyNot } from './prometheus.ts'
import { rollouts, traffic } from './traffic.ts'

const idleAfterSeconds = 900

/** As rendered, for a model `m`. */
const spec: ScaledSpec = {
  minReplicaCount: 0,
  maxReplicaCount: 2,
  cooldownPeriod: 60,
  fallback: { failureThreshold: 40, replicas: 1, behavior: 'currentReplicas' },
  triggers: [24, 24, 1].map((threshold) => ({
    type: 'prometheus',
    metadata: { threshold: String(threshold), activationThreshold: '0', ignoreNullValues: String(threshold > 1) },
  })),
}

const kinds = {
  [gatewayMetrics.inflight]: 'gauge',
  [gatewayMetrics.waiting]: 'gauge',
  [gatewayMetrics.lastUse]: 'gauge',
  [gatewayMetrics.requests]: 'counter',
} as const

describe('a real Prometheus', (test) => {
  if (prometheusFolder === undefined) {
    test.skip('answers as the simulation reads it', whyNot)
    return
  }

  test(
    'answers each poll of a simulated day as the simulation reads it',
    async () => {
      const plan = { idleAfterSeconds, coldStartSeconds: () => 700, rollouts }
      const { store, polls } = await simulate(spec, traffic(idleAfterSeconds), plan)
      const prometheus = await Prometheus.start({ history: store.openMetrics(base, kinds) })
      try {
        const [first, last] = [polls[0]?.at ?? 0, polls.at(-1)?.at ?? 0]
        const values = await prometheus.range(usedQuery('m', idleAfterSeconds), base + first, base + last, 15)
        const wrong = polls.filter(({ at, used }) => values.get(base + at) !== used)
        assert.equal(wrong, [])
        assert.ok(polls.length > 5000 && polls.some(({ used }) => used === 0) && polls.some(({ used }) => used === 1))
      } finally {
        await prometheus.stop()
      }
    },
    { timeoutSeconds: 120 },
  )

  test(
    'sees a request of a running gateway from its first one on, however short, until idleAfter is over, and of no other model',
    async () => {
      const engine = await FakeEngine.start()
      const gateway = await startGateway([model('m', [engine.endpoint]), model('other', [engine.endpoint])])
      const address = new URL(gateway.adminUrl).host
      const prometheus = await Prometheus.start({ targets: [{ job: 'gateway', address, labels: { pod: 'g' } }] })
      const used = (name = 'm') => prometheus.value(usedQuery(name, 8))
      try {
        assert.is(await used('nobody'), undefined)
        await until(async () => (await used()) === 0, 'the gateway was read', 10_000)
        assert.is((await gateway.post('/v1/chat/completions', chat('m'))).status, 200)
        const asked = performance.now()
        await until(async () => (await used()) === 1, 'its first request is seen', 5000)
        assert.is(await used('other'), 0)
        await until(async () => (await used()) === 0, 'it is over', 15_000)
        assert.ok(performance.now() - asked > 7500, `${performance.now() - asked} ms`)
        gateway.directory.setEndpoints('m', [])
        const held = gateway.post('/v1/chat/completions', chat('m'))
        await until(async () => (await used()) === 1, 'a request that waits is seen', 5000)
        await until(
          async () => (await prometheus.value(`sum(${gatewayMetrics.waiting}{model="m"})`)) === 1,
          'as one',
          5000,
        )
        gateway.directory.setEndpoints('m', [engine.endpoint])
        assert.is((await held).status, 200)
      } finally {
        await prometheus.stop()
        await gateway.stop()
        await engine.stop()
      }
    },
    { timeoutSeconds: 90 },
  )
})

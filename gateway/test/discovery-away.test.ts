// A whole gateway whose API server goes away: it serves on with what it knew, says so, and follows again afterwards.
import { assert, describe } from '../../test/spec.ts'
import { buildApp } from '../app.ts'
import { ClusterClient } from '../discovery/cluster-client.ts'
import type { ConfigMap, EndpointSlice } from '../discovery/kube-types.ts'
import { KubernetesDirectory } from '../discovery/kubernetes.ts'
import { metricNames } from '../metric-names.ts'
import { readConfig } from '../read-config.ts'
import { makeLog } from '../telemetry/access-log.ts'
import { FakeApiServer } from './fake-api-server.ts'
import { completion, FakeEngine } from './fake-engine.ts'
import { chat, metricValue, modelAnnotations, startIdentityProvider, until } from './harness.ts'

const services = '/api/v1/namespaces/models/services'
const slices = '/apis/discovery.k8s.io/v1/namespaces/models/endpointslices'
const tenants = '/api/v1/namespaces/gateway/configmaps'

const service = (name: string) => ({
  metadata: {
    name,
    namespace: 'models',
    annotations: modelAnnotations(name),
  },
})

/** Two names of one host: a pod is known by its address, whatever its port. */
const pods = ['127.0.0.1', 'localhost'] as const

const slice = (of: string, address: string, { port }: FakeEngine): EndpointSlice => ({
  metadata: { name: `${of}-${address}`, namespace: 'models', labels: { 'kubernetes.io/service-name': of } },
  addressType: 'IPv4',
  endpoints: [{ addresses: [address], conditions: { ready: true } }],
  ports: [{ name: 'http', port }],
})

const limits = { requestsPerMinute: 1_000_000, tokensPerMinute: 1_000_000_000, concurrency: 1000 }
const tenantJson = JSON.stringify({ name: 'research', claims: { client_id: 'research' }, limits, apiKeys: [] })

const tenantMap: ConfigMap = {
  metadata: { name: 'tenant-research', namespace: 'gateway' },
  data: { 'tenant.json': tenantJson },
}

async function startAll() {
  const identity = await startIdentityProvider()
  const { issuer } = identity
  const cluster = new FakeApiServer()
  await cluster.start()
  const [left, dead] = [await FakeEngine.start(), await FakeEngine.start()]
  cluster.put(services, service('ok'))
  cluster.put(slices, slice('ok', pods[0], left))
  cluster.put(slices, slice('ok', pods[1], dead))
  cluster.put(tenants, tenantMap)
  const directory = new KubernetesDirectory({
    client: new ClusterClient({ origin: `http://127.0.0.1:${cluster.port}`, token: () => 'token-1' }),
    namespace: 'gateway',
    times: { silenceMs: 400, listMs: 400, backoffMs: 20, backoffMaxMs: 100, watchSeconds: 300 },
  })
  const { server, admin, gateway } = await buildApp(
    { ...readConfig({}).config, TICK_SECONDS: 0.01 },
    {
      directory,
      issuers: [{ issuer, audiences: ['slipway'], jwksUri: `${issuer}/jwks`, scopes: ['slipway/invoke'] }],
      log: makeLog('error', { write: () => {} }),
    },
  )
  const url = await server.listen({ port: 0, host: '127.0.0.1' })
  const adminUrl = await admin.listen({ port: 0, host: '127.0.0.1' })
  const headers = { authorization: `Bearer ${await identity.token()}`, 'content-type': 'application/json' }
  return {
    cluster,
    left,
    dead,
    start: () => gateway.start(),
    ready: async () => (await fetch(`${adminUrl}/readyz`)).status,
    metric: async (name: string, labels?: Record<string, string>) =>
      metricValue(await (await fetch(`${adminUrl}/metrics`)).text(), name, labels),
    ask: async (name: string) => {
      const body = JSON.stringify(chat(name))
      const response = await fetch(`${url}/v1/chat/completions`, { method: 'POST', headers, body })
      return { status: response.status, text: await response.text() }
    },
    stop: async () => {
      await server.close()
      await admin.close()
      await gateway.stop()
      await cluster.stop()
      await identity.stop()
      await left.stop()
      await dead.stop()
    },
  }
}

describe('a gateway without its API server', (test) => {
  test('serves on when a pod dies, stays ready, reports for how long, and follows again', async () => {
    const { cluster, left, dead, start, ready, metric, ask, stop } = await startAll()
    const answered = { status: 200, text: completion('ok') }
    try {
      // Never heard of any: the only time at which it is not ready.
      assert.is(await ready(), 503)
      start()
      await until(async () => (await ready()) === 200, 'the first lists')
      assert.is(await metric(metricNames.discoveryStale), 0)
      assert.is(await metric(metricNames.endpoints, { model: 'ok' }), 2)
      // Both engines are used.
      await until(
        async () => {
          assert.equal(await ask('ok'), answered)
          return left.seen.length > 0 && dead.seen.length > 0
        },
        'both engines answer',
        4000,
      )

      const { port } = cluster
      await cluster.stop()
      const stale = async () => {
        assert.is(await ready(), 200)
        return metric(metricNames.discoveryStale)
      }
      await until(async () => (await stale()) > 0, 'the directory is stale')
      await dead.stop()
      const before = left.seen.length
      for (let count = 0; count < 40; count += 1) assert.equal(await ask('ok'), answered)
      assert.is(left.seen.length, before + 40)
      // Nobody reported it: it was found out, and the table still has it.
      assert.ok((await metric(metricNames.ejections, { model: 'ok' })) > 0)
      assert.is(await metric(metricNames.endpoints, { model: 'ok' }), 2)
      const first = await stale()
      await until(async () => (await stale()) > first + 0.2, 'it grows staler')
      assert.equal(await ask('ok'), answered)

      // What happened meanwhile: the dead pod has left, and a model has come.
      cluster.remove(slices, `ok-${pods[1]}`)
      cluster.put(services, service('bad-request'))
      cluster.put(slices, slice('bad-request', pods[0], left))
      cluster.expire('status')
      await cluster.start(port)
      await until(async () => (await metric(metricNames.endpoints, { model: 'ok' })) === 1, 'the pod is gone', 4000)
      await until(async () => (await ask('bad-request')).status === 400, 'the new model is known', 4000)
      await until(async () => (await stale()) === 0, 'no more staleness', 4000)
      assert.equal(await ask('ok'), answered)
      // And by watching again, not by that one list alone.
      cluster.remove(services, 'bad-request')
      await until(async () => (await ask('bad-request')).status === 404, 'the model is gone', 4000)
    } finally {
      await stop()
    }
  })
})

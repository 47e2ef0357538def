// The directory of a cluster against an API server with faults: the table is never empty in between, and always ends up
// equal to what the server has.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { assert, describe } from '../../test/spec.ts'
import { ClusterClient } from '../discovery/cluster-client.ts'
import type { Snapshot } from '../discovery/directory.ts'
import { countReady, mergeSlices } from '../discovery/endpoint-slices.ts'
import type { EndpointSlice, KubeObject } from '../discovery/kube-types.ts'
import { KubernetesDirectory } from '../discovery/kubernetes.ts'
import { ListWatch } from '../discovery/list-watch.ts'
import { FakeApiServer } from './fake-api-server.ts'
import { modelAnnotations, until } from './harness.ts'

const services = '/api/v1/namespaces/models/services'
const slices = '/apis/discovery.k8s.io/v1/namespaces/models/endpointslices'
const tenants = '/api/v1/namespaces/gateway/configmaps'
const pods = '/api/v1/namespaces/models/pods'
const events = '/api/v1/namespaces/models/events'
const gateways = '/apis/discovery.k8s.io/v1/namespaces/gateway/endpointslices'

const times = { silenceMs: 400, listMs: 400, backoffMs: 20, backoffMaxMs: 100, watchSeconds: 300 }

const service = (name: string, annotations: Record<string, string> = {}, metadata: object = {}) => ({
  metadata: {
    name,
    namespace: 'models',
    annotations: { ...modelAnnotations(name), ...annotations },
    ...metadata,
  },
})

type Conditions = { ready?: boolean | null; serving?: boolean; terminating?: boolean }

function slice(
  of: string,
  addresses: readonly (readonly [string, Conditions?])[],
  name = `${of}-1`,
  port = 'http',
): EndpointSlice {
  return {
    metadata: { name, namespace: 'models', labels: { 'kubernetes.io/service-name': of } },
    addressType: 'IPv4',
    endpoints: addresses.map(([address, conditions]) => ({ addresses: [address], conditions })),
    ports: [
      { name: 'metrics', port: 9000 },
      { name: port, port: 8000 },
    ],
  }
}

const configMap = (name: string, json: string) => ({
  metadata: { name: `tenant-${name}`, namespace: 'gateway' },
  data: { 'tenant.json': json },
})

const tenantJson = (name: string): string =>
  JSON.stringify({
    name,
    claims: { client_id: name },
    limits: { requestsPerMinute: 1, tokensPerMinute: 1, concurrency: 1 },
    apiKeys: [],
  })

/** `name address,address` of every model. */
const table = (snapshot: Snapshot): string[] =>
  [...snapshot.models.values()]
    .map(({ name, endpoints }) => `${name} ${endpoints.map(({ address }) => address).sort()}`)
    .sort()

describe('the directory of a cluster', (test) => {
  let server: FakeApiServer
  let directory: KubernetesDirectory

  const directoryOf = () =>
    new KubernetesDirectory({
      client: new ClusterClient({ origin: `http://127.0.0.1:${server.port}`, token: () => 'token-1' }),
      namespace: 'gateway',
      times,
    })
  const fresh = async () => {
    server = new FakeApiServer()
    await server.start()
    for (const name of ['a', 'b', 'c']) {
      server.put(services, service(name))
      server.put(slices, slice(name, [[`10.0.0.${name.charCodeAt(0)}`]]))
    }
    server.put(tenants, configMap('research', tenantJson('research')))
    server.put(gateways, slice('gateway', [['10.1.0.1'], ['10.1.0.2'], ['10.1.0.3', { ready: false }]]))
    directory = directoryOf()
    directory.start()
    await until(() => directory.ready, 'the first lists')
  }
  const end = async () => {
    await directory.stop()
    await server.stop()
  }
  const shows = (lines: readonly string[], ms?: number) =>
    until(
      () => JSON.stringify(table(directory.snapshot)) === JSON.stringify(lines),
      `${lines}; it has ${table(directory.snapshot)}`,
      ms,
    )
  const watched = () =>
    until(() => [...server.collections.values()].every(({ watchers }) => watchers.size === 1), 'four watches')
  const initial = ['a 10.0.0.97', 'b 10.0.0.98', 'c 10.0.0.99']

  /** From now on looks at every table, and between two of them; reports which models lacked an endpoint. */
  const gapsOf = (...names: string[]) => {
    const gaps = new Set<string>()
    const look = () => {
      const { models, tenants, gatewayReplicas } = directory.snapshot
      for (const name of names) if ((models.get(name)?.endpoints.length ?? 0) === 0) gaps.add(name)
      if (tenants.length === 0) gaps.add('tenants')
      if (gatewayReplicas !== 2) gaps.add('gateways')
      if (!directory.ready) gaps.add('ready')
    }
    directory.onChange(look)
    const timer = setInterval(look, 1)
    return () => {
      clearInterval(timer)
      return [...gaps]
    }
  }

  /** What another pod that starts now reads. */
  const freshTable = async () => {
    const another = directoryOf()
    another.start()
    await until(() => another.ready, 'the lists of another directory', 4000)
    await another.stop()
    return table(another.snapshot)
  }

  test('reads all pages with its token before it is ready', async () => {
    await fresh()
    assert.equal(table(directory.snapshot), initial)
    assert.equal(
      directory.snapshot.tenants.map(({ name }) => name),
      ['research'],
    )
    assert.is(directory.snapshot.gatewayReplicas, 2)
    assert.is(directory.snapshot.names.get('org/a')?.name, 'a')
    assert.ok(server.asked.some(({ query }) => query.has('continue')))
    assert.ok(server.asked.every(({ authorization }) => authorization === 'Bearer token-1'))
    await until(() => server.asked.filter(({ kind }) => kind === 'watch').length === 4, 'four watches')
    const watch = server.asked.find(({ kind }) => kind === 'watch')
    assert.is(watch?.query.get('allowWatchBookmarks'), 'true')
    assert.is(watch?.query.get('resourceVersion'), String(server.version))
    await end()
  })

  test('follows what is made, changed and deleted', async () => {
    await fresh()
    server.put(services, service('d'))
    server.put(slices, slice('d', [['10.0.0.1'], ['10.0.0.2']]))
    await shows([...initial, 'd 10.0.0.1,10.0.0.2'])
    server.put(slices, slice('d', [['10.0.0.2']]))
    await shows([...initial, 'd 10.0.0.2'])
    // An eviction empties the slice by MODIFIED, and a pod that vanished is in no slice.
    server.put(slices, slice('d', []))
    await shows([...initial, 'd '], 1000)
    server.remove(services, 'd')
    await shows(initial)
    await end()
  })

  for (const fault of ['status', 'event'] as const)
    test(`lists again after 410 as ${fault}: no endpoint is missing meanwhile, and the table equals a fresh list`, async () => {
      await fresh()
      await watched()
      const gaps = gapsOf('a', 'c')
      // Long enough for tables to be made before the new list is there.
      server.listDelayMs = 100
      server.expire(fault, [slices, services])
      server.dropWatches([slices, services])
      // What happens while nobody watches is found by the list.
      server.put(slices, slice('a', [['10.9.9.9']]))
      server.remove(services, 'b')
      await until(
        () => server.asked.filter(({ kind, path }) => kind === 'list' && path === slices).length > 2,
        'a list',
      )
      // Others are still watched, and bring a table while the lists are on their way.
      server.put(tenants, configMap('support', tenantJson('support')))
      await until(() => directory.snapshot.tenants.length === 2, 'the new tenant')
      await shows(['a 10.9.9.9', 'c 10.0.0.99'], 4000)
      assert.equal(gaps(), [])
      assert.equal(table(directory.snapshot), await freshTable())
      await end()
    })

  test('goes on from the last version after a dropped connection, and from a bookmark when there was nothing else', async () => {
    await fresh()
    await watched()
    const gaps = gapsOf('a', 'b', 'c')
    server.bookmark(services)
    server.bookmark(slices)
    const version = String(server.version)
    await new Promise((resolve) => setTimeout(resolve, 50))
    server.asked.length = 0
    server.listDelayMs = 100
    server.dropWatches()
    await until(() => server.asked.some(({ path }) => path === slices), 'a new watch')
    assert.is(server.asked.find(({ path }) => path === slices)?.query.get('resourceVersion'), version)
    await watched()
    // A watch that the server ends in peace is no reason for more.
    server.asked.length = 0
    for (const { watchers } of server.collections.values()) for (const res of watchers) res.end()
    await until(() => server.asked.filter(({ kind }) => kind === 'watch').length === 4, 'four new watches')
    await watched()
    server.put(slices, slice('a', [['10.7.7.7']]))
    await shows(['a 10.7.7.7', ...initial.slice(1)])
    assert.is(server.asked.filter(({ kind }) => kind === 'list').length, 0)
    // A bookmark has a version and is no object.
    assert.equal(directory.snapshot.problems, [])
    assert.equal(gaps(), [])
    assert.equal(table(directory.snapshot), await freshTable())
    await end()
  })

  test('watches pods once a model may sleep, and says how far its start is', async () => {
    await fresh()
    await watched()
    assert.not(server.collections.has(pods))
    const spec = JSON.stringify({ ...JSON.parse(modelAnnotations('z')['slipway.dev/spec'] ?? ''), minReplicas: 0 })
    server.put(services, service('z', { 'slipway.dev/spec': spec }))
    const start = () => directory.snapshot.models.get('z')?.start
    await until(() => start() === 'none', 'nothing is on its way', 4000)
    const labels = { 'app.kubernetes.io/name': 'z' }
    const pod = (status: object) => ({ metadata: { name: 'z-1', namespace: 'models', labels }, status })
    const node = pod({ conditions: [{ type: 'PodScheduled', status: 'False' }] })
    server.put(pods, node)
    await until(() => JSON.stringify(start()) === '{"stage":"node","hasWeights":false}', 'its pod waits for a node')
    server.put(events, {
      metadata: { name: 'z-1.1', namespace: 'models' },
      involvedObject: { kind: 'Pod', name: 'z-1' },
      reason: 'FailedScheduling',
      source: { component: 'karpenter' },
      lastTimestamp: '2026-11-30T10:00:00Z',
    } as KubeObject)
    await until(() => JSON.stringify(start())?.includes('"problem":"capacity"') === true, 'Karpenter has no node')
    server.put(pods, pod({ conditions: [{ type: 'PodScheduled', status: 'True' }], podIP: '10.0.0.1' }))
    await until(() => JSON.stringify(start())?.includes('"stage":"image"') === true, 'it has a node')
    server.put(slices, slice('z', [['10.0.0.1']]))
    await until(() => directory.snapshot.models.get('z')?.endpoints.length === 1, 'it is ready')
    assert.is(start(), undefined)
    await end()
  })

  test('keeps a pod that is in two slices once, and when one of them goes', async () => {
    await fresh()
    await watched()
    const gaps = gapsOf('a', 'b', 'c')
    server.put(slices, slice('a', [['10.0.0.97'], ['10.0.1.1']], 'a-2'))
    await shows(['a 10.0.0.97,10.0.1.1', ...initial.slice(1)])
    // The first slice hands the pod over to the second.
    server.put(slices, slice('a', []))
    server.put(slices, slice('a', [['10.0.0.97', { ready: false }]]))
    server.put(slices, slice('b', [['10.0.0.98'], ['10.0.1.2']]))
    await shows(['a 10.0.0.97,10.0.1.1', 'b 10.0.0.98,10.0.1.2', 'c 10.0.0.99'])
    server.remove(slices, 'a-1')
    server.put(slices, slice('b', [['10.0.0.98']]))
    await shows(['a 10.0.0.97,10.0.1.1', ...initial.slice(1)])
    assert.equal(gaps(), [])
    assert.equal(table(directory.snapshot), await freshTable())
    await end()
  })

  test('reconnects when a connection is open but dead', async () => {
    await fresh()
    await until(() => server.collection(slices).watchers.size === 1, 'the watch')
    server.asked.length = 0
    server.silent = true
    server.put(slices, slice('a', [['10.6.6.6']]))
    server.silent = false
    await until(() => server.asked.some(({ path }) => path === slices), 'a new watch after the silence', 3000)
    await end()
  })

  test('lists again after a line that is no JSON or too long', async () => {
    await fresh()
    for (const line of ['{"type":"ADDED","object":\n', `${'x'.repeat(1_200_000)}\n`]) {
      await until(() => server.collection(slices).watchers.size === 1, 'the watch')
      server.asked.length = 0
      server.say(slices, line)
      await until(() => server.asked.some(({ path }) => path === slices), 'another request')
    }
    server.put(slices, slice('a', [['10.5.5.5']]))
    await shows(['a 10.5.5.5', ...initial.slice(1)])
    await end()
  })

  test('does not ask without a pause when every watch says at once that its version is too old', async () => {
    let [lists, watches] = [0, 0]
    const old = createServer((req, res) => {
      if (req.url?.includes('watch=1')) watches += 1
      else lists += 1
      res.end(
        req.url?.includes('watch=1')
          ? '{"type":"ERROR","object":{"kind":"Status","code":410}}\n'
          : '{"metadata":{"resourceVersion":"1"},"items":[]}',
      )
    }).listen(0, '127.0.0.1')
    await once(old, 'listening')
    const client = new ClusterClient({ origin: `http://127.0.0.1:${(old.address() as AddressInfo).port}` })
    const watch = new ListWatch(client, '/x', 'a=b', () => {})
    watch.start()
    await new Promise((resolve) => setTimeout(resolve, 1000))
    watch.stop()
    old.closeAllConnections()
    old.close()
    assert.ok(lists >= 2 && lists <= 4 && watches <= 4, `${lists} lists, ${watches} watches`)
  })

  test('keeps its table while the API server is away, reports how long, and catches up afterwards', async () => {
    await fresh()
    const { port } = server
    const objects = [...server.collections].map(([path, { objects: found }]) => [path, found] as const)
    await server.stop()
    await until(() => directory.staleSeconds() > 0.3, 'staleness')
    assert.ok(directory.ready)
    assert.equal(table(directory.snapshot), initial)
    const again = new FakeApiServer()
    for (const [path, found] of objects) again.collection(path).objects = found
    again.version = 500
    again.remove(services, 'c')
    again.expire('status')
    server = again
    await again.start(port)
    await shows(initial.slice(0, 2), 4000)
    await until(() => directory.staleSeconds() === 0, 'no more staleness', 4000)
    await end()
  })

  test('reads a slice whose endpoints and ports are null, as a Service without pods has it', async () => {
    await fresh()
    server.put(slices, { ...slice('a', []), endpoints: null, ports: null } as EndpointSlice)
    await shows(['a ', ...initial.slice(1)])
    server.put(slices, slice('a', [['10.4.4.4']]))
    server.put(gateways, { ...slice('gateway', []), endpoints: null } as EndpointSlice)
    await shows(['a 10.4.4.4', ...initial.slice(1)])
    await until(() => directory.snapshot.gatewayReplicas === 1, 'this pod alone')
    await end()
  })

  test('lists again after three watches that failed, and after a list that was not answered in time', async () => {
    await fresh()
    await until(() => server.collection(slices).watchers.size === 1, 'the watch')
    server.asked.length = 0
    server.failingWatches = true
    server.dropWatches()
    server.silentLists = true
    const lists = () => server.asked.filter(({ kind, path }) => kind === 'list' && path === slices).length
    await until(() => lists() === 2, 'a second list', 4000)
    // The dropped one was the first of the three.
    assert.is(server.asked.filter(({ kind, path }) => kind === 'watch' && path === slices).length, 2)
    assert.ok(directory.staleSeconds() > 0.3)
    server.failingWatches = false
    server.silentLists = false
    server.put(slices, slice('a', [['10.3.3.3']]))
    await shows(['a 10.3.3.3', ...initial.slice(1)], 4000)
    await end()
  })

  test('keeps the older of two Services with one model, and what is bad hides nothing that is good', async () => {
    await fresh()
    server.put(services, service('z-new', { 'slipway.dev/model': 'a' }, { creationTimestamp: '2026-02-02T00:00:00Z' }))
    server.put(services, service('broken', { 'slipway.dev/spec': '{"maxModelLen":"long"}' }))
    server.put(tenants, configMap('support', tenantJson('support')))
    server.put(tenants, configMap('research', '{"name":"research"'))
    await until(
      () => directory.snapshot.problems.length === 3,
      `three problems: ${JSON.stringify(directory.snapshot.problems)}`,
    )
    assert.equal(table(directory.snapshot), initial)
    assert.equal(directory.snapshot.problems.map(({ object }) => object).sort(), [
      'ConfigMap gateway/tenant-research',
      'Service models/broken',
      'Service models/z-new',
    ])
    // The last good version of the tenant stays.
    assert.equal(directory.snapshot.tenants.map(({ name }) => name).sort(), ['research', 'support'])
    await end()
  })
})

describe('endpoint slices', (test) => {
  const addresses = (found: ReturnType<typeof mergeSlices>) =>
    found.map(({ address, ready }) => `${address} ${ready}`).sort()

  test('of one Service are merged; a pod in two of them counts once', () => {
    const merged = mergeSlices([
      slice('a', [['10.0.0.1'], ['10.0.0.2', { ready: null }]]),
      slice('a', [['10.0.0.2'], ['10.0.0.3', { ready: false }]], 'a-2'),
    ])
    assert.equal(addresses(merged), ['10.0.0.1 true', '10.0.0.2 true'])
    assert.ok(merged.every(({ port }) => port === 8000))
  })

  test('without a ready endpoint give those that go away but still serve', () => {
    const going = { ready: false, serving: true, terminating: true }
    assert.equal(
      addresses(
        mergeSlices([
          slice('a', [
            ['10.0.0.1', going],
            ['10.0.0.2', { ready: false, serving: false, terminating: true }],
          ]),
        ]),
      ),
      ['10.0.0.1 false'],
    )
    assert.equal(addresses(mergeSlices([slice('a', [['10.0.0.1', going], ['10.0.0.3']])])), ['10.0.0.3 true'])
  })

  test('of names, or without the port http, give none', () => {
    assert.equal(mergeSlices([{ ...slice('a', [['x.example.com']]), addressType: 'FQDN' }]), [])
    assert.equal(mergeSlices([slice('a', [['10.0.0.1']], 'a-1', 'other')]), [])
    assert.is(
      countReady([slice('g', [['10.0.0.1'], ['10.0.0.2', { ready: false }]]), slice('g', [['10.0.0.1']], 'g-2')]),
      1,
    )
  })
})

// A model that wakes: what a held request sees of nodes, images and weights, and of a start that cannot succeed.
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import OpenAI from 'openai'
import { serveProgress } from '../../model-server/hub/progress-server.ts'
import { assert, describe } from '../../test/spec.ts'
import type { ModelStart } from '../discovery/directory.ts'
import { fetchedBytes } from '../waking/fetch-progress.ts'
import { startOf } from '../waking/model-start.ts'
import { Wake, wakeWords } from '../waking/wake.ts'
import { WeightsWatch } from '../waking/weights-watch.ts'
import { FakeEngine } from './fake-engine.ts'
import { chat, metricValue, model, startGateway, until } from './harness.ts'

const coldStart = { node: 180, image: 150, weights: 96, engine: 230 }
const spec = { ...model('m', []).spec, minReplicas: 0, coldStart, weightBytes: 1_000_000 }
const asleep = () => model('m', [], { spec, start: 'none' })

const pod = (status: object, name = 'm-7d9f-abcde') => ({
  metadata: { name, namespace: 'models', creationTimestamp: '2026-11-30T10:00:00Z' },
  status,
})
const scheduled = { conditions: [{ type: 'PodScheduled', status: 'True' }], podIP: '10.0.0.9' }
const fetched = { name: 'fetch', state: { terminated: { exitCode: 0 } } }
const waits = (name: string, reason: string) => ({ name, state: { waiting: { reason } } })
const event = (about: object, reason: string, message: string, at: string, component = 'karpenter') => ({
  metadata: { name: `${reason}-${at}` },
  involvedObject: about,
  reason,
  message,
  reportingComponent: component,
  lastTimestamp: at,
})

describe('the start of a model', (test) => {
  const image = waits('engine', 'PodInitializing')
  for (const [what, status, stage] of [
    ['without a node', { conditions: [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }] }, 'node'],
    ['whose first image comes', { ...scheduled, initContainerStatuses: [image], containerStatuses: [image] }, 'image'],
    ['that fetches', { ...scheduled, initContainerStatuses: [{ name: 'fetch', state: { running: {} } }] }, 'weights'],
    [
      'whose engine’s image comes',
      { ...scheduled, initContainerStatuses: [fetched], containerStatuses: [image] },
      'image',
    ],
    [
      'whose engine runs',
      {
        ...scheduled,
        initContainerStatuses: [fetched],
        containerStatuses: [{ name: 'engine', state: { running: {} } }],
      },
      'loading',
    ],
  ] as const)
    test(`is read from a pod ${what}`, () => {
      const start = startOf('m', [pod(status)], [])
      assert.is(start?.stage, stage)
      assert.is(start?.problem, undefined)
    })

  for (const [what, status, problem] of [
    ['image cannot be pulled', { ...scheduled, containerStatuses: [waits('engine', 'ImagePullBackOff')] }, 'image'],
    [
      'Secret is missing',
      { ...scheduled, initContainerStatuses: [waits('fetch', 'CreateContainerConfigError')] },
      'settings',
    ],
    [
      'weights cannot be fetched',
      { ...scheduled, initContainerStatuses: [waits('fetch', 'CrashLoopBackOff')] },
      'weights',
    ],
    ['engine ends at once', { ...scheduled, containerStatuses: [waits('engine', 'CrashLoopBackOff')] }, 'crash'],
  ] as const)
    test(`has a problem when its ${what}`, () => {
      assert.is(startOf('m', [pod(status)], [])?.problem, problem)
      // Another pod that comes on makes up for it.
      assert.is(startOf('m', [pod(status), pod(scheduled, 'm-2')], [])?.problem, undefined)
    })

  test('has no node when Karpenter says so last, and not because the scheduler does', () => {
    const pending = pod({ conditions: [{ type: 'PodScheduled', status: 'False' }] })
    const about = { kind: 'Pod', name: pending.metadata.name }
    const none = event(
      about,
      'FailedScheduling',
      'Failed to schedule pod, all available instance types exceed limits',
      '2026-11-30T10:00:10Z',
    )
    const nominated = event(about, 'Nominated', 'Pod should schedule on: nodeclaim/l4-x', '2026-11-30T10:00:20Z')
    const scheduler = event(
      about,
      'FailedScheduling',
      '0/3 nodes are available',
      '2026-11-30T10:00:30Z',
      'default-scheduler',
    )
    assert.is(startOf('m', [pending], [none, scheduler])?.problem, 'capacity')
    assert.is(startOf('m', [pending], [none, nominated, scheduler])?.problem, undefined)
  })

  test('has no pod when its ReplicaSet may not make one', () => {
    const about = { kind: 'ReplicaSet', name: 'm-7d9f' }
    const at = new Date().toISOString()
    const quota = event(
      about,
      'FailedCreate',
      'pods "m-7d9f-x" is forbidden: exceeded quota: models',
      at,
      'replicaset-controller',
    )
    assert.is(startOf('m', [], [quota])?.problem, 'quota')
    assert.is(startOf('other', [], [quota]), undefined)
    assert.is(startOf('m', [], []), undefined)
  })
})

describe('what is left of a cold start', (test) => {
  const seconds = (start: ModelStart | 'none' | undefined, after = 0, percent?: number) => {
    const wake = new Wake(coldStart, start, 0)
    wake.percent = percent
    return wake.report(after * 1000).secondsLeft
  }

  test('is the plan’s sum at first, and less with each part that is over', () => {
    assert.is(seconds('none'), 656)
    assert.is(seconds('none', 100), 556)
    assert.is(seconds({ stage: 'image', hasWeights: false }, 50), 100 + 96 + 230)
    assert.is(seconds({ stage: 'weights', hasWeights: false }, 10, 43), Math.ceil(96 * 0.57) + 150 + 230)
    assert.is(seconds({ stage: 'image', hasWeights: true }), 150 + 230)
    assert.is(seconds({ stage: 'loading', hasWeights: true }, 400), 0)
  })

  test('is said in words', () => {
    assert.is(
      wakeWords({ stage: 'weights', percent: 43, secondsLeft: 435 }),
      'model starting: weights 43 %, ready in about 435 s',
    )
    assert.is(wakeWords({ stage: 'asked', secondsLeft: 656 }), 'model starting: a pod is ordered, ready in about 656 s')
  })

  test('is an error a minute after nobody ordered a pod, and not where nobody would see one', () => {
    const wake = new Wake(coldStart, 'none', 0)
    assert.is(wake.problem('m', 59_000), undefined)
    assert.is(wake.problem('m', 60_000)?.code, 'model_cannot_start')
    assert.is(new Wake(coldStart, undefined, 0).problem('m', 600_000), undefined)
  })
})

describe('a request that waits for a model to wake', (test) => {
  const stages: ModelStart[] = [
    { stage: 'node', hasWeights: false },
    { stage: 'weights', hasWeights: false },
    { stage: 'image', hasWeights: true },
    { stage: 'loading', hasWeights: true },
  ]

  /** A gateway whose sleeping model takes a step at each call. */
  async function scene() {
    const engine = await FakeEngine.start()
    const gateway = await startGateway([asleep()], { config: { DOMAIN: 'models.example.com', API_LANE_SECONDS: 0.3 } })
    const { directory } = gateway
    const goOn = (start: ModelStart) => directory.set([{ ...asleep(), start }], directory.snapshot.tenants)
    const wake = async () => {
      await until(() => gateway.app.gateway.runtimes.get('m')?.waiting === 1, 'it is held')
      for (const start of stages) {
        await new Promise((resolve) => setTimeout(resolve, 40))
        goOn(start)
      }
      await new Promise((resolve) => setTimeout(resolve, 40))
      directory.setEndpoints('m', [engine.endpoint])
    }
    return { engine, gateway, goOn, wake }
  }

  test('as a stream sees each step in comments, which the official client does not notice', async () => {
    const { engine, gateway, wake } = await scene()
    const seen: string[] = []
    const client = new OpenAI({
      baseURL: `${gateway.url}/stream/v1`,
      apiKey: gateway.token,
      maxRetries: 0,
      fetch: async (url, init) => {
        const response = await fetch(url, init)
        const [one, other] = response.body?.tee() ?? []
        void new Response(one).text().then((text) => seen.push(text))
        return new Response(other, response)
      },
    })
    const [stream] = await Promise.all([
      client.chat.completions.create({ model: 'm', messages: [{ role: 'user', content: 'Hello' }], stream: true }),
      wake(),
    ])
    let answer = ''
    for await (const { choices } of stream) answer += choices[0]?.delta.content ?? ''
    assert.ok(answer.length > 0)
    await until(() => seen.length > 0, 'the whole body')
    const comments = (seen[0] ?? '').split('\n').filter((line) => line.startsWith(':'))
    const words = comments.map((line) => /^: model starting: (.*), ready in about \d+ s$/.exec(line)?.[1])
    assert.equal(words, ['a pod is ordered', 'node', 'weights', 'image', 'loading'])
    await gateway.stop()
    await engine.stop()
  })

  test('sees how much of the weights is there, and so does the console', async () => {
    const { engine, gateway, goOn } = await scene()
    const folder = mkdtempSync(join(tmpdir(), 'slipway-weights-'))
    const server = serveProgress(folder, 0)
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    writeFileSync(join(folder, 'model.safetensors.part'), Buffer.alloc(430_080))
    const { runtimes } = gateway.app.gateway
    const watch = new WeightsWatch(runtimes, (address) => fetchedBytes(address, port))
    const asked = gateway.post('/stream/v1/chat/completions', chat('m', { stream: true }))
    await until(() => runtimes.get('m')?.waiting === 1, 'it is held')
    goOn({ stage: 'weights', hasWeights: false, address: '127.0.0.1' })
    watch.tick(0)
    await until(() => runtimes.get('m')?.wake?.percent !== undefined, 'the share is known')
    const { models } = (await (await gateway.get('/v1/slipway/status')).json()) as { models: { waking: object }[] }
    assert.equal(models[0]?.waking, { stage: 'weights', percent: 43, secondsLeft: Math.ceil(96 * 0.56992) + 380 })
    await new Promise((resolve) => setTimeout(resolve, 40))
    gateway.directory.setEndpoints('m', [engine.endpoint])
    assert.match(await (await asked).text(), /: model starting: weights 43 %, ready in about 43\d s/)
    server.close()
    rmSync(folder, { recursive: true })
    await gateway.stop()
    await engine.stop()
  })

  test('gets events where it asks for them', async () => {
    const { engine, gateway, wake } = await scene()
    const headers = { 'x-slipway-progress': 'events' }
    const asked = gateway.post('/stream/v1/chat/completions', chat('m', { stream: true }), headers)
    await wake()
    const text = await (await asked).text()
    const events = [...text.matchAll(/event: slipway\.progress\ndata: (.*)\n\n/g)].map(([, data = '']) =>
      JSON.parse(data),
    )
    assert.equal(
      events.map(({ stage }) => stage),
      ['asked', 'node', 'weights', 'image', 'loading'],
    )
    assert.ok(events.every(({ secondsLeft }) => secondsLeft > 0))
    await gateway.stop()
    await engine.stop()
  })

  test('on the api lane learns when to come back, and where a stream may wait', async () => {
    const { engine, gateway, goOn } = await scene()
    const asked = gateway.post('/v1/chat/completions', chat('m'))
    await until(() => gateway.app.gateway.runtimes.get('m')?.waiting === 1, 'it is held')
    goOn({ stage: 'loading', hasWeights: true })
    const response = await asked
    assert.is(response.status, 504)
    assert.ok(
      ['229', '230'].includes(response.headers.get('retry-after') ?? ''),
      response.headers.get('retry-after') ?? '',
    )
    const { error } = (await response.json()) as { error: { message: string; code: string } }
    assert.is(error.code, 'model_starting')
    assert.match(
      error.message,
      /should be ready in about 2(?:29|30) s\. Use https:\/\/models\.example\.com\/stream\/v1/,
    )
    await gateway.stop()
    await engine.stop()
  })

  test('ends with the reason as soon as the start cannot end well, and so do those that come later', async () => {
    const { engine, gateway, goOn } = await scene()
    const held = [
      gateway.post('/stream/v1/completions', { model: 'm', prompt: 'x' }).then((response) => response.json()),
      gateway.post('/stream/v1/chat/completions', chat('m', { stream: true })).then((response) => response.text()),
      gateway.post('/stream/v1/chat/completions', chat('m')).then((response) => response.json()),
    ]
    await until(() => gateway.app.gateway.runtimes.get('m')?.waiting === held.length, 'they are held')
    goOn({ stage: 'image', hasWeights: false, problem: 'image' })
    for (const answer of await Promise.all(held))
      assert.match(JSON.stringify(answer), /cannot start: an image of it cannot be pulled.*model_cannot_start/)
    const late = await gateway.post('/stream/v1/chat/completions', chat('m'))
    assert.is(late.status, 502)
    assert.is(late.headers.get('retry-after'), '60')
    goOn({ stage: 'loading', hasWeights: true })
    const next = gateway.post('/stream/v1/chat/completions', chat('m'))
    await until(() => gateway.app.gateway.runtimes.get('m')?.waiting === 1, 'it is held again')
    gateway.directory.setEndpoints('m', [engine.endpoint])
    assert.is((await next).status, 200)
    await gateway.stop()
    await engine.stop()
  })

  test('is one of a herd of 500 that wakes it once; the others learn when it is ready', async () => {
    const { engine, gateway } = await scene()
    const herd = Array.from({ length: 500 }, () => gateway.post('/stream/v1/chat/completions', chat('m')))
    await until(() => gateway.app.gateway.runtimes.get('m')?.waiting === 64, 'the queue is full', 5000)
    const refused = await Promise.race(herd)
    assert.is(refused.status, 429)
    assert.ok(Number(refused.headers.get('retry-after')) > 640)
    gateway.directory.setEndpoints('m', [engine.endpoint])
    const statuses = (await Promise.all(herd)).map(({ status }) => status)
    assert.equal(new Set(statuses), new Set([200, 429]))
    assert.is(metricValue(await gateway.metrics(), 'slipway_gateway_wakes_total', { model: 'm' }), 1)
    await gateway.stop()
    await engine.stop()
  })
})

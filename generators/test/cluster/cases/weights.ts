// The whole way of a model that sleeps: a commit adds it, its weights are copied from a Hub on loopback into a real S3 server, its pod reads
// them there, it falls asleep, and a request wakes it. The programs are those of the Job and the pod, as the API server has them.
import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import OpenAI from 'openai'
import { makeApiKey } from '../../../../gateway/auth/api-key-form.ts'
import { commit, FakeHub } from '../../../../model-server/test/fake-hub.ts'
import { ServerProcess } from '../../../../model-server/test/server-process.ts'
import { CutProxy } from '../../../../model-server/test/weights/cut-proxy.ts'
import { pythonWithMoto, S3Server } from '../../../../model-server/test/weights/s3-server.ts'
import { assert } from '../../../../test/spec.ts'
import { namespaces, ports } from '../../../schema/contract.ts'
import { repositoryRoot } from '../../fixture.ts'
import { applications, refresh } from '../applications.ts'
import { runForReal as model, until } from '../control-plane.ts'
import { GatewayOutside, noAccountFolder } from '../gateway-outside.ts'
import { runCopy, runNothing, variables } from '../job-pods.ts'
import { KedaOutside, timesAsFast } from '../waking/keda-outside.ts'
import { ModelPods } from '../waking/model-pods.ts'
import { type Cases, gone, patient, synced } from './scene.ts'

const yaml = `apps/models/${model}.yaml`
const lock = `apps/models/${model}.lock.json`
const tenant = 'apps/tenants/sleeper.yaml'
const nextCommit = 'f'.repeat(40)
const idleSeconds = 180

/** What a copy did, and what it found there when it began. */
interface Copy {
  code: number | null
  said: string
  seconds: number
  hadDeployment: boolean
  /** Requests that the Hub got of it. */
  asked: number
}

/** The command of docs/weights.md, for this model. */
const endOfCopy = (
  /^kubectl patch application model-.*$/m.exec(readFileSync(join(repositoryRoot, 'docs/weights.md'), 'utf8'))?.[0] ??
  'false'
).replace('model-MODEL', `model-${model}`)

const bundled = join(repositoryRoot, 'model-server/models/tiny-stories')
const graph = 'onnx/model_int8.onnx'

/** The bundled model under another name, with weights that take some seconds, and a file that no engine reads. */
function hubFiles(): Record<string, Buffer> {
  const names = ['config.json', 'generation_config.json', 'tokenizer.json', 'tokenizer_config.json', graph]
  const files = Object.fromEntries(names.map((name) => [name, readFileSync(join(bundled, name))]))
  return { ...files, [`${graph}_data`]: Buffer.alloc(24_000_000, 'w'), 'pytorch_model.bin': Buffer.alloc(2000) }
}

export const weightCases: Cases = (test, scene) => {
  const { source, controlPlane } = scene
  const reason = noAccountFolder() ?? (controlPlane.own ? undefined : 'the nodes of this cluster are not ours')
  if (reason !== undefined) {
    test.skip('a model that sleeps: its weights are copied, its pod reads them, a request wakes it', reason)
    return
  }
  const hub = new FakeHub(hubFiles())
  hub.commits.push(nextCommit)
  const store = new S3Server()
  const gateway = new GatewayOutside()
  const key = makeApiKey('sleeper')
  const copies: Copy[] = []
  let slow: CutProxy | undefined
  let pods: ModelPods | undefined
  let keda: KedaOutside | undefined

  test.after(async () => {
    runNothing(model)
    keda?.stop()
    await pods?.stop()
    slow?.stop()
    hub.stop()
    await store.stop()
    await gateway.stop()
  })

  const files = Object.entries(hub.files).filter(([name]) => name.startsWith(graph))
  const weightBytes = files.reduce((sum, [, { length }]) => sum + length, 0)

  function writeModel(revision: string): void {
    const { sha256: _, ...facts } = JSON.parse(source.read('apps/models/tiny-stories.lock.json')) as object & {
      sha256: string
    }
    const weightFiles = files.map(([name, bytes]) => ({ name, bytes: bytes.length, sha256: hash('sha256', bytes) }))
    source.write(
      yaml,
      `model: acme/tiny
revision: ${revision}
engine: cpu
scaling: { minReplicas: 0, maxReplicas: 1, idleAfter: ${idleSeconds / 60}m }
clusters:
  ${source.cluster}: {}
`,
    )
    source.write(
      lock,
      JSON.stringify({ ...facts, id: 'acme/tiny', revision, safetensors: true, weightBytes, weightFiles }),
    )
  }

  const replicasOf = async (): Promise<number> => {
    const place = [model, '--namespace', namespaces.models]
    const { status } = await controlPlane.get<{ status: { readyReplicas?: number } }>('deployment', ...place)
    return status.readyReplicas ?? 0
  }

  const client = (seen: string[] = []) =>
    new OpenAI({
      apiKey: key,
      baseURL: `${gateway.url}/stream/v1`,
      maxRetries: 0,
      // The client hides comments: what came is read beside it.
      fetch: async (url, init) => {
        const response = await fetch(url, init)
        const [one, other] = response.body?.tee() ?? []
        void new Response(one).text().then((text) => seen.push(text))
        return new Response(other, response)
      },
    })

  async function ask(seen?: string[]): Promise<string> {
    const stream = await client(seen).chat.completions.create({
      model,
      messages: [{ role: 'user', content: 'which lane should I use' }],
      stream: true,
      max_tokens: 40,
      temperature: 0,
    })
    let text = ''
    for await (const { choices } of stream) text += choices[0]?.delta.content ?? ''
    return text
  }

  test(
    'a commit adds a model that may sleep: its weights are copied before anything else of it is there, and its pod reads them',
    async () => {
      const found = await pythonWithMoto()
      assert.ok(!('missing' in found), JSON.stringify(found))
      await store.start('missing' in found ? '' : found.python)
      slow = new CutProxy(store.url)
      const hubUrl = await hub.start()
      const bucketEnvironment = store.environment(await slow.start())
      pods = new ModelPods(controlPlane, model, bucketEnvironment)
      void pods.start()
      runCopy(model, async (program) => {
        const { status } = await controlPlane.kubectl('get', 'deployment', model, '--namespace', namespaces.models)
        const [asked, started] = [hub.seen.length, performance.now()]
        const { code, errors } = await new ServerProcess(program.args ?? [], {
          ...variables(program),
          ...bucketEnvironment,
          HF_TOKEN: '',
          HF_ENDPOINT: hubUrl,
        }).ended
        const seconds = (performance.now() - started) / 1000
        copies.push({ code, said: errors, seconds, hadDeployment: status === 0, asked: hub.seen.length - asked })
        return code ?? 1
      })
      writeModel(commit)
      const bucket = source.plan.models.find(({ name }) => name === model)?.weights.store?.place.split('/')[2] ?? ''
      await store.makeBucket(bucket)
      source.write(
        tenant,
        `claims: { client_id: sleeper }
limits: { requestsPerMinute: 600, tokensPerMinute: 100000, concurrency: 8 }
apiKeys:
  - { id: sleeper-test, sha256: ${hash('sha256', key)}, expires: "2099-12-31" }
`,
      )
      const revision = source.commit('apps: a model that may sleep')
      await synced(scene, revision, [`model-${model}`, 'tenants'], 150)
      const [copy, ...later] = copies
      assert.is(copy?.code, 0, copy?.said)
      assert.is(copy?.hadDeployment, false)
      // A further sync finds it done.
      assert.ok(later.every(({ asked }) => asked === 0))
      assert.ok(!hub.seen.some(({ url }) => url.includes('pytorch_model')))
      await jobCameFirst()
      await until('a pod of it', 60, async () => ((await replicasOf()) === 1 ? true : 'no pod is ready'))
      const [pod] = [...pods.running.values()]
      assert.match(pod?.fetched ?? '', /6 files|100%/)
      const answer = await fetch(`http://${pod?.address}:${ports.model.number}/v1/models`)
      assert.is(answer.status, 200)
      console.log(
        `copied in ${copy?.seconds.toFixed(1)} s with ${copy?.asked} requests to the Hub; ${copy?.said.split('\n').at(-2)}`,
      )
    },
    { timeoutSeconds: 300 },
  )

  const application = async () =>
    (await applications(controlPlane)).find(({ metadata }) => metadata.name === `model-${model}`)

  async function jobCameFirst(): Promise<void> {
    const { resources = [] } = ((await application())?.status?.operationState?.syncResult ?? {}) as {
      resources?: { kind: string; name: string; hookPhase?: string; syncPhase?: string }[]
    }
    const job = resources.find(({ kind, name }) => kind === 'Job' && name === `copy-${model}`)
    assert.equal([job?.syncPhase, job?.hookPhase], ['PreSync', 'Succeeded'])
  }

  test(
    'a client streams from it; nobody asks for longer than idleAfter, and it sleeps, not before',
    async () => {
      await gateway.start(controlPlane, 'gateway', namespaces.gateway)
      await until('an answer', 60, async () => {
        const text = await ask()
        return text.length > 10 ? true : `“${text}”`
      })
      const engines = () => [...(pods?.running.values() ?? [])].map(({ address }) => address)
      keda = new KedaOutside(controlPlane, model, `${gateway.adminUrl}/metrics`, engines)
      void keda.start()
      await until('its sleep', 60, async () => {
        if (keda?.orders.length === 0) return 'its autoscaler ordered nothing'
        return (await replicasOf()) === 0 && pods?.running.size === 0 ? true : 'a pod is there'
      })
      const [order] = keda.orders
      assert.is(order?.replicas, 0)
      assert.ok((order?.idleSeconds ?? 0) >= idleSeconds, `${order?.idleSeconds}`)
      console.log(
        `asleep ${Math.round(order?.idleSeconds ?? 0)} s after the last request (idleAfter ${idleSeconds} s; its autoscaler’s time passes ${timesAsFast} times as fast)`,
      )
    },
    patient,
  )

  test(
    'a request wakes it: the official client sees its progress in comments, and then the answer; the Hub is not asked',
    async () => {
      assert.ok(slow && keda)
      slow.bytesPerSecond = 2_500_000
      const [asked, started] = [hub.seen.length, performance.now()]
      const seen: string[] = []
      const text = await ask(seen)
      slow.bytesPerSecond = undefined
      const seconds = (performance.now() - started) / 1000
      assert.ok(text.length > 10, text)
      await until('the whole body', 5, async () => (seen.length > 0 ? true : 'it is not read'))
      const comments = [...(seen[0] ?? '').matchAll(/^: (model starting: .*)$/gm)].map(([, words = '']) => words)
      const stages = comments.map((words) => /: (a pod is ordered|node|image|weights|loading)/.exec(words)?.[1])
      const percents = comments.flatMap((words) =>
        [...words.matchAll(/weights (\d+) %/g)].map(([, one]) => Number(one)),
      )
      console.log(comments.join('\n'))
      // What is first depends on how soon its autoscaler and a node come; it is before the weights.
      assert.ok(['a pod is ordered', 'node', 'image'].includes(stages[0] ?? ''), stages.join(', '))
      for (const stage of ['image', 'weights', 'loading']) assert.ok(stages.includes(stage), stage)
      assert.ok(
        percents.some((one) => one > 0 && one < 100),
        String(percents),
      )
      assert.equal(
        [...percents].sort((a, b) => a - b),
        percents,
      )
      assert.ok(comments.every((words) => /ready in about \d+ s$/.test(words)))
      assert.equal(
        keda.orders.map(({ replicas }) => replicas),
        [0, 1],
      )
      assert.is(hub.seen.length, asked)
      console.log(`awake and answered after ${seconds.toFixed(1)} s: ${JSON.stringify(text.slice(0, 100))}`)
    },
    patient,
  )

  test(
    'another revision is copied beside it; back at the commit before, its copy ends at once and nothing is downloaded',
    async () => {
      const first = copies.length
      writeModel(nextCommit)
      await synced(scene, source.commit('apps: another revision'), [`model-${model}`], 150)
      const then = copies.length
      await synced(scene, source.revert(), [`model-${model}`], 150)
      const [next, back] = [copies[first], copies[then]]
      assert.equal([next?.code, back?.code], [0, 0], `${next?.said}${back?.said}`)
      assert.ok((next?.asked ?? 0) > 0)
      assert.is(back?.asked, 0)
      assert.match(back?.said ?? '', /all \d+ files are at [0-9a-f]{64} already/)
      console.log(
        `the next revision: ${next?.seconds.toFixed(1)} s, ${next?.asked} requests to the Hub; back: ${back?.seconds.toFixed(1)} s, ${back?.asked} requests`,
      )
    },
    { timeoutSeconds: 330 },
  )

  test(
    'a model that goes takes its Job along: one that copies waits for the copy, or for the command that ends it',
    async () => {
      let release = (): void => {}
      const held = new Promise<void>((resolve) => {
        release = resolve
      })
      let isCopying = false
      runCopy(model, async () => {
        isCopying = true
        await held
        return 0
      })
      try {
        writeModel(nextCommit)
        source.commit('apps: another revision again')
        await refresh(controlPlane)
        await until('a copy', 90, async () => isCopying || 'none runs')
        for (const file of [yaml, lock]) source.remove(file)
        source.commit('apps: remove it')
        await refresh(controlPlane)
        await until('its removal', 60, async () =>
          (await application())?.metadata.deletionTimestamp ? true : 'not yet',
        )
        await new Promise((resolve) => setTimeout(resolve, 10_000))
        assert.ok(await application(), 'it is gone before its copy has ended')
        const started = performance.now()
        const { status, log } = await controlPlane.run('bash', ['-c', endOfCopy])
        assert.is(status, 0, log)
        await gone(scene, `model-${model}`, 120)
        await until('the end of its Job', 60, async () => {
          const jobs = await controlPlane.list<{ metadata: { name: string } }>('jobs', '--namespace', namespaces.models)
          return jobs.some(({ metadata }) => metadata.name === `copy-${model}`) ? 'it is still there' : true
        })
        await until('the end of its pods', 30, async () => {
          const left = pods?.folders ?? []
          return left.length === 0 ? true : `${left.join(', ')} are there`
        })
        console.log(`gone with its Job ${Math.round((performance.now() - started) / 1000)} s after the command`)
      } finally {
        release()
      }
      source.remove(tenant)
      await synced(scene, source.commit('apps: without the tenant'), ['tenants'])
    },
    { timeoutSeconds: 330 },
  )
}

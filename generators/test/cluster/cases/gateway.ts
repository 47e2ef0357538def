// The gateway finds models and tenants through the real API server, with the rights that are rendered for it and no others; and one
// whole walk: a commit adds a model, a client streams its answer, a commit removes it.
import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { hash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import OpenAI from 'openai'
import { makeApiKey } from '../../../../gateway/auth/api-key-form.ts'
import { assert } from '../../../../test/spec.ts'
import { namespaces, ports } from '../../../schema/contract.ts'
import { repositoryRoot } from '../../fixture.ts'
import { until } from '../control-plane.ts'
import { GatewayOutside, noAccountFolder } from '../gateway-outside.ts'
import { type Cases, gone, synced } from './scene.ts'

interface Pod {
  metadata: { name: string }
  status: { podIP?: string }
}

const verbs = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection']

/** What the design lets it read, and nothing else. */
const allowed = [
  `${namespaces.gateway} configmaps`,
  `${namespaces.gateway} endpointslices.discovery.k8s.io`,
  `${namespaces.models} endpointslices.discovery.k8s.io`,
  `${namespaces.models} events`,
  `${namespaces.models} pods`,
  `${namespaces.models} services`,
].flatMap((what) => ['get', 'list', 'watch'].map((verb) => `${verb} ${what}`))

export const gatewayCases: Cases = (test, scene) => {
  const { source, controlPlane } = scene
  const account = 'gateway'

  test(
    'its service account may read what it needs, and nothing else of every kind in every namespace of ours',
    async () => {
      const { out } = await controlPlane.kubectl('api-resources', '--no-headers', '-o', 'name')
      // Everybody may ask what they may do.
      const resources = out
        .split('\n')
        .filter((name) => name !== '' && !/^self|^(?:localsubject|subject|token)\w*reviews/.test(name))
      assert.ok(resources.length > 60)
      const places = [namespaces.gateway, namespaces.models, namespaces.edge, 'argocd', 'kube-system']
      const reviews = places.flatMap((namespace) =>
        resources.flatMap((name) => {
          const [resource = '', ...group] = name.split('.')
          return verbs.map((verb) => ({
            apiVersion: 'authorization.k8s.io/v1',
            kind: 'SubjectAccessReview',
            spec: {
              user: `system:serviceaccount:${namespaces.gateway}:${account}`,
              groups: [
                'system:serviceaccounts',
                `system:serviceaccounts:${namespaces.gateway}`,
                'system:authenticated',
              ],
              resourceAttributes: { namespace, verb, resource, group: group.join('.') },
            },
          }))
        }),
      )
      const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: reviews })
      const line =
        '{.status.allowed}|{.spec.resourceAttributes.verb} {.spec.resourceAttributes.namespace} {.spec.resourceAttributes.resource}.{.spec.resourceAttributes.group}{"\\n"}'
      const answer = await controlPlane.run('kubectl', ['create', '-f', '-', '-o', `jsonpath=${line}`], list)
      assert.is(answer.status, 0, answer.log.slice(0, 500))
      const lines = answer.out.split('\n').filter(Boolean)
      assert.is(lines.length, reviews.length)
      const granted = lines
        .filter((one) => one.startsWith('true|'))
        .map((one) => one.slice('true|'.length).replace(/\.$/, ''))
      assert.equal(granted.sort(), [...allowed].sort())
    },
    { timeoutSeconds: 180 },
  )

  const reason = noAccountFolder()
  if (reason !== undefined) {
    test.skip('finds models through the API server, and a client streams from one that a commit added', reason)
    return
  }
  const gateway = new GatewayOutside()
  const key = makeApiKey('walker')
  const client = () => new OpenAI({ apiKey: key, baseURL: `${gateway.url}/stream/v1`, maxRetries: 0 })
  const known = async (): Promise<string[]> => {
    const ids: string[] = []
    for await (const { id } of client().models.list()) ids.push(id)
    return ids.sort()
  }
  let pid: number | undefined
  let server: ChildProcess | undefined
  let address: string | undefined
  /** The simulated pod’s address on this machine, where a real server can answer at it. */
  const takeAddress = (wanted: string): void => {
    execFileSync('ip', ['addr', 'replace', `${wanted}/32`, 'dev', 'lo'])
    address = wanted
  }
  const dropAddress = (): void => {
    if (address !== undefined) execFileSync('ip', ['addr', 'del', `${address}/32`, 'dev', 'lo'])
    address = undefined
  }
  test.after(async () => {
    server?.kill('SIGKILL')
    dropAddress()
    await gateway.stop()
  })

  const walk = 'apps/models/walk'
  const tenant = 'apps/tenants/walker.yaml'

  test(
    'finds every model of the cluster with the token of its service account, and a tenant that a commit adds',
    async () => {
      source.write(
        tenant,
        `claims: { client_id: walker }
limits: { requestsPerMinute: 600, tokensPerMinute: 100000, concurrency: 8 }
apiKeys:
  - { id: walker-test, sha256: ${hash('sha256', key)}, expires: "2099-12-31" }
`,
      )
      const revision = source.commit('apps: a tenant')
      await gateway.start(controlPlane, account, namespaces.gateway)
      pid = gateway.pid
      await synced(scene, revision, ['tenants'])
      const open = source.plan.models.filter(
        ({ settings }) => settings.tenants === undefined || settings.tenants.includes('walker'),
      )
      await until('all models', 30, async () => {
        const ids = await known()
        const missing = open.filter(({ name }) => !ids.includes(name))
        return missing.length === 0 ? true : `without ${missing.map(({ name }) => name).join(', ')}`
      })
    },
    { timeoutSeconds: 180 },
  )

  test(
    'sees a model scaled, and its pods gone',
    async () => {
      const name = 'bge-small-en'
      const replicas = async (): Promise<number> => {
        const headers = { authorization: `Bearer ${key}` }
        const answer = await fetch(`${gateway.url}/stream/v1/slipway/status`, { headers })
        const { models } = (await answer.json()) as { models: { name: string; replicas: number }[] }
        return models.find((one) => one.name === name)?.replicas ?? 0
      }
      for (const count of [2, 1]) {
        await controlPlane.kubectl('scale', 'deployment', name, '--namespace', 'models', `--replicas=${count}`)
        await until(`${count} replicas`, 60, async () => {
          const seen = await replicas()
          return seen === count ? true : String(seen)
        })
      }
      assert.is(gateway.pid, pid)
    },
    { timeoutSeconds: 180 },
  )

  const restart = process.env.CLUSTER_RESTART_API
  if (restart === undefined)
    test.skip('goes on with what it knows while the API server restarts', 'CLUSTER_RESTART_API is not set')
  else
    test(
      'goes on with what it knows while the API server restarts, and hears of changes afterwards',
      async () => {
        const before = await known()
        let [asked, lost, running] = [0, 0, true]
        const asking = (async () => {
          while (running) {
            asked += 1
            if (String(await known().catch(String)) !== String(before)) lost += 1
            await new Promise((resolve) => setTimeout(resolve, 50))
          }
        })()
        await new Promise<void>((resolve, reject) =>
          execFile('bash', ['-c', restart], { env: controlPlane.environment }, (error, _, log) =>
            error === null ? resolve() : reject(new Error(log)),
          ),
        )
        running = false
        await asking
        assert.ok(asked > 20, `${asked}`)
        assert.is(lost, 0)
        assert.is(gateway.pid, pid)
        source.edit('apps/models/bge-small-en.yaml', /^engine/m, 'aliases: [small-embeddings]\nengine')
        await synced(scene, source.commit('apps: an alias'), ['model-bge-small-en'], 120)
        await until('the alias', 60, async () => {
          const headers = { authorization: `Bearer ${key}` }
          const { status } = await fetch(`${gateway.url}/stream/v1/models/small-embeddings`, { headers })
          return status === 200 ? true : String(status)
        })
        source.edit('apps/models/bge-small-en.yaml', 'aliases: [small-embeddings]\n', '')
        await synced(scene, source.commit('apps: without it'), ['model-bge-small-en'])
      },
      { timeoutSeconds: 300 },
    )

  test(
    'the whole walk: a commit adds a model, its pod’s address answers, an OpenAI client streams',
    async () => {
      source.write(
        `${walk}.yaml`,
        `model: ./model-server/models/tiny-stories\nengine: cpu\nclusters:\n  ${source.cluster}: {}\n`,
      )
      source.write(
        `${walk}.lock.json`,
        readFileSync(join(repositoryRoot, 'apps/models/tiny-stories.lock.json'), 'utf8'),
      )
      await synced(scene, source.commit('apps: add walk'), ['model-walk'])
      await until('walk among the models', 30, async () => ((await known()).includes('walk') ? true : 'not yet'))
      const [pod] = await controlPlane.list<Pod>(
        'pods',
        '--namespace',
        namespaces.models,
        '--selector',
        'app.kubernetes.io/name=walk',
      )
      const podAddress = pod?.status.podIP
      assert.ok(podAddress)
      takeAddress(podAddress)
      const options = [
        '--model-dir=model-server/models/tiny-stories',
        '--served-model-name=walk',
        `--host=${podAddress}`,
        `--port=${ports.model.number}`,
      ]
      server = spawn(process.execPath, [join(repositoryRoot, 'model-server/server.ts'), ...options], {
        cwd: repositoryRoot,
        stdio: 'ignore',
      })
      await until('a model server', 30, async () =>
        (await fetch(`http://${podAddress}:${ports.model.number}/health`)).ok ? true : 'not yet',
      )
      let [text, chunks] = ['', 0]
      await until('an answer', 30, async () => {
        const stream = await client().chat.completions.create({
          model: 'walk',
          messages: [{ role: 'user', content: 'which lane should I use' }],
          stream: true,
          max_tokens: 60,
          temperature: 0,
        })
        for await (const chunk of stream) {
          text += chunk.choices[0]?.delta.content ?? ''
          chunks += 1
        }
        return text.length > 10 ? true : text
      })
      assert.ok(chunks > 5, `${chunks}`)
      console.log(`walk answers through the gateway: ${JSON.stringify(text.slice(0, 120))} in ${chunks} chunks`)
    },
    { timeoutSeconds: 240 },
  )

  const vllm = process.env.SLIPWAY_VLLM
  if (vllm === undefined)
    test.skip('an OpenAI client streams from a real vLLM at a pod’s address', 'SLIPWAY_VLLM is not set')
  else
    test(
      'an OpenAI client streams from a real vLLM at a pod’s address',
      async () => {
        server?.kill('SIGKILL')
        dropAddress()
        const [pod] = await controlPlane.list<Pod>(
          'pods',
          '--namespace',
          namespaces.models,
          '--selector',
          'app.kubernetes.io/name=gpt2',
        )
        assert.ok(pod?.status.podIP)
        takeAddress(pod?.status.podIP ?? '')
        const started = spawn(
          join(vllm, 'serve'),
          [
            '--port',
            String(ports.model.number),
            '--log',
            '/dev/null',
            '--host',
            '0.0.0.0',
            '--served-model-name',
            'gpt2',
          ],
          { stdio: ['ignore', 'pipe', 'ignore'] },
        )
        const line = await new Promise<string>((resolve) =>
          started.stdout.once('data', (text) => resolve(String(text))),
        )
        started.stdout.destroy()
        const vllmPid = Number(line.trim().split(' ')[1])
        try {
          let [text, chunks] = ['', 0]
          await until('an answer of vLLM', 60, async () => {
            const stream = await client().completions.create({
              model: 'gpt2',
              prompt: 'Once upon a time',
              stream: true,
              max_tokens: 40,
              temperature: 0,
            })
            for await (const chunk of stream) {
              text += chunk.choices[0]?.text ?? ''
              chunks += 1
            }
            return text.length > 10 ? true : text
          })
          assert.ok(chunks > 5, `${chunks}`)
          console.log(`vLLM answers through the gateway: ${JSON.stringify(text.slice(0, 100))} in ${chunks} chunks`)
        } finally {
          process.kill(-vllmPid, 'SIGKILL')
        }
      },
      { timeoutSeconds: 400 },
    )

  test(
    'a commit removes the model: the client gets 404 model_not_found, and the gateway was never restarted',
    async () => {
      source.remove(`${walk}.yaml`)
      source.remove(`${walk}.lock.json`)
      source.commit('apps: remove walk')
      await gone(scene, 'model-walk')
      server?.kill('SIGKILL')
      dropAddress()
      await until('404', 30, async () => {
        try {
          await client().chat.completions.create({ model: 'walk', messages: [{ role: 'user', content: 'hello' }] })
          return 'an answer'
        } catch (error) {
          const { status, code } = error as { status?: number; code?: string }
          return status === 404 && code === 'model_not_found' ? true : `${status} ${code}`
        }
      })
      assert.is(gateway.pid, pid)
      source.remove(tenant)
      await synced(scene, source.commit('apps: without the tenant'), ['tenants'])
      await until('a key that is no longer known', 30, async () => {
        const { status } = await fetch(`${gateway.url}/stream/v1/models`, {
          headers: { authorization: `Bearer ${key}` },
        })
        return status === 401 ? true : String(status)
      })
    },
    { timeoutSeconds: 240 },
  )
}

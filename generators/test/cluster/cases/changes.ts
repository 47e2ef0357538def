// A day in the life of the repository: edits by hand, models that come, change and go, scaling, rollback.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { assert } from '../../../../test/spec.ts'
import { repositoryRoot } from '../../fixture.ts'
import { applications } from '../applications.ts'
import { until } from '../control-plane.ts'
import { type Cases, extraModel, gone, patient, synced } from './scene.ts'

interface Deployment {
  spec: {
    replicas: number
    template: { spec: { containers: { args?: string[] }[]; initContainers: { args?: string[] }[] } }
  }
  status: { readyReplicas?: number; updatedReplicas?: number }
}

interface Pod {
  metadata: { name: string; uid: string; deletionTimestamp?: string }
  spec: { nodeName?: string }
  status: { phase: string }
}

export const changeCases: Cases = (test, scene) => {
  const { source, controlPlane } = scene
  const deployment = (name: string) => controlPlane.get<Deployment>('deployment', name, '--namespace', 'models')
  /** Without the pod of its smoke test, which needs no GPU. */
  const ofServers = (name: string) =>
    `app.kubernetes.io/name=${name},app.kubernetes.io/component notin (smoke,weights-copy)`
  const podsOf = (name: string) =>
    controlPlane.list<Pod>('pods', '--namespace', 'models', '--selector', ofServers(name))

  const gpusInUse = async (): Promise<number> => {
    const { out } = await controlPlane.kubectl(
      'get',
      'pods',
      '--namespace',
      'models',
      '-o',
      'jsonpath={.items[*].spec.containers[*].resources.limits.nvidia\\.com/gpu}',
    )
    return out.split(' ').reduce((sum, count) => sum + Number(count), 0)
  }

  test(
    'an edit by hand is healed',
    async () => {
      const { log, status } = await controlPlane.kubectl(
        'label',
        'deployment',
        'phi-4',
        '--namespace',
        'models',
        '--overwrite',
        'app.kubernetes.io/part-of=somebody',
      )
      assert.is(status, 0, log)
      await controlPlane.kubectl(
        'patch',
        'service',
        'phi-4',
        '--namespace',
        'models',
        '--type=merge',
        '--patch',
        '{"spec":{"selector":{"app":"elsewhere"}}}',
      )
      // A policy that allows nothing has no rule of its own that Argo CD could miss: each has one that matches nobody.
      for (const name of ['models-default-deny', 'gateway-default-deny', 'phi-4']) {
        const space = name === 'phi-4' ? 'models' : (name.split('-')[0] ?? '')
        const words = ['patch', 'networkpolicy', name, '--namespace', space, '--type=merge', '--patch']
        const opened = await controlPlane.kubectl(...words, '{"spec":{"ingress":[{}],"egress":[{}]}}')
        assert.is(opened.status, 0, opened.log)
        await until(`the policy ${name} of Git`, 60, async () => {
          const { spec: now } = await controlPlane.get<{ spec: object }>('networkpolicy', name, '--namespace', space)
          return JSON.stringify(now).includes('[{}]') ? JSON.stringify(now) : true
        })
      }
      await until('the Service of Git', 60, async () => {
        const { spec } = await controlPlane.get<{ spec: { selector: Record<string, string> } }>(
          'service',
          'phi-4',
          '--namespace',
          'models',
        )
        return spec.selector.app === undefined ? true : JSON.stringify(spec.selector)
      })
    },
    patient,
  )

  test(
    'a model that a commit adds is served, and one that a commit removes is pruned with its pods',
    async () => {
      const gpusBefore = await gpusInUse()
      const { yaml, lock } = extraModel('extra', source.cluster)
      source.write('apps/models/extra.yaml', yaml)
      source.write(
        'apps/models/extra.lock.json',
        readFileSync(join(repositoryRoot, `apps/models/${lock}.lock.json`), 'utf8'),
      )
      const started = performance.now()
      await synced(scene, source.commit('apps: add extra'), ['model-extra'])
      console.log(`a new model is Healthy ${((performance.now() - started) / 1000).toFixed(1)} s after its commit`)
      assert.is((await deployment('extra')).status.readyReplicas, 1)
      assert.is(await gpusInUse(), gpusBefore + 1)
      source.remove('apps/models/extra.yaml')
      source.remove('apps/models/extra.lock.json')
      source.commit('apps: remove extra')
      await gone(scene, 'model-extra')
      await until('the end of its pods', 60, async () =>
        (await podsOf('extra')).length === 0 ? true : 'pods are left',
      )
      assert.is((await controlPlane.kubectl('get', 'service', 'extra', '--namespace', 'models')).status, 1)
      assert.is(await gpusInUse(), gpusBefore)
    },
    { timeoutSeconds: 240 },
  )

  test(
    'replicas that the autoscaler sets survive a sync',
    async () => {
      await controlPlane.kubectl('scale', 'deployment', 'bge-small-en', '--namespace', 'models', '--replicas=2')
      source.edit('apps/models/bge-small-en.yaml', /description: (.*)/, 'description: $1 Changed.')
      source.edit('apps/models/bge-small-en.yaml', /^(engine|scaling)/m, 'env: { CHANGED: "1" }\n$1')
      const revision = source.commit('apps: bge-small-en gets a variable')
      await synced(scene, revision, ['model-bge-small-en'])
      assert.is((await deployment('bge-small-en')).spec.replicas, 2)
      await controlPlane.kubectl('scale', 'deployment', 'bge-small-en', '--namespace', 'models', '--replicas=1')
    },
    patient,
  )

  test(
    'a new revision rolls as planned, and never are there two pods on one GPU',
    async () => {
      const model = source.plan.models.find(({ name }) => name === 'gemma-3-4b-it')
      assert.ok(model?.gpu)
      const path = 'apps/models/gemma-3-4b-it'
      const [yaml, lock] = [source.read(`${path}.yaml`), source.read(`${path}.lock.json`)]
      const moved = 'abcdef0123'.repeat(4)
      source.edit(`${path}.yaml`, /revision: \w+/, `revision: ${moved}`)
      source.edit(`${path}.lock.json`, /"revision": "\w+"/, `"revision": "${moved}"`)
      const before = (await podsOf('gemma-3-4b-it')).map(({ metadata }) => metadata.uid)
      const watch = controlPlane.watch<Pod>(
        `/api/v1/namespaces/models/pods?labelSelector=${encodeURIComponent(ofServers('gemma-3-4b-it'))}`,
      )
      await synced(scene, source.commit('apps: another revision'), ['model-gemma-3-4b-it'])
      await until('the end of the old pod', 60, async () =>
        (await podsOf('gemma-3-4b-it')).some(({ metadata }) => before.includes(metadata.uid)) ? 'still there' : true,
      )
      watch.stop()
      const live = new Map<string, Pod>()
      let [most, fewestReady] = [0, before.length]
      for (const { type, object } of watch.events) {
        if (type === 'DELETED' || object.metadata.deletionTimestamp !== undefined) live.delete(object.metadata.uid)
        else live.set(object.metadata.uid, object)
        const pods = [...live.values()]
        const places = pods.map(({ spec }) => spec.nodeName).filter(Boolean)
        assert.is(new Set(places).size, places.length, 'two pods on one node with one GPU')
        most = Math.max(most, pods.length)
        fewestReady = Math.min(fewestReady, pods.filter(({ status }) => status.phase === 'Running').length)
      }
      if (model?.rollout.surge) assert.equal([most, fewestReady], [2, 1])
      else assert.is(most, 1)
      source.write(`${path}.yaml`, yaml)
      source.write(`${path}.lock.json`, lock)
      await synced(scene, source.commit('apps: the revision of before'), ['model-gemma-3-4b-it'])
    },
    { timeoutSeconds: 300 },
  )

  test(
    'one Application is rolled back by a revert, and the others stay',
    async () => {
      const history = async (name: string) =>
        (await applications(controlPlane)).find(({ metadata }) => metadata.name === name)?.status?.history?.length ?? 0
      source.edit('apps/models/qwen3-8b.yaml', 'maxModelLen: 16384', 'maxModelLen: 8192')
      await synced(scene, source.commit('apps: a smaller context'), ['model-qwen3-8b'])
      const others = await history('model-phi-4')
      const argument = async () =>
        (await deployment('qwen3-8b')).spec.template.spec.containers[0]?.args?.find((one) =>
          one.startsWith('--max-model-len'),
        )
      assert.is(await argument(), '--max-model-len=8192')
      await synced(scene, source.revert(), ['model-qwen3-8b'])
      assert.is(await argument(), '--max-model-len=16384')
      assert.is(await history('model-phi-4'), others)
    },
    { timeoutSeconds: 240 },
  )
}

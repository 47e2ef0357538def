// Which nodes pods land on, and what stays Pending.

import { join } from 'node:path'
import { assert } from '../../../../test/spec.ts'
import { planRepository } from '../../../pipeline.ts'
import { nodePoolLabel } from '../../../schema/contract.ts'
import { refresh } from '../applications.ts'
import { until } from '../control-plane.ts'
import { type Cases, synced } from './scene.ts'

interface Pod {
  metadata: { name: string; labels: Record<string, string> }
  spec: { nodeName?: string; containers: { resources?: { limits?: Record<string, string> } }[] }
  status: { phase: string; conditions?: { type: string; status: string; message?: string }[] }
}

interface Node {
  metadata: { name: string; labels: Record<string, string> }
  status: { allocatable: Record<string, string> }
}

const gpusOf = (pod: Pod): number =>
  pod.spec.containers.reduce((sum, { resources }) => sum + Number(resources?.limits?.['nvidia.com/gpu'] ?? 0), 0)

export const placementCases: Cases = (test, scene) => {
  const { source, controlPlane } = scene
  test('pods of every model run on a node of the pool that the plan chose, and no GPU is given away twice', async () => {
    const pods = await controlPlane.list<Pod>('pods', '--namespace', 'models')
    const nodes = new Map((await controlPlane.list<Node>('nodes')).map((node) => [node.metadata.name, node]))
    const { models } = source.plan
    for (const model of models) {
      const own = pods.filter(
        ({ metadata: { labels } }) =>
          labels['app.kubernetes.io/name'] === model.name && labels['app.kubernetes.io/component'] !== 'smoke',
      )
      assert.ok(own.length >= 1, model.name)
      for (const pod of own) {
        assert.is(pod.status.phase, 'Running', pod.metadata.name)
        assert.is(nodes.get(pod.spec.nodeName ?? '')?.metadata.labels[nodePoolLabel], model.nodePool, pod.metadata.name)
        assert.is(gpusOf(pod), model.gpu?.count ?? 0)
      }
    }
    for (const [name, node] of nodes) {
      const used = pods.filter(({ spec }) => spec.nodeName === name).reduce((sum, pod) => sum + gpusOf(pod), 0)
      assert.ok(used <= Number(node.status.allocatable['nvidia.com/gpu'] ?? 0), name)
    }
  })

  test(
    'a model that asks for more GPUs than any node has: synth warned, and forced through its new pod stays Pending',
    async () => {
      const name = 'gemma-3-4b-it'
      const [model, cluster] = [`apps/models/${name}.yaml`, `clusters/${source.cluster}/cluster.yaml`]
      const [modelText, clusterText] = [source.read(model), source.read(cluster)]
      source.write(model, modelText.replace('accelerator: l4', 'accelerator: { type: l4, count: 8 }'))
      source.write(cluster, clusterText.replace(/l4: \d+/, 'l4: 4'))
      const { diagnostics } = planRepository(join(source.folder, 'tree'), {
        models: [name],
        clusters: [source.cluster],
      })
      source.write(model, modelText)
      source.write(cluster, clusterText)
      assert.ok(diagnostics.some(({ code }) => code === 'REPLICA_EXCEEDS_CLUSTER'))
      const rendered = `clusters/${source.cluster}/rendered/model-${name}/deployment-${name}.yaml`
      const text = source.read(rendered)
      source.write(rendered, text.replaceAll('nvidia.com/gpu: 1', 'nvidia.com/gpu: 8'))
      source.commit('by hand', { render: false })
      let round = 0
      await until('a pod that nobody takes', 90, async () => {
        if (round++ % 10 === 0) await refresh(controlPlane)
        const pods = await controlPlane.list<Pod>(
          'pods',
          '--namespace',
          'models',
          '--selector',
          `app.kubernetes.io/name=${name}`,
        )
        const waiting = pods.find(({ status }) => status.phase === 'Pending')
        const why = waiting?.status.conditions?.find(({ type }) => type === 'PodScheduled')?.message ?? 'no pod waits'
        return /Insufficient nvidia\.com\/gpu/.test(why) ? true : why
      })
      // The old pod goes on: a new one starts first, and this one never does.
      const { status } = await controlPlane.get<{ status: { readyReplicas?: number } }>(
        'deployment',
        name,
        '--namespace',
        'models',
      )
      assert.is(status.readyReplicas, 1)
      source.write(rendered, text)
      await synced(scene, source.commit('as before'), [`model-${name}`])
    },
    { timeoutSeconds: 240 },
  )
}

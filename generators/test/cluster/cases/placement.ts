// Which nodes pods land on, and what stays Pending.

import { join } from 'node:path'
import { assert } from '../../../../test/spec.ts'
import { loadRepository } from '../../../load/load-repository.ts'
import { planLoaded } from '../../../pipeline.ts'
import { nodePoolLabel } from '../../../schema/contract.ts'
import { until } from '../control-plane.ts'
import { type Cases, patient } from './scene.ts'

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

export const placementCases: Cases = (test, { source, controlPlane }) => {
  test('pods of every model run on a node of the pool that the plan chose, and no GPU is given away twice', async () => {
    const pods = await controlPlane.list<Pod>('pods', '--namespace', 'models')
    const nodes = new Map((await controlPlane.list<Node>('nodes')).map((node) => [node.metadata.name, node]))
    const { models } = source.plan
    for (const model of models) {
      const own = pods.filter(({ metadata }) => metadata.labels['app.kubernetes.io/name'] === model.name)
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
    'a model that asks for more GPUs than any node has is refused by synth; forced through, its pod stays Pending',
    async () => {
      const path = 'apps/models/gemma-3-4b-it.yaml'
      const before = source.read(path)
      source.write(path, before.replace('accelerator: l4', 'accelerator: { type: l4, count: 8 }\nenv: { NOTE: "1" }'))
      const { repository } = loadRepository(join(source.folder, 'tree'), {
        models: ['gemma-3-4b-it'],
        clusters: [source.cluster],
      })
      const { plans, diagnostics } = planLoaded(repository)
      source.write(path, before)
      const planned = plans.flatMap(({ models }) => models)[0]
      // Eight L4 are one g6.48xlarge, which this cluster’s nodes do not have: only Karpenter would start it.
      assert.ok(planned?.node.instance.type === 'g6.48xlarge' || diagnostics.length > 0)
      const pod = {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'greedy', namespace: 'models' },
        spec: {
          nodeSelector: { [nodePoolLabel]: 'l4' },
          tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }],
          securityContext: { runAsNonRoot: true, runAsUser: 10001, seccompProfile: { type: 'RuntimeDefault' } },
          containers: [
            {
              name: 'a',
              image: 'a:1',
              resources: { limits: { 'nvidia.com/gpu': '9' } },
              securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
            },
          ],
        },
      }
      await controlPlane.apply(pod)
      await until('a pod that nobody takes', 30, async () => {
        const { status } = await controlPlane.get<Pod>('pod', 'greedy', '--namespace', 'models')
        const why = status.conditions?.find(({ type }) => type === 'PodScheduled')?.message ?? ''
        return status.phase === 'Pending' && /Insufficient nvidia\.com\/gpu/.test(why) ? true : why
      })
      await controlPlane.kubectl('delete', 'pod', 'greedy', '--namespace', 'models', '--wait=false')
    },
    patient,
  )
}

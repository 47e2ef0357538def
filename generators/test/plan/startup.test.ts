// Time limits of a start, held to the slowest starts that were logged; what compiles is kept as long as the pod.
import { readConfig } from '../../../gateway/read-config.ts'
import { sampleRoot } from '../../../test/sample-tree.ts'
import { assert, describe } from '../../../test/spec.ts'
import { everything, planRepository } from '../../pipeline.ts'
import type { ModelPlan } from '../../plan/cluster-plan.ts'
import { instancesFor } from '../../plan/node.ts'
import { planRollout } from '../../plan/rollout.ts'
import { renderNamespaces } from '../../render/cluster/namespaces.ts'
import { renderModel } from '../../render/model/render-model.ts'
import { type AcceleratorKind, acceleratorKinds } from '../../schema/accelerators.ts'
import { assumptions } from '../../schema/assumptions.ts'
import type { Cluster } from '../../schema/cluster.ts'
import { holdSeconds, namespaces, streamSeconds } from '../../schema/contract.ts'
import { homeRegion } from '../../schema/prices.ts'
import type { ValidModel } from '../../validate/repository.ts'

const { plans } = planRepository(sampleRoot, everything)
const catalogue = plans.flatMap(({ models }) => models)
const chat = catalogue.find(({ engine, gpu }) => engine.name === 'vllm' && gpu?.count === 1) as ModelPlan

/** Seconds of engine start that public logs show, without loading the weights. */
const logged = (kind: AcceleratorKind): number => (kind === 't4' ? 470 : 420)

function rolloutOf(kind: AcceleratorKind, gigabytes: number, maxReplicas = 2) {
  const need = { kind, gpus: 1, cpus: 2, memoryGib: 10, diskGib: 30 }
  const [node] = instancesFor(need, { region: homeRegion })
  const settings = {
    ...chat.settings,
    accelerator: { type: kind, count: 1, capacity: ['on-demand'] },
    scaling: { minReplicas: 1, maxReplicas },
  }
  const model = { ...chat, settings, lock: { ...chat.lock, weightBytes: gigabytes * 1e9 } } as unknown as ValidModel
  return planRollout(
    model,
    { gpu: { maxGpus: { [kind]: 64 } } } as unknown as Cluster,
    { ...node, need, replicasPerNode: 1 } as ModelPlan['node'],
  ).rollout
}

const arrival = (gigabytes: number): number =>
  assumptions.gpuNodeBootSeconds.value +
  assumptions.imagePullSeconds.value +
  (gigabytes * 1000) / assumptions.hubDownloadMbps.value

describe('the time a start may take', (test) => {
  for (const kind of acceleratorKinds)
    test(`is half as long again as the slowest that was logged, at least: ${kind}`, () => {
      for (const gigabytes of [1, 16, 141, 1000]) {
        const { startupSeconds, coldStartSeconds, restartSeconds } = rolloutOf(kind, gigabytes)
        const slowest = logged(kind) + (gigabytes * 1000) / assumptions.weightLoadMbps.value
        assert.ok(startupSeconds >= 1.5 * slowest, `${startupSeconds} s of ${slowest} s`)
        assert.ok(arrival(gigabytes) + startupSeconds > coldStartSeconds && coldStartSeconds > restartSeconds)
      }
    })

  test('is within what the Deployment, the drain of a node and its pool wait for', () => {
    for (const gigabytes of [1, 16, 141, 1000]) {
      const rollout = rolloutOf('l40s', gigabytes, 3)
      const { startupSeconds, progressDeadlineSeconds, nodeDrainSeconds, terminationGraceSeconds } = rollout
      assert.ok(progressDeadlineSeconds > arrival(gigabytes) + startupSeconds)
      assert.ok(nodeDrainSeconds >= Math.floor(3 * (arrival(gigabytes) + startupSeconds)) + terminationGraceSeconds)
      assert.ok(terminationGraceSeconds > rollout.preStopSeconds + rollout.drainSeconds)
    }
    for (const { models, nodePools } of plans)
      for (const { nodePool, rollout, name } of models) {
        const pool = nodePools.find((one) => one.name === nodePool)
        assert.ok((pool?.terminationGraceHours ?? 0) * 3600 >= rollout.nodeDrainSeconds, name)
      }
  })

  test('leaves each stream its whole length before a pod that is scaled down ends', () => {
    assert.is(streamSeconds, readConfig({}).config.STREAM_SECONDS)
    for (const { name, version, rollout } of catalogue)
      if (version.drains) {
        assert.ok(rollout.drainSeconds >= streamSeconds, name)
        assert.ok(rollout.terminationGraceSeconds > rollout.preStopSeconds + streamSeconds, name)
      }
  })

  test('is outlasted by a stream that waits for a model of the catalogue', () => {
    for (const { name, scaling, rollout } of catalogue)
      if (scaling.minReplicas === 0) assert.ok(rollout.coldStartSeconds <= holdSeconds.stream, name)
  })

  test('rests on figures inside what was logged', () => {
    const { engineStartSeconds, slowestEngineStartSeconds, oldGpuEngineStartSeconds } = assumptions
    assert.ok(engineStartSeconds.value >= 165 && engineStartSeconds.value <= 295)
    assert.ok(slowestEngineStartSeconds.value > 295)
    assert.is(oldGpuEngineStartSeconds.value, 470)
  })
})

interface Pod {
  volumes: { name: string; emptyDir?: object }[]
  containers: {
    name: string
    env: { name: string; value?: string }[]
    volumeMounts: { name: string; mountPath: string }[]
  }[]
}

describe('what an engine compiles', (test) => {
  const objects = plans
    .flatMap((plan) => [
      ...renderNamespaces(plan),
      ...plan.models.flatMap((model) => renderModel(model, plan.cluster, plan.images.images)),
    ])
    .map(({ object }) => object)
  const deployments = objects.filter(
    ({ kind, metadata }) => kind === 'Deployment' && metadata.namespace === namespaces.models,
  )

  test('is in a volume of the pod, all of it, and in no folder of the node', () => {
    assert.is(deployments.length, catalogue.length)
    for (const deployment of deployments) {
      const pod = (deployment.spec as { template: { spec: Pod } }).template.spec
      for (const { name, emptyDir } of pod.volumes) assert.ok(emptyDir !== undefined, name)
      const engine = pod.containers.find(({ name }) => name === 'engine')
      const cache = engine?.volumeMounts.find(({ name }) => name === 'cache')?.mountPath ?? ''
      const caches = engine?.env.filter(({ name }) => /^HOME$|CACHE/.test(name)) ?? []
      assert.ok(caches.length > 0)
      for (const { name, value } of caches) assert.ok(value?.startsWith(`${cache}/`), name)
    }
  })

  test('could lie nowhere else: the namespace refuses folders of the node', () => {
    const spaces = objects.filter(({ kind, metadata }) => kind === 'Namespace' && metadata.name === namespaces.models)
    assert.is(spaces.length, plans.length)
    for (const { metadata } of spaces)
      assert.is(metadata.labels?.['pod-security.kubernetes.io/enforce'], 'restricted', 'docs/nodes.md says so')
  })
})

// What a model becomes: the rules of the platform, read off the rendered objects of the real catalogue.
import { ApiObject, App, Chart, JsonPatch } from 'cdk8s'
import * as kplus from 'cdk8s-plus-34'
import { sampleRoot } from '../../../test/sample-tree.ts'
import { assert, describe } from '../../../test/spec.ts'
import { planRepository } from '../../pipeline.ts'
import type { ModelPlan } from '../../plan/cluster-plan.ts'
import type { KubernetesObject, Manifest } from '../../render/manifest.ts'
import { nobody } from '../../render/network.ts'
import { tree } from '../../render/tree.ts'
import { gpu, podIdentityCidr } from '../../schema/contract.ts'
import { emitYaml } from '../../write/emit-yaml.ts'
import { manifestsOf } from './manifests-of.ts'

const { plans } = planRepository(sampleRoot, { models: [], clusters: [] })

interface PodSpec {
  containers: Container[]
  initContainers: Container[]
  volumes: { name: string; emptyDir?: { sizeLimit?: string; medium?: string } }[]
  tolerations?: { key: string }[]
  nodeSelector: Record<string, string>
  terminationGracePeriodSeconds: number
  automountServiceAccountToken: boolean
}

interface Container {
  args: string[]
  env: { name: string; value?: string; valueFrom?: { secretKeyRef?: { optional: boolean } } }[]
  resources: { limits: Record<string, unknown>; requests: Record<string, unknown> }
  startupProbe: { periodSeconds: number; failureThreshold: number }
  lifecycle: { preStop: { sleep: { seconds: number } } }
  volumeMounts: { mountPath: string }[]
}

interface Rendered {
  model: ModelPlan
  objects: Map<string, KubernetesObject>
  deployment: {
    replicas?: number
    progressDeadlineSeconds: number
    strategy: { rollingUpdate: { maxSurge: number; maxUnavailable: number } }
  }
  pod: PodSpec
  engine: Container
  /** Of the Job that copies weights. */
  copy: Container | undefined
}

const everyModel: Rendered[] = plans.flatMap((plan) => {
  const manifests = manifestsOf(plan)
  return plan.models.map((model) => {
    const own = manifests.filter(({ app }) => app === `model-${model.name}`)
    const objects = new Map(own.map(({ object }) => [object.kind, object]))
    const deployment = objects.get('Deployment')?.spec as Rendered['deployment'] & { template: { spec: PodSpec } }
    const pod = deployment.template.spec
    const [engine] = pod.containers
    if (engine === undefined) throw new Error(`${model.name} has no container`)
    const job = own.find(({ object }) => object.metadata.name === `copy-${model.name}`)?.object
    const copy = (job?.spec as { template: { spec: PodSpec } } | undefined)?.template.spec.containers[0]
    return { model, objects, deployment, pod, engine, copy }
  })
})

const only = (name: string, cluster = 'prod'): Rendered => {
  const found = everyModel.find(
    ({ model, pod }) => model.name === name && pod !== undefined && inCluster(model, cluster),
  )
  if (found === undefined) throw new Error(`${name} is not in ${cluster}`)
  return found
}

const inCluster = (model: ModelPlan, cluster: string): boolean =>
  plans.some((plan) => plan.cluster.name === cluster && plan.models.includes(model))

describe('a model', (test) => {
  test('becomes Deployment, Service, NetworkPolicy, PodDisruptionBudget, PrometheusRule, the Job of its smoke test, and a ScaledObject when it scales', () => {
    for (const { model, objects } of everyModel) {
      const kinds = [
        'Deployment',
        'Service',
        'NetworkPolicy',
        'PodDisruptionBudget',
        'PrometheusRule',
        'Job',
        ...(model.scaling.autoscaled ? ['ScaledObject'] : []),
      ]
      assert.equal([...objects.keys()].sort(), kinds.sort(), model.name)
    }
  })

  test('has no replicas when a scaler owns them, and exactly its number otherwise', () => {
    for (const { model, deployment } of everyModel) {
      assert.is(deployment.replicas, model.scaling.autoscaled ? undefined : model.scaling.minReplicas, model.name)
    }
  })

  test('keeps its three selector labels forever', () => {
    const spec = only('gpt2').objects.get('Deployment')?.spec as { selector: { matchLabels: unknown } }
    assert.equal(spec.selector.matchLabels, {
      'app.kubernetes.io/name': 'gpt2',
      'app.kubernetes.io/component': 'model-server',
      'app.kubernetes.io/part-of': 'slipway',
    })
  })

  test('asks for its GPUs as a number, tolerates their taint and selects their nodes', () => {
    for (const { model, engine, pod } of everyModel) {
      const count = model.gpu?.count
      assert.is(engine.resources.limits[gpu.resource], count, model.name)
      assert.is(engine.resources.requests[gpu.resource], count, model.name)
      assert.is(pod.tolerations?.[0]?.key, count === undefined ? undefined : gpu.taint.key)
      assert.is(pod.nodeSelector['slipway.dev/node-pool'], model.gpu?.kind ?? 'cpu')
    }
  })

  test('surges only when a spare GPU may be had', () => {
    for (const { model, deployment } of everyModel) {
      const expected = model.rollout.surge ? { maxSurge: 1, maxUnavailable: 0 } : { maxSurge: 0, maxUnavailable: 1 }
      assert.equal(deployment.strategy.rollingUpdate, expected, model.name)
    }
  })

  test('has time limits that contain each other: startup < progress deadline, preStop + drain < grace', () => {
    for (const { model, deployment, pod, engine } of everyModel) {
      const startup = engine.startupProbe.periodSeconds * engine.startupProbe.failureThreshold
      assert.ok(startup < deployment.progressDeadlineSeconds, model.name)
      assert.ok(
        engine.lifecycle.preStop.sleep.seconds + model.rollout.drainSeconds < pod.terminationGracePeriodSeconds,
        model.name,
      )
    }
  })

  test('shows the Hub token to the container that asks the Hub, and to no other; a gated one must have it', () => {
    for (const { model, pod, engine, copy } of everyModel) {
      assert.not.ok(
        engine.env.some(({ name }) => name === 'HF_TOKEN'),
        model.name,
      )
      const isOptional = (container: Container | undefined) =>
        container?.env.find(({ name }) => name === 'HF_TOKEN')?.valueFrom?.secretKeyRef?.optional
      const found = [isOptional(pod.initContainers[0]), isOptional(copy)]
      const needed = model.settings.bundled ? undefined : !model.lock.gated
      assert.equal(found, model.weights.source === 's3' ? [undefined, needed] : [needed, undefined], model.name)
    }
  })

  test('runs offline, writes only into volumes with a limit, and knows no service account token', () => {
    for (const { pod, engine } of everyModel) {
      assert.is(engine.env.find(({ name }) => name === 'HF_HUB_OFFLINE')?.value, '1')
      for (const { emptyDir } of pod.volumes) assert.match(emptyDir?.sizeLimit ?? '', /^\d+(Gi|Mi)$/)
      assert.is(pod.automountServiceAccountToken, false)
    }
  })

  test('counts its shared memory within its memory limit', () => {
    const { pod, engine } = only('llama-3-1-8b-instruct')
    assert.equal(pod.volumes.find(({ name }) => name === 'dshm')?.emptyDir, { medium: 'Memory', sizeLimit: '2Gi' })
    assert.is(engine.resources.limits.memory, '12Gi')
  })

  test('gives the gateway everything in its Service’s annotations', () => {
    const annotations = only('llama-3-1-8b-instruct').objects.get('Service')?.metadata.annotations ?? {}
    assert.is(annotations['slipway.dev/model'], 'llama-3-1-8b-instruct')
    assert.is(annotations['slipway.dev/model-id'], 'meta-llama/Llama-3.1-8B-Instruct')
    assert.equal(JSON.parse(annotations['slipway.dev/spec'] ?? ''), {
      affinity: 'prefix',
      maxModelLen: 16384,
      maxOutput: 16384,
      minReplicas: 1,
      pricePerHour: 0.8048,
      timeouts: { firstTokenSeconds: 30 },
    })
    assert.is(only('qwen3-32b').objects.get('Service')?.metadata.annotations?.['slipway.dev/tenants'], '["research"]')
  })

  test('wakes from zero on requests that wait at the gateway, and sleeps idleAfter after the last one that it counted', () => {
    const spec = only('llama-3-3-70b-instruct').objects.get('ScaledObject')?.spec as {
      minReplicaCount: number
      triggers: { metadata: { query: string } }[]
    }
    assert.is(spec.minReplicaCount, 0)
    assert.match(
      spec.triggers[2]?.metadata.query ?? '',
      'increase(slipway_gateway_requests_total{model="llama-3-3-70b-instruct"}[1800s])',
    )
    assert.is(spec.triggers[1]?.metadata.query, 'sum(slipway_gateway_waiting_requests{model="llama-3-3-70b-instruct"})')
  })

  test('may be reached by the gateway and by Prometheus alone, and reaches S3 alone or no private address', () => {
    for (const { model, objects } of everyModel) {
      const spec = objects.get('NetworkPolicy')?.spec as {
        ingress: { from: { namespaceSelector: { matchLabels: Record<string, string> } }[] }[]
        egress: { to: { ipBlock?: { cidr: string; except?: string[] } }[] }[]
      }
      const from = spec.ingress.flatMap((rule) =>
        rule.from.map((peer) => Object.values(peer.namespaceSelector.matchLabels)[0]),
      )
      assert.equal(from, ['gateway', 'monitoring'], model.name)
      const blocks = spec.egress.flatMap((rule) => rule.to.flatMap(({ ipBlock }) => ipBlock ?? []))
      const { store } = model.weights
      if (store === undefined)
        for (const { except } of blocks) assert.ok(except?.includes('169.254.0.0/16') && except.includes('10.0.0.0/8'))
      else
        assert.equal(
          blocks.map(({ cidr }) => cidr),
          [...store.cidrs, podIdentityCidr],
        )
      assert.is(JSON.stringify(spec.egress) === JSON.stringify([{ to: [nobody] }]), model.settings.bundled, model.name)
    }
  })

  test('is written without undefined values and without cdk8s-plus’s noise', () => {
    for (const { objects } of everyModel) {
      for (const object of objects.values()) {
        assert.equal(JSON.parse(JSON.stringify(object)), object)
        assert.not.match(emitYaml(object), /externalIPs|metadata\.addr/)
      }
    }
  })
})

describe('why the Deployment is an ApiObject', (test) => {
  const folder = { cluster: 'c', app: 'a', source: 's' }
  const gpuOf = (manifests: Manifest[]): unknown => {
    const spec = manifests[0]?.object.spec as { template: { spec: { containers: Container[] } } }
    return spec.template.spec.containers[0]?.resources.limits[gpu.resource]
  }

  test('a GPU count survives in an ApiObject', () => {
    const made = tree(folder, (chart) => {
      const spec = { template: { spec: { containers: [{ resources: { limits: { [gpu.resource]: 2 } } }] } } }
      new ApiObject(chart, 'd', { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd' }, spec })
    })
    assert.is(gpuOf(made), 2)
    assert.match(emitYaml(made[0]?.object ?? {}), 'nvidia.com/gpu: 2')
  })

  test('cdk8s-plus loses a patched one without a word', () => {
    const chart = new Chart(new App(), 'c')
    const deployment = new kplus.Deployment(chart, 'd', { containers: [{ image: 'a' }] })
    ApiObject.of(deployment).addJsonPatch(
      JsonPatch.add('/spec/template/spec/containers/0/resources/limits/nvidia.com~1gpu', 2),
    )
    const [made] = chart.toJson() as KubernetesObject[]
    const spec = made?.spec as { template: { spec: { containers: Container[] } } }
    // The day this is 2, the frozen package has a successor and the decision can be looked at again.
    const limit = spec.template.spec.containers[0]?.resources.limits[gpu.resource]
    assert.is(limit ?? undefined, undefined)
  })
})

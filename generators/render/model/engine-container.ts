// The container that serves: assembled once for all engines; an engine gives only what differs.
import type { IIoK8sApiCoreV1Container } from 'kubernetes-models/v1/Container'
import type { IIoK8sApiCoreV1Probe } from 'kubernetes-models/v1/Probe'
import type { ModelPlan } from '../../plan/cluster-plan.ts'
import { gpu, modelDirectory, ports } from '../../schema/contract.ts'
import { imageReference } from '../image-reference.ts'
import { containerSecurityContext } from '../security.ts'
import { cachePath, engineMounts } from './volumes.ts'

const probePeriodSeconds = 10

const probe = (path: string, options: Partial<IIoK8sApiCoreV1Probe>): IIoK8sApiCoreV1Probe => ({
  httpGet: { path, port: ports.model.name },
  ...options,
})

/** Where the engine itself reads its weights; undefined: in its folder. */
export const streamedFrom = ({ weights }: ModelPlan) => (weights.streamed ? weights.store : undefined)

/** Sorted by name: the order of variables means nothing, and a stable one keeps diffs small. */
function environment(model: ModelPlan): { name: string; value: string }[] {
  const { engine, settings, traces, version } = model
  const store = streamedFrom(model)
  const streaming: Record<string, string> =
    store === undefined ? {} : { AWS_REGION: store.region, ...version.stream?.environment }
  const all = { ...settings.env, ...engine.environment(cachePath), ...traces?.environment, ...streaming }
  return Object.keys(all)
    .sort()
    .map((name) => ({ name, value: all[name] ?? '' }))
}

function resources({ resources: needed, gpu: gpus }: ModelPlan): IIoK8sApiCoreV1Container['resources'] {
  const both = {
    memory: needed.memory,
    'ephemeral-storage': needed.ephemeralStorage,
    ...(gpus === undefined ? {} : { [gpu.resource]: gpus.count }),
  }
  // No CPU limit: throttling would show as latency while the node has CPU to spare.
  return { requests: { cpu: needed.cpu, ...both }, limits: both }
}

export function engineContainer(model: ModelPlan): IIoK8sApiCoreV1Container {
  const { engine, version, rollout } = model
  const streamed = streamedFrom(model)
  const { command, args } = engine.command({
    name: model.name,
    settings: model.settings,
    lock: model.lock,
    modelDirectory: streamed === undefined ? modelDirectory(model.name) : `${streamed.folder}/`,
    ...(streamed === undefined ? {} : { streamFlags: version.stream?.flags ?? [] }),
    maxModelLen: model.maxModelLen,
    ...(model.fit === undefined ? {} : { batching: model.fit.batching }),
    drainSeconds: rollout.drainSeconds,
  })
  return {
    name: 'engine',
    image: imageReference(model.image),
    ...(command.length > 0 ? { command } : {}),
    args: [...args, ...(model.traces === undefined ? [] : [`${model.traces.flag}=${model.traces.endpoint}/v1/traces`])],
    env: environment(model),
    ports: [{ name: ports.model.name, containerPort: ports.model.number, protocol: 'TCP' }],
    resources: resources(model),
    securityContext: containerSecurityContext(),
    volumeMounts: engineMounts(model),
    startupProbe: probe(version.probes.startup, {
      periodSeconds: probePeriodSeconds,
      timeoutSeconds: 5,
      failureThreshold: Math.ceil(rollout.startupSeconds / probePeriodSeconds),
    }),
    readinessProbe: probe(version.probes.readiness, { periodSeconds: 5, timeoutSeconds: 5, failureThreshold: 2 }),
    // Slow to give up: a restart costs the whole cold start.
    livenessProbe: probe(version.probes.liveness, { periodSeconds: 15, timeoutSeconds: 10, failureThreshold: 4 }),
    // New requests stop when the EndpointSlice has lost the pod; only then comes SIGTERM.
    lifecycle: { preStop: { sleep: { seconds: rollout.preStopSeconds } } },
  }
}

// gpu.maxGpus counts the GPUs of nodes: what to say when no node that carries a model may be started, with the ways out.
import { diagnoseModel } from '../diagnostics/diagnose.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { type AcceleratorKind, computesFp8 } from '../schema/accelerators.ts'
import type { Cluster } from '../schema/cluster.ts'
import type { Instance } from '../schema/instances.ts'
import type { ModelFile, ModelSettings } from '../schema/model.ts'
import type { ValidModel } from '../validate/repository.ts'
import { planCost } from './cost.ts'
import { planGpuMemory } from './gpu-memory.ts'
import { instancesFor, type Need, type PricedInstance, replicasOn } from './node.ts'
import { planResources, type Resources } from './resources.ts'

/** What one replica asks of its node. */
export function needOf({ settings: { accelerator } }: ValidModel, resources: Resources): Need {
  const { cpus, memoryGib, ephemeralGib } = resources
  return { kind: accelerator?.type, gpus: accelerator?.count ?? 0, cpus, memoryGib, diskGib: ephemeralGib }
}

export const gpuText = (kind: AcceleratorKind, gpus: number): string => `${gpus} × ${kind}`

/**
 * Karpenter starts no node whose GPUs would exceed what is left of the pool’s limit (`filterByRemainingResources` in
 * pkg/controllers/provisioning/scheduling/scheduler.go), so the pod would wait without end.
 */
export function nodeTooLarge(
  model: ValidModel,
  cluster: Cluster,
  need: Need,
  { type, gpus }: Instance,
  maxModelLen: number,
): Diagnostic[] {
  const { kind } = need
  const limit = kind === undefined ? undefined : cluster.gpu.maxGpus[kind]
  if (kind === undefined || limit === undefined || gpus <= limit) return []
  const file = `clusters/${cluster.name}/cluster.yaml`
  const ways = [`write gpu.maxGpus.${kind}: ${gpus} in ${file}`, ...otherWays(model, cluster, maxModelLen)]
  return [
    diagnoseModel(
      model,
      cluster,
      'REPLICA_EXCEEDS_CLUSTER',
      ['accelerator', 'count'],
      `the smallest node for one replica (${gpuText(kind, need.gpus)}) is ${type} with ${gpus} GPUs, and gpu.maxGpus.${kind} in ${file} lets all nodes together have ${limit}`,
      ways.length > 1 ? ways.join('; or ') : `${ways[0]}; nothing else that the cluster may have holds the model`,
    ),
  ]
}

const counts = [1, 2, 4, 8]

/** The cheapest other GPUs within the limits, planned like any model. */
function otherWays(model: ValidModel, cluster: Cluster, maxModelLen: number): string[] {
  const kinds = Object.keys(cluster.gpu.maxGpus) as AcceleratorKind[]
  const ways = kinds.flatMap((kind) =>
    counts.flatMap((count) => {
      const node = nodeWith(model, cluster, maxModelLen, kind, count)
      return node === undefined ? [] : [{ kind, count, usdPerHour: node.price.usdPerHour }]
    }),
  )
  return ways
    .sort((a, b) => a.usdPerHour - b.usdPerHour || a.count - b.count)
    .slice(0, 1)
    .map(
      ({ kind, count }) =>
        `write accelerator: ${count === 1 ? kind : `{type: ${kind}, count: ${count}}`}${place(model, cluster)}`,
    )
}

/** The other clusters of the model keep what they have. */
const place = ({ source }: ValidModel, { name }: Cluster): string =>
  Object.keys((source.value as ModelFile).clusters).length > 1 ? ` under clusters.${name}` : ''

function nodeWith(
  model: ValidModel,
  cluster: Cluster,
  maxModelLen: number,
  kind: AcceleratorKind,
  count: number,
): PricedInstance | undefined {
  const { settings, lock, version } = model
  if (settings.accelerator === undefined || version.image(kind) === undefined || !isSound(settings, kind, count))
    return undefined
  if (count > 1 && lock.heads % count !== 0) return undefined
  const other: ValidModel = {
    ...model,
    settings: { ...settings, accelerator: { ...settings.accelerator, type: kind, count } },
  }
  const need = needOf(other, planResources(other.settings, other.engine, other.lock))
  const [node] = instancesFor(need, { region: cluster.region, gpuLimit: cluster.gpu.maxGpus[kind] ?? 0 })
  if (node === undefined || planGpuMemory(other, cluster, maxModelLen).diagnostics.length > 0) return undefined
  const { minReplicas: min, maxReplicas: max } = settings.scaling
  const { cost } = planCost(node, cluster.region, replicasOn(node.instance, need), { min, max })
  return cost.maxMonthlyUsd > (settings.budget?.maxMonthlyUsd ?? Number.POSITIVE_INFINITY) ? undefined : node
}

/** What the rules about engine settings would refuse elsewhere. */
const isSound = ({ engine }: ModelSettings, kind: AcceleratorKind, count: number): boolean =>
  (engine.tensorParallelSize === undefined || engine.tensorParallelSize === count) &&
  (engine.quantization !== 'fp8' || computesFp8(kind))

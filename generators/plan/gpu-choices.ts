// Which GPUs a model could run on: every kind with the smallest count that holds it, planned like any other model, cheapest first.
import { type AcceleratorKind, acceleratorKinds, accelerators } from '../schema/accelerators.ts'
import type { Cluster } from '../schema/cluster.ts'
import type { Images } from '../schema/gateway.ts'
import type { ValidModel } from '../validate/repository.ts'
import type { ModelPlan } from './cluster-plan.ts'
import { fits } from './fit.ts'
import { planModel } from './plan-model.ts'

export interface GpuChoice {
  kind: AcceleratorKind
  /** GPUs of one replica. */
  count: number
  /** One replica on them; whole nodes are paid, so a month of one replica is `cost.minMonthlyUsd` of a model with one. */
  plan: ModelPlan
  /** How many of the kind the nodes of the cluster may have; 0: none. */
  limit: number
  /** Its node is within that limit. */
  allowed: boolean
}

const counts = [1, 2, 4, 8]

/** Empty when no GPU that can be had holds the model. */
export function gpuChoices(model: ValidModel, cluster: Cluster, images: Images): GpuChoice[] {
  return acceleratorKinds
    .flatMap((kind) => {
      const usable = counts.filter(
        (count) =>
          (count === 1 || model.lock.heads % count === 0) &&
          accelerators[kind].instances.some(({ gpus }) => gpus >= count),
      )
      for (const count of usable) {
        const plan = planOn(model, cluster, images, kind, count)
        const limit = cluster.gpu.maxGpus[kind] ?? 0
        if (plan !== undefined) return [{ kind, count, plan, limit, allowed: plan.node.instance.gpus <= limit }]
      }
      return []
    })
    .sort((a, b) => a.plan.cost.minMonthlyUsd - b.plan.cost.minMonthlyUsd)
}

const tooSmall = ['MODEL_EXCEEDS_GPU_MEMORY', 'CONTEXT_EXCEEDS_GPU_MEMORY', 'NO_INSTANCE_FITS']

function planOn(
  model: ValidModel,
  cluster: Cluster,
  images: Images,
  type: AcceleratorKind,
  count: number,
): ModelPlan | undefined {
  if (model.version.image(type) === undefined) return undefined
  const { tensorParallelSize: _, ...engine } = model.settings.engine
  const scaling = { ...model.settings.scaling, minReplicas: 1, maxReplicas: 1 }
  const settings = {
    ...model.settings,
    engine,
    scaling,
    accelerator: { type, count, capacity: ['on-demand' as const] },
  }
  const { plan, diagnostics } = planModel({ ...model, settings }, cluster, images)
  if (plan === undefined || diagnostics.some(({ code }) => tooSmall.includes(code))) return undefined
  return plan.fit === undefined || fits(plan.fit) ? plan : undefined
}

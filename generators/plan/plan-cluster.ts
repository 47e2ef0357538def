// Plans one cluster: each model by itself, then what they need together.
import { codes } from '../diagnostics/codes.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { AcceleratorKind } from '../schema/accelerators.ts'
import { planSubnets } from '../schema/network.ts'
import type { ValidCluster, ValidRepository } from '../validate/repository.ts'
import type { ClusterPlan, ModelPlan } from './cluster-plan.ts'
import { expiryProblems, planNodePools } from './node-pools.ts'
import { planModel } from './plan-model.ts'

export function planCluster(
  repository: ValidRepository,
  valid: ValidCluster,
): { plan: ClusterPlan; diagnostics: Diagnostic[] } {
  const { cluster, source, infra, addons, gateway } = valid
  const planned = valid.models.map((model) => planModel(model, cluster, repository.images.images))
  const models = planned.flatMap(({ plan }) => plan ?? [])
  const gpuKinds = [...new Set(models.flatMap(({ gpu }) => gpu?.kind ?? []))].sort()
  const plan: ClusterPlan = {
    cluster,
    source,
    infra,
    subnets: planSubnets(cluster.network.vpcCidr, cluster.network.zoneIds.length),
    models,
    tenants: repository.tenants,
    addons,
    gateway,
    images: repository.images,
    gpuKinds,
    nodePools: planNodePools({ cluster, models, gateway, gpuKinds }),
  }
  return {
    plan,
    diagnostics: [...planned.flatMap((one) => one.diagnostics), ...capacityProblems(plan), ...expiryProblems(plan)],
  }
}

/** Models of one kind together at maxReplicas; a warning, because they need not all be busy at once. */
function capacityProblems({ cluster, source, models, gpuKinds }: ClusterPlan): Diagnostic[] {
  return gpuKinds.flatMap((kind) => {
    const limit = cluster.gpu.maxGpus[kind] ?? 0
    // A replica that is too large by itself has its own diagnostic.
    const users = models.filter(({ gpu }) => gpu?.kind === kind && gpu.count <= limit)
    const most = users.reduce((sum, model) => sum + gpusAtMost(model), 0)
    if (most <= limit) return []
    return [overCapacity(kind, most, limit, users, cluster.name, source)]
  })
}

const gpusAtMost = ({ gpu, scaling }: ModelPlan): number => (gpu?.count ?? 0) * scaling.maxReplicas

const overCapacity = (
  kind: AcceleratorKind,
  most: number,
  limit: number,
  users: readonly ModelPlan[],
  cluster: string,
  source: ClusterPlan['source'],
): Diagnostic => ({
  code: 'GPU_CAPACITY',
  level: codes.GPU_CAPACITY.level,
  position: source.position(['gpu', 'maxGpus', kind], 'value'),
  message: `${users.length} models may use ${most} × ${kind} at maxReplicas, cluster ${cluster} may have ${limit}`,
  hint: `raise gpu.maxGpus.${kind} to ${most}, or lower a maxReplicas: ${users
    .slice(0, 8)
    .map(({ name }) => name)
    .join(', ')}`,
})

// Plans one cluster: each model by itself, then what they need together.
import { diagnose } from '../diagnostics/diagnose.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { subnetsOf } from '../schema/network.ts'
import type { ValidCluster, ValidRepository } from '../validate/repository.ts'
import type { ClusterPlan } from './cluster-plan.ts'
import { mirrorImages } from './mirror-image.ts'
import { gpuText } from './node-limit.ts'
import { expiryProblems, planNodePools } from './node-pools.ts'
import { billOf, packNodes } from './pack-nodes.ts'
import { planModel } from './plan-model.ts'

export function planCluster(
  repository: ValidRepository,
  valid: ValidCluster,
): { plan: ClusterPlan; diagnostics: Diagnostic[] } {
  const { cluster, source, infra, addons, gateway } = valid
  const images = mirrorImages(repository.images.images, cluster.mirrors.images)
  const planned = valid.models.map((model) => planModel(model, cluster, images, infra))
  const models = planned.flatMap(({ plan }) => plan ?? [])
  const gpuKinds = [...new Set(models.flatMap(({ gpu }) => gpu?.kind ?? []))].sort()
  const plan: ClusterPlan = {
    cluster,
    source,
    infra,
    subnets: subnetsOf(cluster),
    models,
    tenants: repository.tenants,
    addons,
    gateway,
    images: { ...repository.images, images },
    gpuKinds,
    nodePools: planNodePools({ cluster, models, gateway, gpuKinds }),
    packNodes: (kind, replicas) => packNodes(models, kind, replicas),
    bill: (replicas) => billOf({ models, gpuKinds }, replicas),
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
    // A node that is too large by itself has its own diagnostic.
    const users = models.filter(({ gpu, node }) => gpu?.kind === kind && node.instance.gpus <= limit)
    const { nodes, gpus } = packNodes(users, kind, ({ scaling }) => scaling.maxReplicas)
    if (gpus <= limit) return []
    const names = users.slice(0, 8).map(({ name }) => name)
    const message = `at maxReplicas ${users.length} models run on ${nodes} nodes with ${gpuText(kind, gpus)}, cluster ${cluster.name} may have ${limit}`
    const hint = `raise gpu.maxGpus.${kind} to ${gpus}, or lower a maxReplicas: ${names.join(', ')}`
    return [diagnose('GPU_CAPACITY', source.position(['gpu', 'maxGpus', kind]), message, hint)]
  })
}

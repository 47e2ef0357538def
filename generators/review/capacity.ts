// How much of each GPU kind a cluster's models may take together, before and after.
import type { ClusterPlan } from '../plan/cluster-plan.ts'
import type { AcceleratorKind } from '../schema/accelerators.ts'
import type { MonthlyUsd } from './model-rows.ts'
import type { Side } from './side.ts'

/** GPUs of nodes, every model at maxReplicas. */
export interface Capacity {
  cluster: string
  kind: string
  before: number
  after: number
  /** gpu.maxGpus of the cluster file, after the change. */
  limit: number
}

const gpusAtMost = (plan: ClusterPlan | undefined, kind: AcceleratorKind): number =>
  plan?.packNodes(kind, ({ scaling }) => scaling.maxReplicas).gpus ?? 0

/** Kinds whose use or limit changes, by cluster and kind. */
export function capacities(before: Side, after: Side): Capacity[] {
  const find = (side: Side, name: string) => side.plans.find(({ cluster }) => cluster.name === name)
  const names = [...new Set([...before.plans, ...after.plans].map(({ cluster }) => cluster.name))].sort()
  return names.flatMap((name) => {
    const [old, fresh] = [find(before, name), find(after, name)]
    const limits = (plan: ClusterPlan | undefined): Record<string, number> => ({ ...plan?.cluster.gpu.maxGpus })
    const [oldLimits, freshLimits] = [limits(old), limits(fresh)]
    const kinds = [...new Set([...Object.keys(oldLimits), ...Object.keys(freshLimits)])] as AcceleratorKind[]
    return kinds.sort().flatMap((kind) => {
      const limit = freshLimits[kind] ?? 0
      const one = { cluster: name, kind, before: gpusAtMost(old, kind), after: gpusAtMost(fresh, kind), limit }
      return one.before === one.after && oldLimits[kind] === freshLimits[kind] ? [] : [one]
    })
  })
}

/** US dollars a month of all models of a cluster; models that share a node pay it once. */
export interface ClusterBill {
  cluster: string
  before: MonthlyUsd
  after: MonthlyUsd
}

function billOf(plan: ClusterPlan | undefined): MonthlyUsd {
  const min = plan?.bill(({ scaling }) => scaling.minReplicas)
  const max = plan?.bill(({ scaling }) => scaling.maxReplicas)
  return { min: min?.monthlyUsd ?? 0, max: max?.monthlyUsd ?? 0, ...(max?.estimated && { estimated: true }) }
}

export function clusterBills(before: Side, after: Side, clusters: readonly string[]): ClusterBill[] {
  const find = (side: Side, name: string) => side.plans.find(({ cluster }) => cluster.name === name)
  return clusters.map((cluster) => ({
    cluster,
    before: billOf(find(before, cluster)),
    after: billOf(find(after, cluster)),
  }))
}

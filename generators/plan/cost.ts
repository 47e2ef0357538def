// What a model costs: whole GPU nodes, shares of CPU nodes, at on-demand prices of one region.
import { type Instance, pricesDate, pricesRegion } from '../schema/accelerators.ts'
import { assumptions } from '../schema/assumptions.ts'
import type { Derivation, ModelPlan } from './cluster-plan.ts'

const hours = assumptions.hoursPerMonth.value

/**
 * US dollars. A GPU node is paid whole, however many of its GPUs a model uses: nodes = ⌈replicas / replicasPerNode⌉. CPU
 * nodes are shared with other pods, so a replica pays its share. Spot prices change by the hour and are not counted.
 */
export function planCost(
  instance: Instance,
  replicasPerNode: number,
  replicas: { min: number; max: number },
): { cost: ModelPlan['cost']; derivation: Derivation } {
  const share = instance.usdPerHour / replicasPerNode
  const monthly = (count: number): number =>
    (instance.gpus > 0 ? Math.ceil(count / replicasPerNode) * instance.usdPerHour : count * share) * hours
  const cost = { usdPerHour: share, minMonthlyUsd: monthly(replicas.min), maxMonthlyUsd: monthly(replicas.max) }
  return {
    cost,
    derivation: {
      value: `$${Math.round(cost.minMonthlyUsd)}..${Math.round(cost.maxMonthlyUsd)} a month`,
      because: `${replicas.min}..${replicas.max} replicas, ${replicasPerNode} on one ${instance.type} at $${instance.usdPerHour} an hour × ${hours} h (on demand, ${pricesRegion}, ${pricesDate})`,
      assumptions: [],
    },
  }
}

// What a model costs: whole GPU nodes, shares of CPU nodes, at on-demand prices.
import { assumptions } from '../schema/assumptions.ts'
import { homeRegion } from '../schema/prices.ts'
import type { Derivation, ModelPlan } from './cluster-plan.ts'
import type { PricedInstance } from './node.ts'

const hours = assumptions.hoursPerMonth.value

/** GPU nodes that run for `replicas` of a model that shares none of them with another. */
export const nodesFor = (replicas: number, replicasPerNode: number): number => Math.ceil(replicas / replicasPerNode)

/**
 * US dollars. A GPU node is paid whole, however many of its GPUs a model uses, also by the hour; CPU nodes are shared with other pods, so a
 * replica pays its share. Spot prices change by the hour and are not counted.
 */
export function planCost(
  { instance, price }: PricedInstance,
  region: string,
  replicasPerNode: number,
  replicas: { min: number; max: number },
): { cost: ModelPlan['cost']; derivation(): Derivation } {
  const onGpu = instance.gpus > 0
  const usdPerHour = onGpu ? price.usdPerHour : price.usdPerHour / replicasPerNode
  const monthly = (count: number): number => (onGpu ? nodesFor(count, replicasPerNode) : count) * usdPerHour * hours
  const estimated = price.region !== region
  const cost = {
    usdPerHour,
    minMonthlyUsd: monthly(replicas.min),
    maxMonthlyUsd: monthly(replicas.max),
    estimated,
  }
  const derivation = (): Derivation => {
    const [min, max] = [replicas.min, replicas.max].map((count) => nodesFor(count, replicasPerNode))
    const nodes = onGpu ? ` on ${min}..${max} nodes of their own` : ''
    const where = estimated ? `${homeRegion}, since no price of ${region} is known` : region
    return {
      value: `$${Math.round(cost.minMonthlyUsd)}..${Math.round(cost.maxMonthlyUsd)} a month`,
      because: `${replicas.min}..${replicas.max} replicas${nodes}, ${replicasPerNode} on one ${instance.type} at $${price.usdPerHour} an hour × ${hours} h (on demand, ${where}, ${price.date})`,
      assumptions: estimated ? ['otherRegionPrice'] : [],
    }
  }
  return { cost, derivation }
}

// The GPU nodes that models need together: replicas share a node where it has room, as the scheduler places them.
import { type AcceleratorKind, accelerators } from '../schema/accelerators.ts'
import { assumptions } from '../schema/assumptions.ts'
import type { ClusterPlan, ModelPlan } from './cluster-plan.ts'
import { type Need, type Room, replicasIn, roomOn } from './node.ts'

export interface PackedNodes {
  nodes: number
  /** GPUs of these nodes, used or not: what gpu.maxGpus counts. */
  gpus: number
  monthlyUsd: number
  /** One of the prices is that of another region. */
  estimated: boolean
}

/** How many replicas of a model run. */
export type Replicas = (model: ModelPlan) => number

export interface Bill {
  /** With GPUs. */
  nodes: number
  monthlyUsd: number
  estimated: boolean
}

const without = (room: Room, need: Need, replicas: number): Room => ({
  gpus: room.gpus - need.gpus * replicas,
  cpus: room.cpus - need.cpus * replicas,
  memoryGib: room.memoryGib - need.memoryGib * replicas,
  diskGib: room.diskGib - need.diskGib * replicas,
})

/**
 * Replicas go to nodes that are there, and only then to new ones, small ones first: in this order large ones find the fewest gaps, so the
 * nodes last whatever comes first. Each new node is the one that the model’s own plan chose.
 */
export function packNodes(models: readonly ModelPlan[], kind: AcceleratorKind, replicas: Replicas): PackedNodes {
  const users = models
    .filter(({ gpu }) => gpu?.kind === kind)
    .sort((a, b) => a.node.instance.gpus - b.node.instance.gpus || a.node.need.gpus - b.node.need.gpus)
  const total: PackedNodes = { nodes: 0, gpus: 0, monthlyUsd: 0, estimated: false }
  let open: Room[] = []
  for (const model of users) {
    const { need, instance, price, replicasPerNode } = model.node
    let left = replicas(model)
    open = open.map((room) => {
      const placed = Math.min(left, replicasIn(room, need))
      left -= placed
      return placed === 0 ? room : without(room, need, placed)
    })
    const fresh = Math.ceil(left / replicasPerNode)
    for (; left > 0; left -= replicasPerNode)
      open.push(without(roomOn(instance), need, Math.min(left, replicasPerNode)))
    open = open.filter(({ gpus }) => gpus > 0)
    total.nodes += fresh
    total.gpus += fresh * instance.gpus
    total.monthlyUsd += fresh * price.usdPerHour * assumptions.hoursPerMonth.value
    total.estimated ||= fresh > 0 && model.cost.estimated
  }
  return total
}

/** GPU nodes as packed, shares of CPU nodes. US dollars a month. */
export function billOf({ models, gpuKinds }: Pick<ClusterPlan, 'models' | 'gpuKinds'>, replicas: Replicas): Bill {
  const packed = gpuKinds.map((kind) => packNodes(models, kind, replicas))
  const onCpu = models.filter(({ gpu }) => gpu === undefined)
  return {
    nodes: packed.reduce((sum, { nodes }) => sum + nodes, 0),
    monthlyUsd:
      packed.reduce((sum, { monthlyUsd }) => sum + monthlyUsd, 0) +
      onCpu.reduce((sum, model) => sum + model.cost.usdPerHour * replicas(model) * assumptions.hoursPerMonth.value, 0),
    estimated: packed.some(({ estimated }) => estimated) || onCpu.some(({ cost }) => cost.estimated),
  }
}

/**
 * Types of the pool: those with as many GPUs as a node that a plan chose. With larger ones beside them Karpenter would put pods that wait
 * together on one large node, which costs up to twice as much for each GPU.
 */
export function poolInstances(kind: AcceleratorKind, users: readonly ModelPlan[]): string[] {
  const sizes = new Set(users.map(({ node }) => node.instance.gpus))
  return accelerators[kind].instances.filter(({ gpus }) => sizes.has(gpus)).map(({ type }) => type)
}

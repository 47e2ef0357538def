// Which node one replica runs on: the cheapest instance with enough GPUs, CPU, memory and disk.
import { type AcceleratorKind, accelerators, cpuInstances, type Instance } from '../schema/accelerators.ts'
import { assumptions } from '../schema/assumptions.ts'

export interface Need {
  kind: AcceleratorKind | undefined
  gpus: number
  cpus: number
  memoryGib: number
  diskGib: number
}

/** Karpenter's EC2NodeClass gives every node a root volume of at least this size. */
export const rootVolumeGib = 100

const gibPerGb = 1e9 / 2 ** 30

/** What pods may use of an instance. */
export const allocatable = (instance: Instance): { cpus: number; memoryGib: number; diskGib: number } => ({
  cpus: instance.vcpus - assumptions.nodeReservedCpu.value,
  memoryGib: instance.memoryGib * (1 - assumptions.nodeReservedMemoryShare.value),
  // A RAID0 of the local disks holds pods' volumes; without local disks it is the root volume.
  diskGib: instance.localDiskGb > 0 ? instance.localDiskGb * gibPerGb : rootVolumeGib,
})

/** How many replicas an instance holds; 0 when not even one. */
export function replicasOn(instance: Instance, need: Need): number {
  const free = allocatable(instance)
  const byGpu = need.gpus === 0 ? Number.POSITIVE_INFINITY : instance.gpus / need.gpus
  return Math.floor(
    Math.min(byGpu, free.cpus / need.cpus, free.memoryGib / need.memoryGib, free.diskGib / need.diskGib),
  )
}

/** Cheapest instance that holds one replica; undefined when none of the kind does. */
export function chooseInstance(need: Need): Instance | undefined {
  const all = need.kind === undefined ? cpuInstances : accelerators[need.kind].instances
  return all.filter((instance) => replicasOn(instance, need) >= 1).sort((a, b) => a.usdPerHour - b.usdPerHour)[0]
}

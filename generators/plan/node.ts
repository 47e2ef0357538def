// Which node one replica runs on: the cheapest instance with enough GPUs, CPU, memory and disk, as Karpenter counts them.
import { type AcceleratorKind, accelerators } from '../schema/accelerators.ts'
import { assumptions } from '../schema/assumptions.ts'
import { cpuInstances, type Instance } from '../schema/instances.ts'
import { type Price, priceOf } from '../schema/prices.ts'

export interface Need {
  kind: AcceleratorKind | undefined
  gpus: number
  cpus: number
  memoryGib: number
  diskGib: number
}

/** Where nodes are, and how many GPUs those of one pool may have together. */
export interface Market {
  region: string
  gpuLimit?: number
}

export interface PricedInstance {
  instance: Instance
  price: Price
}

export interface Room {
  gpus: number
  cpus: number
  memoryGib: number
  diskGib: number
}

/** Karpenter's EC2NodeClass gives every node a root volume of at least this size. */
export const rootVolumeGib = 100

const gibPerGb = 1e9 / 2 ** 30
const mibPerGib = 1024

/** Shares of a node’s first, second, third and fourth, and further cores that the kubelet keeps. */
const reservedCpuShares: [from: number, share: number][] = [
  [0, 0.06],
  [1, 0.01],
  [2, 0.005],
  [4, 0.0025],
]

const reservedCpus = (vcpus: number): number =>
  reservedCpuShares.reduce((sum, [from, share], index) => {
    const end = Math.min(vcpus, reservedCpuShares[index + 1]?.[0] ?? vcpus)
    return sum + Math.max(0, end - from) * share
  }, 0)

/**
 * What pods may ask for on a new node. Karpenter 1.15.1, pkg/providers/instancetype/types.go: `memory`, `kubeReservedResources`
 * (255 MiB and 11 for each pod, 1 GiB of disk), `evictionThreshold` (100 MiB, 10 % of the disk), `ephemeralStorage` (a RAID0 of the local
 * disks, else the root volume). It starts a node only when this holds the pod.
 */
export function allocatable({ vcpus, memoryGib, maxPods, localDiskGb }: Instance): Omit<Room, 'gpus'> {
  const memoryMib = memoryGib * mibPerGib
  const overheadMib = Math.ceil(memoryMib * assumptions.vmMemoryOverheadShare.value) + 255 + 11 * maxPods + 100
  const disk = localDiskGb > 0 ? localDiskGb * gibPerGb : rootVolumeGib
  return {
    cpus: vcpus - reservedCpus(vcpus),
    memoryGib: (memoryMib - overheadMib) / mibPerGib,
    diskGib: disk * 0.9 - 1,
  }
}

const rooms = new Map<Instance, Room>()

/** The same without what the daemons of every node ask for; reckoned once for each instance, since every model asks. */
export function roomOn(instance: Instance): Room {
  const known = rooms.get(instance)
  if (known !== undefined) return known
  const { cpus, memoryGib, diskGib } = allocatable(instance)
  const room = {
    gpus: instance.gpus,
    cpus: cpus - assumptions.daemonCpus.value,
    memoryGib: memoryGib - assumptions.daemonMemoryMib.value / mibPerGib,
    diskGib,
  }
  rooms.set(instance, room)
  return room
}

/** How many replicas a room holds; 0 when not even one. */
export function replicasIn(room: Room, need: Need): number {
  const byGpu = need.gpus === 0 ? Number.POSITIVE_INFINITY : room.gpus / need.gpus
  return Math.max(
    0,
    Math.floor(Math.min(byGpu, room.cpus / need.cpus, room.memoryGib / need.memoryGib, room.diskGib / need.diskGib)),
  )
}

export const replicasOn = (instance: Instance, need: Need): number => replicasIn(roomOn(instance), need)

/** Instances that hold one replica, cheapest first. Those whose price in the region is not known come last: they may not be sold there. */
export function instancesFor(need: Need, { region, gpuLimit }: Market): PricedInstance[] {
  const all = need.kind === undefined ? cpuInstances : accelerators[need.kind].instances
  const isForeign = ({ price }: PricedInstance): number => (price.region === region ? 0 : 1)
  return all
    .filter((instance) => replicasOn(instance, need) >= 1 && instance.gpus <= (gpuLimit ?? Number.POSITIVE_INFINITY))
    .flatMap((instance) => {
      const price = priceOf(instance.type, region)
      return price === undefined ? [] : [{ instance, price }]
    })
    .sort((a, b) => isForeign(a) - isForeign(b) || a.price.usdPerHour - b.price.usdPerHour)
}

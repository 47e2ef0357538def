// What one replica needs beside its GPUs: CPU, memory, disk, shared memory.
import type { Engine, HostMemory } from '../engines/engine.ts'
import { readFlagUses } from '../engines/flag-uses.ts'
import { assumptions } from '../schema/assumptions.ts'
import type { Lock } from '../schema/lock.ts'
import type { ModelSettings } from '../schema/model.ts'
import { parseCpu, parseMemory } from '../schema/quantity.ts'
import { gib } from './fit.ts'

const value = (name: keyof typeof assumptions): number => assumptions[name].value

const formatCpu = (cpus: number): string => (Number.isInteger(cpus) ? String(cpus) : `${Math.round(cpus * 1000)}m`)

const formatMemory = (memoryGib: number): string =>
  Number.isInteger(memoryGib) ? `${memoryGib}Gi` : `${Math.ceil(memoryGib * 1024)}Mi`

export interface Resources {
  cpus: number
  cpu: string
  memoryGib: number
  memory: string
  weightsVolumeGib: number
  cacheVolumeGib: number
  ephemeralGib: number
  sharedMemoryMib: number
  /** What extra flags take of the memory. */
  hostMemory: HostMemory[]
  because: { cpu: string; memory: string; disk: string }
}

/** One core per GPU feeds it, one serves HTTP. CPU models ask for half a core and have no limit, so they use what is free. */
const defaultCpus = (gpus: number): number => (gpus === 0 ? 0.5 : gpus + 1)

const sum = (parts: readonly HostMemory[]): number => parts.reduce((total, { gib: one }) => total + one, 0)

const describeFlags = (parts: readonly HostMemory[]): string =>
  parts.map(({ flag, gib: one }) => ` + ${Number(one.toFixed(2))} GiB ${flag}`).join('')

function defaultMemory(engine: Engine, lock: Lock, sharedGib: number): { memoryGib: number; because: string } {
  const weights = lock.weightBytes / gib
  if (engine.accelerator === 'none' || !engine.hasKvCache) {
    const needed = weights * value('cpuEngineMemoryFactor') + 0.5
    return {
      memoryGib: Math.ceil(needed * 4) / 4,
      because: `${weights.toFixed(2)} GiB of weights × ${value('cpuEngineMemoryFactor')} + 0.5 GiB`,
    }
  }
  const needed = value('engineHostMemoryGib') + weights * value('hostMemoryPerWeight') + sharedGib
  return {
    memoryGib: Math.ceil(needed),
    because: `${value('engineHostMemoryGib')} GiB engine + ${weights.toFixed(2)} GiB of weights × ${value('hostMemoryPerWeight')} + ${sharedGib} GiB /dev/shm`,
  }
}

/** Files also hold tensors that no engine keeps. */
const fileBytes = ({ weightBytes, weightFiles = [] }: Lock): number =>
  Math.max(
    weightBytes,
    weightFiles.reduce((sum, { bytes }) => sum + bytes, 0),
  )

export function planResources(settings: ModelSettings, engine: Engine, lock: Lock): Resources {
  const gpus = settings.accelerator?.count ?? 0
  const sharedGib = engine.needsSharedMemory ? value('sharedMemoryGib') : 0
  const hostMemory = engine.hostMemory?.(readFlagUses(settings.engine.extraArgs ?? []).uses, gpus, lock) ?? []
  const memory = settings.resources.memory
  const derived = defaultMemory(engine, lock, sharedGib)
  const cpus = settings.resources.cpu === undefined ? defaultCpus(gpus) : parseCpu(settings.resources.cpu)
  const memoryGib =
    memory === undefined ? Math.ceil((derived.memoryGib + sum(hostMemory)) * 4) / 4 : parseMemory(memory)
  const weightsVolumeGib = Math.ceil(fileBytes(lock) / gib) + 1
  const cacheVolumeGib = gpus > 0 ? value('ephemeralMarginGib') : 1
  return {
    cpus,
    cpu: settings.resources.cpu ?? formatCpu(cpus),
    memoryGib,
    memory: memory ?? formatMemory(memoryGib),
    weightsVolumeGib,
    cacheVolumeGib,
    // /tmp, logs and the writable layer.
    ephemeralGib: weightsVolumeGib + cacheVolumeGib + 1,
    sharedMemoryMib: Math.ceil((sharedGib + sum(hostMemory.filter(({ shared }) => shared))) * 1024),
    hostMemory,
    because: {
      cpu:
        settings.resources.cpu === undefined
          ? gpus === 0
            ? 'half a core, without a limit'
            : 'one core per GPU and one for HTTP'
          : 'resources.cpu',
      memory: memory === undefined ? derived.because + describeFlags(hostMemory) : 'resources.memory',
      disk: `${weightsVolumeGib} GiB for the weights + ${cacheVolumeGib} GiB caches + 1 GiB /tmp and logs`,
    },
  }
}

// Memory of the node that extra flags of vLLM take, beside what every engine needs. Files named here are those of vLLM 0.31.
import type { Lock } from '../schema/lock.ts'
import type { HostMemory } from './engine.ts'
import { type FlagUse, lastValue } from './flag-uses.ts'
import { type Json, readObject } from './value-forms.ts'

const gib = 2 ** 30
/** Default of --mm-processor-cache-gb (vllm/config/multimodal.py). */
const defaultCacheGib = 4
/** One API server process, measured at 0.5 GiB on the CPU build. */
const apiServerGib = 1

export function vllmHostMemory(uses: readonly FlagUse[], gpus: number, lock: Lock): HostMemory[] {
  const number = (flag: string): number => Number(lastValue(uses, flag) ?? 0) || 0
  const is = (flag: string, value: string): boolean => lastValue(uses, flag) === value
  const servers = Math.max(1, number('--api-server-count'))
  const cacheGib =
    lastValue(uses, '--mm-processor-cache-gb') === undefined ? defaultCacheGib : number('--mm-processor-cache-gb')
  const copies = is('--mm-processor-cache-type', 'shm') ? 0 : servers + 1
  const largest = Math.max(...(lock.weightFiles ?? [{ bytes: lock.weightBytes }]).map(({ bytes }) => bytes))
  const group = number('--offload-group-size')
  const movedShare = group === 0 ? 0 : Math.min(1, (number('--offload-num-in-group') || 1) / group)
  const connector = readObject(lastValue(uses, '--kv-transfer-config') ?? '')?.kv_connector_extra_config as
    | Json
    | undefined
  const all: HostMemory[] = [
    // "per GPU" (vllm/config/offload.py); the other of all GPUs together (vllm/config/cache.py).
    { flag: '--cpu-offload-gb', gib: number('--cpu-offload-gb') * gpus, shared: false },
    { flag: '--offload-group-size', gib: (movedShare * lock.weightBytes) / gib, shared: false },
    // A file in /dev/shm (vllm/v1/kv_offload/cpu/shared_offload_region.py).
    { flag: '--kv-offloading-size', gib: number('--kv-offloading-size'), shared: true },
    { flag: '--kv-transfer-config', gib: Number(connector?.cpu_bytes_to_use ?? 0) / gib || 0, shared: true },
    // Kept once in /dev/shm, or by each process (vllm/config/multimodal.py).
    { flag: '--mm-processor-cache-type', gib: copies === 0 ? cacheGib : 0, shared: true },
    { flag: '--mm-processor-cache-gb', gib: number('--mm-processor-cache-gb') * copies, shared: false },
    { flag: '--api-server-count', gib: (servers - 1) * apiServerGib, shared: false },
    // Every process of a GPU reads whole files.
    {
      flag: '--safetensors-load-strategy',
      gib: is('--safetensors-load-strategy', 'eager') ? (largest / gib) * Math.max(1, gpus) : 0,
      shared: false,
    },
  ]
  return all.filter((one) => one.gib > 0)
}

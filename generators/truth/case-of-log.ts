// A start-up log as a case: what was started is read from the log, and from the plan what the log does not say.
import type { ModelPlan } from '../plan/cluster-plan.ts'
import { type AcceleratorKind, accelerators, cudaMemoryMib } from '../schema/accelerators.ts'
import type { Case } from './case.ts'
import { type StartLog, utilizationOf } from './read-log.ts'

const given = <Value>(name: string, value: Value | undefined): Record<string, Value> =>
  value === undefined ? {} : { [name]: value }

export function caseOf(log: StartLog, { name, lock, settings, maxModelLen }: ModelPlan, kind: AcceleratorKind): Case {
  const accelerator = accelerators[kind]
  return {
    id: `${kind}x${log.tensorParallel}-${name}`,
    model: lock.id,
    gpu: accelerator.name,
    gpuKind: kind,
    gpuMemoryMiB: accelerator.memoryMib,
    gpuTotalGiB: cudaMemoryMib(accelerator) / 1024,
    tensorParallel: log.tensorParallel,
    dtype: log.dtype ?? settings.engine.dtype ?? 'auto',
    ...given('quantization', log.quantization ?? settings.engine.quantization),
    kvCacheDtype: log.kvCacheDtype ?? 'auto',
    gpuMemoryUtilization: utilizationOf(log),
    maxModelLen: log.maxModelLen ?? maxModelLen,
    ...given('maxNumSeqs', log.maxNumSeqs),
    ...given('maxNumBatchedTokens', log.maxNumBatchedTokens),
    ...(log.enforceEager ? { enforceEager: true } : {}),
    ...given('vllmVersion', log.version),
    observed: {
      fits: log.failure === undefined,
      ...given('loadingGiB', log.loadingGib),
      ...given('kvGiB', log.kvGib),
      ...given('kvTokens', log.kvTokens),
      ...given('concurrency', log.concurrency),
      ...given('kvNeededGiB', log.neededGib),
    },
  }
}

// What extra flags take of the node's memory, against a memory that the model file sets itself.
import { diagnoseModel } from '../diagnostics/diagnose.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Cluster } from '../schema/cluster.ts'
import type { ValidModel } from '../validate/repository.ts'
import { planResources, type Resources } from './resources.ts'

/** A limit that the flags alone would reach ends the pod while it starts. */
export function checkHostMemory(
  model: ValidModel,
  cluster: Cluster,
  { hostMemory, memoryGib }: Resources,
): Diagnostic[] {
  const taken = hostMemory.reduce((sum, { gib }) => sum + gib, 0)
  if (hostMemory.length === 0 || taken < memoryGib) return []
  const derived = planResources({ ...model.settings, resources: {} }, model.engine, model.lock)
  return [
    diagnoseModel(
      model,
      cluster,
      'HOST_MEMORY',
      ['resources', 'memory'],
      `${hostMemory.map(({ flag }) => flag).join(', ')} take ${Number(taken.toFixed(2))} GiB, resources.memory is ${memoryGib} GiB`,
      `write memory: ${derived.memory}, or remove it`,
    ),
  ]
}

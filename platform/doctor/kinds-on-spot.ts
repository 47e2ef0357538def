// Which GPUs the model files may put on spot nodes: EC2 has a quota of its own for these.
import { loadRepository } from '../../generators/load/load-repository.ts'
import type { AcceleratorKind } from '../../generators/schema/accelerators.ts'
import { validateRepository } from '../../generators/validate/validate-repository.ts'

/** Models that synth would refuse are left out: it says what is wrong with them. */
export function kindsOnSpot(root: string, cluster: string): Set<AcceleratorKind> {
  const { repository } = loadRepository(root, { models: [], clusters: [cluster] })
  const models = validateRepository(repository).valid?.clusters.flatMap(({ models }) => models) ?? []
  return new Set(
    models.flatMap(({ settings: { accelerator } }) =>
      accelerator?.capacity.includes('spot') ? [accelerator.type] : [],
    ),
  )
}

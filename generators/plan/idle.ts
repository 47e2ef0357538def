// Whether a model that may sleep is left alone for as long as it needs to wake.
import { diagnoseModel } from '../diagnostics/diagnose.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import { assumptions } from '../schema/assumptions.ts'
import type { Cluster } from '../schema/cluster.ts'
import type { ValidModel } from '../validate/repository.ts'
import type { ModelPlan } from './cluster-plan.ts'

const duration = (seconds: number): string =>
  seconds % 3600 === 0 ? `${seconds / 3600}h` : seconds % 60 === 0 ? `${seconds / 60}m` : `${seconds}s`

/**
 * The request that wakes a model may leave long before it is ready, and from then on nothing keeps the pod but `idleAfter`: a shorter one takes
 * it away while it loads, and the next request begins anew.
 */
export function checkIdle(
  model: ValidModel,
  cluster: Cluster,
  { scaling, rollout }: Pick<ModelPlan, 'scaling' | 'rollout'>,
): Diagnostic[] {
  const idle = scaling.idleAfterSeconds
  const least = assumptions.idleMargin.value * rollout.coldStartSeconds
  if (idle === undefined || idle >= least) return []
  return [
    diagnoseModel(
      model,
      cluster,
      'IDLE_BEFORE_READY',
      ['scaling', 'idleAfter'],
      `idleAfter is ${duration(idle)}, a start takes ≈${rollout.coldStartSeconds} s: the pod goes before it is ready`,
      `write idleAfter: ${duration(60 * Math.ceil(least / 60))} or more`,
    ),
  ]
}

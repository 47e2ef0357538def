// Risks of many models that roll at the same time: each has room for its own new pod, all of them together may not.
import type { ModelRow } from '../model-rows.ts'
import type { Side } from '../side.ts'
import type { Risk } from './risk.ts'

/** GPUs: every model at maxReplicas, and one new pod of each model that starts one first. */
export function rolloutRisks(rows: readonly ModelRow[], after: Side): Risk[] {
  const rolling = rows.filter(({ rollout }) => rollout === 'surge')
  return after.plans.flatMap(({ cluster, models }) =>
    Object.entries(cluster.gpu.maxGpus).flatMap(([kind, limit = 0]) => {
      const own = rolling.filter((row) => row.cluster === cluster.name && row.after?.gpu?.kind === kind)
      const extra = own.reduce((sum, { after: facts }) => sum + (facts?.gpu?.count ?? 0), 0)
      const most = models.reduce(
        (sum, { gpu, scaling }) => sum + (gpu?.kind === kind ? gpu.count * scaling.maxReplicas : 0),
        0,
      )
      if (own.length < 2 || most + extra <= limit) return []
      const text = `${own.length} models roll at once and start ${extra} more ${kind} for it; with all models at most that is ${most + extra} of ${limit}, so some new pods may wait for others to end. Roll them in parts if that is too long.`
      return [{ level: 'warning' as const, rule: 'rolls-together', where: cluster.name, text }]
    }),
  )
}

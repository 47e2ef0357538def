// Risks of many models that roll at the same time: each has room for its own new pod, all of them together may not.
import type { ModelRow } from '../model-rows.ts'
import type { Side } from '../side.ts'
import type { Risk } from './risk.ts'

/** GPUs of nodes: every model at maxReplicas, and one new pod of each model that starts one first. */
export function rolloutRisks(rows: readonly ModelRow[], after: Side): Risk[] {
  const rolling = rows.filter(({ rollout }) => rollout === 'surge')
  return after.plans.flatMap(({ cluster, gpuKinds, packNodes }) =>
    gpuKinds.flatMap((kind) => {
      const limit = cluster.gpu.maxGpus[kind] ?? 0
      const own = rolling.filter((row) => row.cluster === cluster.name && row.after?.gpu?.kind === kind)
      const surging = new Set(own.map(({ model }) => model))
      const { nodes, gpus } = packNodes(kind, ({ name, scaling }) => scaling.maxReplicas + (surging.has(name) ? 1 : 0))
      if (own.length < 2 || gpus <= limit) return []
      const text = `${own.length} models roll at once and start a new pod each; with all models at most that is ${nodes} nodes with ${gpus} ${kind} of ${limit}, so some new pods may wait for others to end. Roll them in parts if that is too long.`
      return [{ level: 'warning' as const, rule: 'rolls-together', where: cluster.name, text }]
    }),
  )
}

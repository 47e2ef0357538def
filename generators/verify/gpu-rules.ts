// GPUs of a pod: a whole number, requested as limited, tolerated, and on a node pool that the cluster has.
import type { Manifest } from '../render/manifest.ts'
import { gpu, nodePoolLabel, systemNodePool } from '../schema/contract.ts'
import { describe, specOf, type Workload } from './app-objects.ts'

export function gpuProblems({ template, containers }: Workload): string[] {
  const problems: string[] = []
  let usesGpu = false
  for (const { name, resources } of containers) {
    const limit = resources?.limits?.[gpu.resource]
    const request = resources?.requests?.[gpu.resource]
    if (limit === undefined && request === undefined) continue
    usesGpu = true
    const whole = typeof limit === 'number' && Number.isInteger(limit) && limit > 0
    if (!whole)
      problems.push(
        `container ${name} limits ${gpu.resource} to ${JSON.stringify(limit)}, not to a positive whole number`,
      )
    else if (request !== undefined && request !== limit) {
      problems.push(`container ${name} requests ${JSON.stringify(request)} ${gpu.resource} and limits them to ${limit}`)
    }
  }
  if (!usesGpu) return problems
  const tolerations = template.spec?.tolerations ?? []
  const tolerated = tolerations.some(
    ({ key, effect }) => key === gpu.taint.key && (effect === undefined || effect === gpu.taint.effect),
  )
  if (!tolerated) problems.push(`the pod does not tolerate the taint ${gpu.taint.key}`)
  if (template.spec?.nodeSelector?.[nodePoolLabel] === undefined) {
    problems.push(`the pod selects no node pool by ${nodePoolLabel}`)
  }
  return problems
}

/** Node pools of the cluster, and the workloads that name one. */
export class PoolRules {
  /** The platform program makes the managed group. */
  readonly #pools = new Set<string>([systemNodePool])
  readonly #users: { name: string; pool: string; source: string }[] = []

  note({ object }: Manifest): void {
    if (object.kind !== 'NodePool') return
    const template = specOf(object).template as { metadata?: { labels?: Record<string, string> } } | undefined
    const label = template?.metadata?.labels?.[nodePoolLabel]
    if (label !== undefined) this.#pools.add(label)
  }

  noteUser({ template, manifest }: Workload): void {
    const pool = template.spec?.nodeSelector?.[nodePoolLabel]
    if (pool !== undefined) this.#users.push({ name: describe(manifest.object), pool, source: manifest.source })
  }

  problems(): { source: string; message: string }[] {
    return this.#users
      .filter(({ pool }) => !this.#pools.has(pool))
      .map(({ name, pool, source }) => ({
        source,
        message: `${name}: no node pool has the label ${nodePoolLabel}: ${pool}`,
      }))
  }
}

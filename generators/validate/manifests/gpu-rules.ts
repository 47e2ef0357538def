// GPUs of a pod: a whole number, requested as limited, tolerated, and offered by a node pool.
import type { Manifest } from '../../render/manifest.ts'
import { gpu, nodePoolLabel } from '../../schema/contract.ts'
import { specOf, type Workload } from './app-objects.ts'

/** Node pools among the manifests, with the labels of their nodes. */
export function nodePoolLabels(manifests: readonly Manifest[]): Record<string, string>[] {
  return manifests.flatMap(({ object }) => {
    if (object.kind !== 'NodePool') return []
    const template = specOf(object).template as { metadata?: { labels?: Record<string, string> } } | undefined
    return [template?.metadata?.labels ?? {}]
  })
}

/** `pools` is undefined when the node pools were not rendered in this run. */
export function gpuProblems(
  { template, containers }: Workload,
  pools: readonly Record<string, string>[] | undefined,
): string[] {
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
    if (request !== undefined && request !== limit)
      problems.push(
        `container ${name} requests ${JSON.stringify(request)} ${gpu.resource} and limits them to ${JSON.stringify(limit)}`,
      )
  }
  const selected = template.spec?.nodeSelector?.[nodePoolLabel]
  if (pools !== undefined && selected !== undefined && !pools.some((labels) => labels[nodePoolLabel] === selected)) {
    problems.push(`no node pool has the label ${nodePoolLabel}: ${selected}`)
  }
  if (!usesGpu) return problems
  const tolerated = (template.spec?.tolerations ?? []).some(
    ({ key, effect }) => key === gpu.taint.key && (effect === undefined || effect === gpu.taint.effect),
  )
  if (!tolerated) problems.push(`the pod does not tolerate the taint ${gpu.taint.key}`)
  if (selected === undefined) problems.push(`the pod selects no node pool by ${nodePoolLabel}`)
  return problems
}

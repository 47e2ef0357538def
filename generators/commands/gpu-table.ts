// The GPUs that would do for a model that is not there yet, as a table.
import type { Repository } from '../load/repository.ts'
import { type GpuChoice, gpuChoices } from '../plan/gpu-choices.ts'
import type { Lock } from '../schema/lock.ts'
import { validateRepository } from '../validate/validate-repository.ts'
import { type ModelDraft, withDraft } from './draft-model.ts'

/** The draft is planned on every kind; to be sound it first takes one that its first cluster has. Empty: it has none. */
export function choicesOf(repository: Repository, base: ModelDraft, lock: Lock): GpuChoice[] {
  const [first = ''] = base.clusters
  const kind = kindsOf(repository, first)[0]
  if (kind === undefined) return []
  const { side } = withDraft(repository, { ...base, gpu: { type: kind, count: 1 } }, lock)
  const { valid } = validateRepository(side.repository)
  const cluster = valid?.clusters.find((one) => one.cluster.name === first)
  const model = cluster?.models.find((one) => one.name === base.name)
  if (valid === undefined || cluster === undefined || model === undefined) return []
  return gpuChoices(model, cluster.cluster, valid.images.images)
}

function kindsOf({ clusters }: Repository, name: string): string[] {
  const file = clusters.find((one) => one.name === name)?.file?.value as { gpu?: { maxGpus?: object } } | undefined
  return Object.keys(file?.gpu?.maxGpus ?? {})
}

export function choiceTable(choices: readonly GpuChoice[], cluster: string): string {
  const rows = choices.map(({ kind, count, plan, limit, allowed }) => [
    count === 1 ? kind : `${count} × ${kind}`,
    plan.node.instance.type,
    `${plan.cost.estimated ? '≈' : ''}$${Math.round(plan.cost.minMonthlyUsd).toLocaleString('en-US')}`,
    plan.fit === undefined ? '-' : plan.fit.fullLengthRequests.toFixed(1),
    allowed ? `${limit} in ${cluster}` : limit > 0 ? `only ${limit} in ${cluster}` : `none in ${cluster}`,
  ])
  const head = ['GPU', 'instance', '$/month', 'requests at once', 'there are']
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)))
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

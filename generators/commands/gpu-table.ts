// The GPUs that would do for a model that is not there yet, as a table.

import { UsageError } from '../command-line/command.ts'
import { alignedLines } from '../command-line/text-table.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { Repository } from '../load/repository.ts'
import { type GpuChoice, gpuChoices } from '../plan/gpu-choices.ts'
import type { Lock } from '../schema/lock.ts'
import { validateRepository } from '../validate/validate-repository.ts'
import { type ModelDraft, withDraft } from './draft-model.ts'

export interface Choices {
  choices: GpuChoice[]
  /** Why there are none, where that is no matter of memory. */
  problems: Diagnostic[]
}

/** The draft is planned on every kind; to be sound it first takes one that its first cluster has. */
export function choicesOf(repository: Repository, base: ModelDraft, lock: Lock): Choices {
  const [first = ''] = base.clusters
  const kind = kindsOf(repository, first)[0]
  if (kind === undefined)
    throw new UsageError(
      `cluster ${first} has no GPUs: write gpu.maxGpus in clusters/${first}/cluster.yaml, or give --gpu none with --engine tei or cpu`,
    )
  const { side, diagnostics } = withDraft(repository, { ...base, gpu: { type: kind, count: 1 } }, lock)
  const { valid } = validateRepository(side.repository)
  const cluster = valid?.clusters.find((one) => one.cluster.name === first)
  const model = cluster?.models.find((one) => one.name === base.name)
  if (valid === undefined || cluster === undefined || model === undefined) return { choices: [], problems: diagnostics }
  return { choices: gpuChoices(model, cluster.cluster, valid.images.images), problems: [] }
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
    plan.fit === undefined ? '-' : `${plan.fit.isUnseenGpu ? '≈' : ''}${plan.fit.fullLengthRequests.toFixed(1)}`,
    allowed ? `${limit} in ${cluster}` : limit > 0 ? `only ${limit} in ${cluster}` : `none in ${cluster}`,
  ])
  const head = ['GPU', 'instance', '$/month', 'requests at once', 'there are']
  return alignedLines([head, ...rows]).join('\n')
}

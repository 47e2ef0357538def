// Rules about reserved GPUs: of a kind that the cluster has, each once, and there for a model that asks for them; ways to buy in Karpenter's order.
import type { SourceFile } from '../load/source-file.ts'
import type { Cluster } from '../schema/cluster.ts'
import { capacityTypes } from '../schema/reservations.ts'
import type { Findings, Report } from './findings.ts'
import type { Draft } from './model-settings.ts'

export function checkReservations({ gpu }: Cluster, file: SourceFile, findings: Findings): void {
  const known = Object.keys(gpu.maxGpus)
  for (const [index, { id, kind, count }] of gpu.reservations.entries()) {
    const at = (field: string) => ['gpu', 'reservations', index, field]
    const limit = gpu.maxGpus[kind] ?? 0
    if (gpu.reservations.findIndex((one) => one.id === id) < index)
      findings.add('RESERVATION', file.position(at('id')), `${id} is listed twice`, 'write each reservation once')
    if (limit === 0)
      findings.add(
        'RESERVATION',
        file.position(at('kind')),
        `the cluster has no ${kind}`,
        `add gpu.maxGpus.${kind}: ${count}, or write one of: ${known.join(', ')}`,
      )
    else if (count > limit)
      findings.add(
        'RESERVATION',
        file.position(at('count')),
        `${count} ${kind} are reserved and paid for, and the cluster may have ${limit}`,
        `write gpu.maxGpus.${kind}: ${count} or more`,
      )
  }
}

export function checkCapacity({ accelerator }: Draft, { gpu, name }: Cluster, report: Report): void {
  const { capacity = [], type } = accelerator ?? {}
  const ordered = capacityTypes.filter((one) => capacity.includes(one))
  if (capacity.some((one, index) => one !== ordered[index]))
    report(
      'CAPACITY_ORDER',
      ['accelerator', 'capacity'],
      `[${capacity.join(', ')}] is not the order in which Karpenter tries them`,
      `write [${ordered.join(', ')}]`,
    )
  if (capacity.includes('reserved') && !gpu.reservations.some(({ kind }) => kind === type))
    report(
      'CAPACITY_UNRESERVED',
      ['accelerator', 'capacity'],
      `the cluster has no reserved ${type}`,
      `add one to gpu.reservations in clusters/${name}/cluster.yaml, or write [${ordered.filter((one) => one !== 'reserved').join(', ') || 'on-demand'}]`,
    )
}

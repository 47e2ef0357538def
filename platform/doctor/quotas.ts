// Quotas of EC2, which count vCPUs, for what the cluster file lets Karpenter and EKS start; new accounts have no GPUs.
import { type AcceleratorKind, accelerators } from '../../generators/schema/accelerators.ts'
import type { Cluster } from '../../generators/schema/cluster.ts'
import { environments } from '../../generators/schema/environments.ts'
import { bad, type Check, good } from './check.ts'

interface Quota {
  code: string
  of: string
  need: number
  because: string
}

/** vCPUs of the instance types of the system nodes. */
const systemVcpus: Record<string, number> = { 'm7i.large': 2, 'm7i.xlarge': 4 }

const isP = (kind: AcceleratorKind): boolean => accelerators[kind].instances.some(({ type }) => type.startsWith('p'))

/** The fewest vCPUs that some GPUs of a kind can come with, and one more node: a patched one starts before the old one goes. */
function vcpusOf(kind: AcceleratorKind, gpus: number): number {
  const { instances } = accelerators[kind]
  const perGpu = Math.min(...instances.map((one) => one.vcpus / one.gpus))
  const smallest = Math.min(...instances.map(({ vcpus }) => vcpus))
  return gpus * perGpu + smallest
}

/** Codes of the quotas of instances with GPUs, by how they are bought (EC2 user guide, instance quotas). */
const gpuQuotas = {
  'on demand': { g: 'L-DB2E81BA', p: 'L-417A185B' },
  'on spot': { g: 'L-3819A6DF', p: 'L-7212CCBC' },
} as const

function gpuQuota(cluster: Cluster, code: string, of: string, wanted: (kind: AcceleratorKind) => boolean): Quota[] {
  const kinds = Object.entries(cluster.gpu.maxGpus) as [AcceleratorKind, number][]
  const mine = kinds.filter(([kind, gpus]) => wanted(kind) && gpus > 0)
  if (mine.length === 0) return []
  const need = mine.reduce((sum, [kind, gpus]) => sum + vcpusOf(kind, gpus), 0)
  const because = `${mine.map(([kind, gpus]) => `${gpus} × ${kind}`).join(', ')}, and a node of each once more`
  return [{ code, of, need, because }]
}

/**
 * What a cluster takes at most, or for GPUs at least: larger nodes have more vCPUs for each.
 *
 * @param onSpot kinds that a model of the cluster may have on spot nodes; all may be on demand, too, where spot has none
 */
export function quotasOf(cluster: Cluster, onSpot: ReadonlySet<AcceleratorKind> = new Set()): Quota[] {
  const { natPerZone, systemNodes } = environments[cluster.environment]
  const nats = natPerZone ? cluster.network.zoneIds.length : 1
  const makesNats = cluster.network.existing === undefined
  // EKS adds up to two nodes a zone while it replaces them (EKS user guide, managed node update behavior).
  const makesNodes = cluster.kubernetes.existing === undefined
  const system = systemNodes.count + 2 * cluster.network.zoneIds.length
  return [
    ...(['on demand', 'on spot'] as const).flatMap((bought) => {
      const { g, p } = gpuQuotas[bought]
      const counts = (kind: AcceleratorKind): boolean => bought === 'on demand' || onSpot.has(kind)
      return [
        ...gpuQuota(cluster, g, `vCPUs of G and VT instances ${bought}`, (kind) => counts(kind) && !isP(kind)),
        ...gpuQuota(cluster, p, `vCPUs of P instances ${bought}`, (kind) => counts(kind) && isP(kind)),
      ]
    }),
    ...(makesNodes
      ? [
          {
            code: 'L-1216C47A',
            of: 'vCPUs of standard instances',
            need: system * (systemVcpus[systemNodes.type] ?? 8),
            because: `${system} × ${systemNodes.type} while EKS replaces its nodes; nodes of the gateway come on top`,
          },
        ]
      : []),
    ...(makesNats
      ? [
          {
            code: 'L-0263D0A3',
            of: 'Elastic IPs',
            need: nats,
            because: `a NAT gateway ${natPerZone ? 'in each zone' : 'for all zones'}`,
          },
        ]
      : []),
  ]
}

export const quotaChecks = (cluster: Cluster, onSpot: ReadonlySet<AcceleratorKind>): Check[] =>
  quotasOf(cluster, onSpot).map(({ code, of, need, because }) => {
    const service = ['--service-code', 'ec2', '--quota-code', code, '--region', cluster.region]
    const raise = `aws service-quotas request-service-quota-increase ${service.join(' ')} --desired-value ${need}`
    return {
      name: `quota ${code}`,
      asks: `whether ${need} ${of} are allowed (${because})`,
      aws: ['service-quotas', 'get-service-quota', ...service],
      judge(answer) {
        const { Value } = (answer as { Quota: { Value: number } }).Quota
        return Value >= need
          ? good(`${of}: ${Value}, and ${need} are needed`)
          : bad(`${of}: ${Value}, and ${need} are needed: ${because}`, `${raise} (an hour to some days)`)
      },
      // Service Quotas knows no value of an account that never used the service there.
      refusals: [
        {
          error: /NoSuchResourceException/,
          verdict: bad(
            `${of}: this account has no value yet, and ${need} are needed: ${because}`,
            `${raise} (an hour to some days)`,
          ),
        },
      ],
    }
  })

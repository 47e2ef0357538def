// Risks of the gateway’s own pods: every request of a cluster passes them.
import type { ClusterPlan } from '../../plan/cluster-plan.ts'
import type { Gateway } from '../../schema/gateway.ts'
import type { Side } from '../side.ts'
import type { Risk, RiskLevel } from './risk.ts'

export function gatewayRisks(before: Side, after: Side): Risk[] {
  return after.plans.flatMap((plan) => {
    const old = before.plans.find(({ cluster }) => cluster.name === plan.cluster.name)
    if (old === undefined) return []
    const { settings, source } = plan.gateway
    return findings(old.gateway.settings, settings).map(([level, rule, field, text]) => {
      const { file, line } = source.position(pointerOf(plan, source.value, field), 'key')
      return { level, rule, where: `${file}:${line}`, text: `${plan.cluster.name}: ${text}` }
    })
  })
}

/** In the cluster’s patch when it is there, which a position without it would miss. */
function pointerOf({ cluster }: ClusterPlan, value: unknown, field: readonly string[]): readonly string[] {
  const patch = (value as { clusters?: Record<string, Record<string, unknown> | null> }).clusters?.[cluster.name]
  return patch?.[field[0] ?? ''] === undefined ? field : ['clusters', cluster.name, ...field]
}

type Finding = [level: RiskLevel, rule: string, field: readonly string[], text: string]

function findings(before: Gateway, after: Gateway): Finding[] {
  const [old, fresh] = [before.replicas, after.replicas]
  const found: Finding[] = []
  if (fresh.min === 1 && old.min > 1)
    found.push([
      'caution',
      'gateway-pods',
      ['replicas', 'min'],
      `the gateway goes from ${old.min} pods to one: while its node is replaced or its pod restarts, nobody is answered.`,
    ])
  else if (fresh.min < old.min)
    found.push([
      'warning',
      'gateway-pods',
      ['replicas', 'min'],
      `the gateway keeps ${fresh.min} pods instead of ${old.min}.`,
    ])
  if (fresh.max < old.max)
    found.push([
      'warning',
      'gateway-pods',
      ['replicas', 'max'],
      `the gateway grows to ${fresh.max} pods instead of ${old.max}: what is beyond their limits gets 503.`,
    ])
  for (const [name, less] of [
    ['cpu', 'answers later under load'],
    ['memory', 'holds fewer requests'],
  ] as const)
    if (amountOf(after.resources[name]) < amountOf(before.resources[name]))
      found.push([
        'warning',
        'gateway-resources',
        ['resources', name],
        `a pod of the gateway gets less ${name}, ${before.resources[name]} → ${after.resources[name]}, and ${less}.`,
      ])
  return found
}

const units: Record<string, number> = { m: 0.001, Mi: 2 ** 20, Gi: 2 ** 30 }

/** Of a quantity as the schema allows it. */
function amountOf(quantity: string): number {
  const [, digits = '', unit = ''] = /^([0-9.]+)(m|Mi|Gi)?$/.exec(quantity) ?? []
  return Number(digits) * (units[unit] ?? 1)
}

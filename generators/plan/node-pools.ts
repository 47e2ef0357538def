// The pools of nodes that Karpenter may start, and how long their nodes may drain.
import { diagnose } from '../diagnostics/diagnose.ts'
import type { Diagnostic } from '../diagnostics/diagnostic.ts'
import type { AcceleratorKind } from '../schema/accelerators.ts'
import { assumptions } from '../schema/assumptions.ts'
import type { Cluster } from '../schema/cluster.ts'
import { cpuNodePool, gatewayShutdown } from '../schema/contract.ts'
import type { Gateway } from '../schema/gateway.ts'
import { cpuInstances } from '../schema/instances.ts'
import type { ClusterPlan, LonePod, ModelPlan, NodePoolPlan } from './cluster-plan.ts'
import { poolInstances } from './pack-nodes.ts'

const hour = 3600

/** Six replicas of a 70 B model, 36 minutes each when all goes slowly: most catalogues never leave it. */
const leastGraceHours = 4

/**
 * Few different values, so that they seldom change: Karpenter replaces every node of a pool whose grace period changes
 * (spec.template of the NodePool). Longer than needed costs nothing, since a node goes as soon as it is drained.
 */
export function graceHours(seconds: number): number {
  let hours = leastGraceHours
  while (hours * hour < seconds) hours *= 2
  return hours
}

const modelsOf = (models: readonly ModelPlan[], pool: string): ModelPlan[] =>
  models.filter(({ nodePool }) => nodePool === pool)

const drainSeconds = (models: readonly ModelPlan[]): number[] => models.map(({ rollout }) => rollout.nodeDrainSeconds)

/** Gateway pods go where pods without GPU go; their disruption budget lets one after another leave. */
const gatewayStart = {
  restartSeconds: assumptions.cpuImagePullSeconds.value,
  coldStartSeconds: assumptions.cpuNodeBootSeconds.value + assumptions.cpuImagePullSeconds.value,
}

const slowestFirst = (pods: readonly LonePod[]): LonePod[] =>
  pods.toSorted((a, b) => b.coldStartSeconds - a.coldStartSeconds)

const alone = (models: readonly ModelPlan[]): LonePod[] =>
  models.flatMap(({ name, scaling, rollout: { restartSeconds, coldStartSeconds } }) =>
    scaling.minReplicas > 1 ? [] : [{ name, restartSeconds, coldStartSeconds }],
  )

function cpuPool(users: readonly ModelPlan[], { replicas }: Gateway): NodePoolPlan {
  const gatewayDrain = replicas.max * gatewayStart.coldStartSeconds + gatewayShutdown.graceSeconds
  const gateway = replicas.min > 1 ? [] : [{ name: 'gateway', ...gatewayStart }]
  return {
    name: cpuNodePool,
    instanceTypes: cpuInstances.map(({ type }) => type),
    capacity: ['on-demand'],
    reservations: [],
    terminationGraceHours: graceHours(Math.max(gatewayDrain, ...drainSeconds(users))),
    lonePods: slowestFirst([...gateway, ...alone(users)]),
  }
}

function gpuPool(kind: AcceleratorKind, { gpu }: Cluster, users: readonly ModelPlan[]): NodePoolPlan {
  const capacity = [...new Set(users.flatMap((model) => model.gpu?.capacity ?? []))].sort()
  const own = gpu.reservations.filter((one) => one.kind === kind)
  return {
    name: kind,
    instanceTypes: poolInstances(kind, users),
    capacity,
    reservations: capacity.includes('reserved') ? own.map(({ id }) => id) : [],
    gpuLimit: gpu.maxGpus[kind] ?? 0,
    terminationGraceHours: graceHours(Math.max(...drainSeconds(users))),
    lonePods: slowestFirst(alone(users)),
  }
}

export function planNodePools(
  plan: Pick<ClusterPlan, 'cluster' | 'models' | 'gateway' | 'gpuKinds'>,
): ClusterPlan['nodePools'] {
  const { cluster, models, gateway, gpuKinds } = plan
  return [
    cpuPool(modelsOf(models, cpuNodePool), gateway.settings),
    ...gpuKinds.map((kind) => gpuPool(kind, cluster, modelsOf(models, kind))),
  ]
}

/** Expiry is a choice, so it is a warning with its price; an age that nodes reach while they drain is an error. */
export function expiryProblems({ cluster, source, nodePools }: ClusterPlan): Diagnostic[] {
  if (cluster.nodes.expireAfter === 'Never') return []
  const hours = Number.parseInt(cluster.nodes.expireAfter, 10)
  const longest = nodePools.toSorted((a, b) => b.terminationGraceHours - a.terminationGraceHours)[0]
  const drain = longest?.terminationGraceHours ?? 0
  const least = 2 * drain
  const tooShort = hours < least
  const code = tooShort ? 'NODE_EXPIRY_SHORT' : 'NODE_EXPIRY'
  const message = tooShort
    ? `nodes expire after ${hours}h, and those of pool ${longest?.name} may drain for ${drain}h`
    : `nodes started together expire together, past every budget and without a replacement: ${awayText(nodePools)}`
  const hint = tooShort
    ? `write nodes.expireAfter: ${least}h or more, or leave it out`
    : 'leave nodes.expireAfter out unless a rule asks for it: another nodes.ami replaces nodes one at a time, the new one first'
  return [diagnose(code, source.position(['nodes', 'expireAfter']), message, hint)]
}

function awayText(nodePools: readonly NodePoolPlan[]): string {
  const pods = slowestFirst(nodePools.flatMap(({ lonePods }) => lonePods))
  if (pods.length === 0) return 'nothing has one pod only'
  const shown = pods.slice(0, 5).map(({ name, coldStartSeconds }) => `${name} ≈${coldStartSeconds} s`)
  const more = pods.length > shown.length ? ` and ${pods.length - shown.length} more` : ''
  return `what has one pod is away, ${shown.join(', ')}${more}`
}

// Folder `node-pools`: which nodes Karpenter may start, and when it may take them away; docs/nodes.md says what follows.
// Fields: karpenter.sh/v1 of Karpenter 1.15, its pages Disruption, NodePools and NodeClasses.
import type { INodePool } from '@kubernetes-models/karpenter/karpenter.sh/v1/NodePool'
import type { ClusterPlan, NodePoolPlan } from '../../plan/cluster-plan.ts'
import type { Cluster } from '../../schema/cluster.ts'
import { gpu, labels, nodePoolLabel, partOf } from '../../schema/contract.ts'
import { weekdays } from '../../schema/fields.ts'
import type { Manifest } from '../manifest.ts'
import { apiObject, tree } from '../tree.ts'
import { nodeClass } from './node-class.ts'

/** Largest CPU pool: enough for every CPU model and the gateway, small enough that a mistake is cheap. */
const cpuPoolLimit = '64'

const metadata = (name: string) => ({ name, labels: { [labels.partOf]: partOf } })

const requirement = (key: string, values: string[]) => ({ key, operator: 'In' as const, values })

const template = (
  { name, instanceTypes, capacity, gpuLimit, terminationGraceHours }: NodePoolPlan,
  { nodes }: Cluster,
): INodePool['spec']['template'] => ({
  metadata: {
    labels: { [nodePoolLabel]: name, ...(gpuLimit === undefined ? {} : { [gpu.presentLabel]: 'true' }) },
  },
  spec: {
    nodeClassRef: { group: 'karpenter.k8s.aws', kind: 'EC2NodeClass', name },
    requirements: [
      requirement('node.kubernetes.io/instance-type', instanceTypes),
      requirement('karpenter.sh/capacity-type', capacity),
      requirement('kubernetes.io/arch', ['amd64']),
      requirement('kubernetes.io/os', ['linux']),
    ],
    // Pods without a GPU must not fill a GPU node.
    ...(gpuLimit === undefined ? {} : { taints: [{ ...gpu.taint, effect: 'NoSchedule' as const }] }),
    expireAfter: nodes.expireAfter,
    // The end of every drain, also of one that a disruption budget or an annotation would hold.
    terminationGracePeriod: `${terminationGraceHours}h`,
  },
})

/**
 * Of every kind of disruption one node of a pool at a time. Quiet hours hold back only the replacement of outdated nodes:
 * nobody waits for an empty one. Karpenter takes the lowest number of all that apply, and reads schedules as UTC.
 */
const budgets = ({ nodes }: Cluster): NonNullable<INodePool['spec']['disruption']>['budgets'] => [
  { nodes: '1' },
  ...nodes.quietHours.map(({ days, from, hours }) => {
    const [hour, minute] = from.split(':').map(Number)
    const on = days.length === weekdays.length ? '*' : days.join(',')
    return {
      nodes: '0',
      reasons: ['Drifted' as const],
      schedule: `${minute} ${hour} * * ${on}`,
      duration: `${hours}h`,
    }
  }),
]

const nodePool = (pool: NodePoolPlan, cluster: Cluster): INodePool => ({
  apiVersion: 'karpenter.sh/v1',
  kind: 'NodePool',
  metadata: metadata(pool.name),
  spec: {
    template: template(pool, cluster),
    limits: pool.gpuLimit === undefined ? { cpu: cpuPoolLimit } : { [gpu.resource]: String(pool.gpuLimit) },
    disruption: {
      // Packing nodes moves running pods, and a model with one pod answers nobody meanwhile: only empty nodes go.
      consolidationPolicy: 'WhenEmpty',
      consolidateAfter: '5m',
      budgets: budgets(cluster),
    },
  },
})

export const renderNodePools = (plan: ClusterPlan): Manifest[] =>
  tree({ cluster: plan.cluster.name, app: 'node-pools', source: plan.source.path }, (chart) => {
    for (const pool of plan.nodePools) {
      apiObject(chart, nodePool(pool, plan.cluster))
      apiObject(chart, nodeClass(plan, pool))
    }
  })

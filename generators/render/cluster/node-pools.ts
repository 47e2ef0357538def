// Folder `node-pools`: which nodes Karpenter may start. One pool per GPU kind in use, and one for CPU pods.
import type { IEC2NodeClass } from '@kubernetes-models/karpenter/karpenter.k8s.aws/v1/EC2NodeClass'
import type { INodePool } from '@kubernetes-models/karpenter/karpenter.sh/v1/NodePool'
import type { ClusterPlan } from '../../plan/cluster-plan.ts'
import { type AcceleratorKind, accelerators, cpuInstances } from '../../schema/accelerators.ts'
import { cpuNodePool, gpu, karpenterDiscoveryTag, labels, nodePoolLabel, partOf } from '../../schema/contract.ts'
import type { Manifest } from '../manifest.ts'
import { apiObject, tree } from '../tree.ts'

/**
 * AL2023 with NVIDIA driver 580 or newer, which the engines' CUDA 13 images need; pinned, or every new AMI would replace
 * all nodes. A release of github.com/awslabs/amazon-eks-ami.
 */
const amiAlias = 'al2023@v20260903'

/** Largest CPU pool: enough for every CPU model and the gateway, small enough that a mistake is cheap. */
const cpuPoolLimit = '64'

const metadata = (name: string) => ({ name, labels: { [labels.partOf]: partOf } })

interface Pool {
  name: string
  instanceTypes: string[]
  capacity: string[]
  gpuLimit: number | undefined
}

const requirement = (key: string, values: string[]) => ({ key, operator: 'In' as const, values })

const template = ({ name, instanceTypes, capacity, gpuLimit }: Pool): INodePool['spec']['template'] => ({
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
    // A month, so that nodes are patched; pods move within their disruption budgets.
    expireAfter: '720h',
    terminationGracePeriod: '15m',
  },
})

const nodePool = (pool: Pool): INodePool => ({
  apiVersion: 'karpenter.sh/v1',
  kind: 'NodePool',
  metadata: metadata(pool.name),
  spec: {
    template: template(pool),
    limits: pool.gpuLimit === undefined ? { cpu: cpuPoolLimit } : { [gpu.resource]: String(pool.gpuLimit) },
    disruption: {
      // Moving a model to pack nodes costs its cold start; only empty GPU nodes go.
      consolidationPolicy: pool.gpuLimit === undefined ? 'WhenEmptyOrUnderutilized' : 'WhenEmpty',
      consolidateAfter: '5m',
      budgets: [{ nodes: '1' }],
    },
  },
})

const nodeClass = ({ cluster, infra }: ClusterPlan, name: string): IEC2NodeClass => ({
  apiVersion: 'karpenter.k8s.aws/v1',
  kind: 'EC2NodeClass',
  metadata: metadata(name),
  spec: {
    amiSelectorTerms: [{ alias: amiAlias }],
    // Made by the platform program: with a role here Karpenter would need rights to write IAM.
    instanceProfile: infra.nodeInstanceProfile,
    // By tag, so that no AWS id is in Git.
    subnetSelectorTerms: [{ tags: { [karpenterDiscoveryTag]: cluster.name } }],
    securityGroupSelectorTerms: [{ tags: { [karpenterDiscoveryTag]: cluster.name } }],
    blockDeviceMappings: [
      {
        deviceName: '/dev/xvda',
        ebs: { volumeType: 'gp3', volumeSize: '100Gi', encrypted: true, deleteOnTermination: true },
      },
    ],
    // Local disks hold images and weights: faster than the root volume, and free.
    instanceStorePolicy: 'RAID0',
    // Pods cannot reach the node's credentials.
    metadataOptions: { httpEndpoint: 'enabled', httpTokens: 'required', httpPutResponseHopLimit: 1 },
    tags: { cluster: cluster.name, 'managed-by': 'karpenter' },
  },
})

const capacityOf = ({ models }: ClusterPlan, kind: AcceleratorKind): string[] =>
  [...new Set(models.flatMap(({ gpu: used }) => (used?.kind === kind ? used.capacity : [])))].sort()

export function renderNodePools(plan: ClusterPlan): Manifest[] {
  const pools: Pool[] = [
    {
      name: cpuNodePool,
      instanceTypes: cpuInstances.map(({ type }) => type),
      capacity: ['on-demand'],
      gpuLimit: undefined,
    },
    ...plan.gpuKinds.map((kind) => ({
      name: kind,
      instanceTypes: accelerators[kind].instances.map(({ type }) => type),
      capacity: capacityOf(plan, kind),
      gpuLimit: plan.cluster.gpu.maxGpus[kind] ?? 0,
    })),
  ]
  return tree({ cluster: plan.cluster.name, app: 'node-pools', source: plan.source.path }, (chart) => {
    for (const pool of pools) {
      apiObject(chart, nodePool(pool))
      apiObject(chart, nodeClass(plan, pool.name))
    }
  })
}

// Nodes as Karpenter would start them: for each rendered NodePool its labels and taints, on the instances that the plan chose.
import type { ClusterPlan, ModelPlan } from '../../plan/cluster-plan.ts'
import { cpuNodePool, nodePoolLabel } from '../../schema/contract.ts'
import { cpuInstances, type Instance } from '../../schema/instances.ts'

const zones = ['a', 'b', 'c']

interface Pool {
  pool: string
  instance: Instance
  count: number
}

/** Enough for every model once, for the gateway, and one spare of each instance that a model uses, so that a new pod can start first. */
export function simulatedNodes({ models, cluster }: ClusterPlan, cpuNodes = 5): object[] {
  const large = cpuInstances.at(-1)
  if (large === undefined) throw new Error('no CPU instance')
  const onGpu = Map.groupBy(
    models.filter(({ gpu }) => gpu !== undefined),
    (model) => `${model.nodePool} ${model.node.instance.type}`,
  )
  const pools: Pool[] = [
    { pool: 'system', instance: large, count: 2 },
    { pool: cpuNodePool, instance: large, count: cpuNodes },
    ...[...onGpu.values()].map((group) => ({
      pool: group[0]?.nodePool ?? '',
      instance: (group[0] as ModelPlan).node.instance,
      count: group.reduce((sum, model) => sum + podsOnNodes(model), 1),
    })),
  ]
  return pools
    .flatMap(({ pool, instance, count }) => Array.from({ length: count }, (_, index) => ({ pool, instance, index })))
    .map(({ pool, instance, index }, place) =>
      node(`${pool}-${instance.type.replace('.', '-')}-${index}`, pool, instance, place, cluster.region),
    )
}

const podsOnNodes = ({ scaling, node: { replicasPerNode } }: ModelPlan): number =>
  Math.ceil(Math.max(1, scaling.minReplicas) / replicasPerNode)

/** Addresses of its pods: 16 of the private subnet of its zone. */
const podCidr = (place: number): string => {
  const zone = place % zones.length
  const block = Math.floor(place / zones.length) + 4
  return `10.0.${zone * 64 + Math.floor(block / 16)}.${(block % 16) * 16}/28`
}

function node(name: string, pool: string, instance: Instance, place: number, region: string): object {
  const size = {
    cpu: String(instance.vcpus),
    memory: `${instance.memoryGib}Gi`,
    pods: '14',
    'ephemeral-storage': `${Math.max(100, instance.localDiskGb)}Gi`,
    ...(instance.gpus > 0 ? { 'nvidia.com/gpu': String(instance.gpus) } : {}),
  }
  const gpu = instance.gpus > 0
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name,
      // kwok takes care of nodes that say so; the kubelets of a cluster stay their own masters.
      annotations: { 'kwok.x-k8s.io/node': 'fake', 'node.alpha.kubernetes.io/ttl': '0' },
      labels: {
        'kubernetes.io/hostname': name,
        'kubernetes.io/arch': 'amd64',
        'kubernetes.io/os': 'linux',
        'topology.kubernetes.io/region': region,
        'topology.kubernetes.io/zone': `${region}${zones[place % zones.length]}`,
        'node.kubernetes.io/instance-type': instance.type,
        'karpenter.sh/capacity-type': 'on-demand',
        [nodePoolLabel]: pool,
        ...(gpu ? { 'nvidia.com/gpu.present': 'true' } : {}),
      },
    },
    spec: {
      podCIDR: podCidr(place),
      ...(gpu ? { taints: [{ key: 'nvidia.com/gpu', value: 'true', effect: 'NoSchedule' }] } : {}),
    },
    status: { allocatable: size, capacity: size },
  }
}

// The machines of a pool: image, disks, and what makes a large container image start soon.
// Fields: karpenter.k8s.aws/v1 of Karpenter 1.15; nodeadm/internal/containerd of awslabs/amazon-eks-ami.

import type { IEC2NodeClass } from '@kubernetes-models/karpenter/karpenter.k8s.aws/v1/EC2NodeClass'
import type { ClusterPlan, NodePoolPlan } from '../../plan/cluster-plan.ts'
import type { Cluster } from '../../schema/cluster.ts'
import { karpenterDiscoveryTag, labels, partOf, rootDevice } from '../../schema/contract.ts'

/**
 * Below 600 MiB/s images that are pulled side by side come later than one after another. Every GPU instance of generators/schema/instances.ts has
 * disks of its own, to which nodeadm moves images; the root volume boots the node, and takes them where those disks fail. gp3 asks some
 * $0.05 an hour for it.
 */
const fastVolume = { iops: 6000, throughput: 600 }

/**
 * nodeadm's gate: layers are loaded and unpacked side by side by the SOCI snapshotter, of any image. nodeadm ignores it below 4 vCPU and
 * 7 GiB (UseSOCISnapshotter), and lays its folder on the disks of the instance where it has some.
 */
const fastImagePull = `apiVersion: node.eks.aws/v1alpha1
kind: NodeConfig
spec:
  featureGates:
    FastImagePull: true
`

/** Those that the platform makes by tag, so that no AWS id is in Git; others are named by the cluster file. */
const nodeSubnets = ({
  name,
  network: { existing },
}: Cluster): NonNullable<IEC2NodeClass['spec']>['subnetSelectorTerms'] =>
  existing?.subnets.private.map(({ id }) => ({ id })) ?? [{ tags: { [karpenterDiscoveryTag]: name } }]

/** The cluster security group: by the tag that the platform writes, or by the id that the cluster file names. */
const nodeGroups = ({
  name,
  kubernetes: { existing },
}: Cluster): NonNullable<IEC2NodeClass['spec']>['securityGroupSelectorTerms'] =>
  existing === undefined ? [{ tags: { [karpenterDiscoveryTag]: name } }] : [{ id: existing.securityGroup }]

export const nodeClass = (
  { cluster, infra }: ClusterPlan,
  { name, gpuLimit, reservations }: NodePoolPlan,
): IEC2NodeClass => ({
  apiVersion: 'karpenter.k8s.aws/v1',
  kind: 'EC2NodeClass',
  metadata: { name, labels: { [labels.partOf]: partOf } },
  spec: {
    amiSelectorTerms: [{ alias: cluster.nodes.ami }],
    // Made by the platform program: with a role here Karpenter would need rights to write IAM.
    instanceProfile: infra.nodeInstanceProfile,
    subnetSelectorTerms: nodeSubnets(cluster),
    securityGroupSelectorTerms: nodeGroups(cluster),
    ...(reservations.length === 0 ? {} : { capacityReservationSelectorTerms: reservations.map((id) => ({ id })) }),
    blockDeviceMappings: [
      {
        deviceName: rootDevice,
        ebs: {
          volumeType: 'gp3',
          volumeSize: '100Gi',
          // The images of CPU pods are small.
          ...(gpuLimit === undefined ? {} : fastVolume),
          encrypted: true,
          deleteOnTermination: true,
        },
      },
    ],
    ...(gpuLimit === undefined ? {} : { userData: fastImagePull }),
    // Local disks hold images and weights: faster than the root volume, and free.
    instanceStorePolicy: 'RAID0',
    // Pods cannot reach the node's credentials.
    metadataOptions: { httpEndpoint: 'enabled', httpTokens: 'required', httpPutResponseHopLimit: 1 },
    tags: { ...cluster.tags, cluster: cluster.name, 'managed-by': 'karpenter' },
  },
})

// Whether what is pinned is still offered: Kubernetes, add-ons of EKS, images of nodes, and GPU instances in the zones.
import { type AcceleratorKind, accelerators } from '../../generators/schema/accelerators.ts'
import type { Cluster } from '../../generators/schema/cluster.ts'
import { addons, kubernetesVersion } from '../kubernetes/plan-cluster.ts'
import { bad, type Check, good } from './check.ts'

const pinned = 'platform/kubernetes/plan-cluster.ts'

export const versionChecks = (cluster: Cluster): Check[] => [
  ...(cluster.kubernetes.existing === undefined
    ? [
        kubernetesCheck(cluster),
        ...Object.entries(addons).map(([name, { version }]) => addonCheck(cluster, name, version)),
      ]
    : []),
  imageCheck(cluster, 'nodes.ami', cluster.nodes.ami.replace(/^al2023@/, '')),
  ...(cluster.nodes.systemRelease === undefined ? [] : [systemImageCheck(cluster, cluster.nodes.systemRelease)]),
  ...(Object.entries(cluster.gpu.maxGpus) as [AcceleratorKind, number][])
    .filter(([, gpus]) => gpus > 0)
    .map(([kind]) => offeringCheck(cluster, kind)),
]

const kubernetesCheck = ({ region }: Cluster): Check => ({
  name: 'Kubernetes',
  asks: `whether EKS still offers ${kubernetesVersion} with standard support`,
  aws: ['eks', 'describe-cluster-versions', '--cluster-versions', kubernetesVersion, '--region', region],
  judge(answer) {
    const { clusterVersions } = answer as {
      clusterVersions: { versionStatus?: string; endOfStandardSupportDate?: string }[]
    }
    const [found] = clusterVersions
    if (found?.versionStatus === 'STANDARD_SUPPORT')
      return good(`${kubernetesVersion}, until ${found.endOfStandardSupportDate ?? 'a date that EKS does not say'}`)
    return bad(
      `EKS says ${found?.versionStatus ?? 'nothing'} of ${kubernetesVersion}`,
      `platform/README.md, Upgrade: the next version in ${pinned}`,
    )
  },
})

const addonCheck = ({ region }: Cluster, name: string, version: string): Check => ({
  name: `add-on ${name}`,
  asks: `whether EKS offers ${version} for Kubernetes ${kubernetesVersion}`,
  aws: [
    'eks',
    'describe-addon-versions',
    '--addon-name',
    name,
    '--kubernetes-version',
    kubernetesVersion,
    '--region',
    region,
  ],
  judge(answer) {
    const { addons: all } = answer as { addons: { addonVersions: { addonVersion: string }[] }[] }
    const offered = all.flatMap(({ addonVersions }) => addonVersions.map(({ addonVersion }) => addonVersion))
    return offered.includes(version)
      ? good(version)
      : bad(
          `${version} is not offered; there are ${offered.slice(0, 4).join(', ') || 'none'}`,
          `another version in ${pinned}`,
        )
  },
})

/** Name of the public parameter of a release, as Karpenter asks for it (its pkg/providers/amifamily/al2023.go, 1.15). */
const parameter = (version: string, release: string): string =>
  `/aws/service/eks/optimized-ami/${version}/amazon-linux-2023/x86_64/standard/amazon-eks-node-al2023-x86_64-standard-${version}-${release}/image_id`

const imageCheck = (cluster: Cluster, field: string, release: string): Check => {
  const { name, region } = cluster
  const version = cluster.kubernetes.existing?.version ?? kubernetesVersion
  return {
    name: field,
    asks: `whether the image ${release} is there for Kubernetes ${version} in ${region}`,
    aws: ['ssm', 'get-parameter', '--name', parameter(version, release), '--region', region],
    judge: (answer) => good(`${release} (${(answer as { Parameter: { Value: string } }).Parameter.Value})`),
    refusals: [
      {
        error: /ParameterNotFound/,
        verdict: bad(
          `there is no image ${release} for Kubernetes ${version}`,
          `another release in ${field} of clusters/${name}/cluster.yaml: docs/nodes.md`,
        ),
      },
    ],
  }
}

/** A release of a node group is 1.35.6-20260714; its image’s is v20260714. */
const systemImageCheck = (cluster: Cluster, release: string): Check =>
  imageCheck(cluster, 'nodes.systemRelease', `v${release.split('-').at(-1)}`)

const offeringCheck = ({ name, region, network: { zoneIds } }: Cluster, kind: AcceleratorKind): Check => ({
  name: `GPUs ${kind}`,
  asks: `whether instances with ${kind} are sold in ${zoneIds.join(', ')}`,
  aws: [
    'ec2',
    'describe-instance-type-offerings',
    '--location-type',
    'availability-zone-id',
    '--filters',
    `Name=instance-type,Values=${accelerators[kind].instances.map(({ type }) => type).join(',')}`,
    '--region',
    region,
  ],
  judge(answer) {
    const { InstanceTypeOfferings: offers } = answer as { InstanceTypeOfferings: { Location: string }[] }
    const sold = zoneIds.filter((zone) => offers.some(({ Location }) => Location === zone))
    return sold.length > 0
      ? good(`sold in ${sold.join(', ')}`)
      : bad(
          `no instance with ${kind} is sold in ${zoneIds.join(', ')}`,
          `other zones in network.zoneIds, or another kind in gpu.maxGpus, of clusters/${name}/cluster.yaml`,
        )
  },
})

// What an EKS cluster that is there already must have, compared with what AWS says of it. Pure; `up` and doctor ask the same.
import type { Cluster } from '../../generators/schema/cluster.ts'
import type { ExistingKubernetes } from '../../generators/schema/cluster-kubernetes.ts'
import { nodePoolLabel, systemNodePool } from '../../generators/schema/contract.ts'

export interface FoundCluster {
  version: string | undefined
  authenticationMode: string | undefined
  serviceCidr: string | undefined
  vpcId: string | undefined
  securityGroup: string | undefined
  subnetIds: readonly string[]
  privateAccess: boolean | undefined
}

interface Problem {
  says: string
  todo: string
}

/** In the order in which a person would look. */
export function clusterProblems(cluster: Cluster, existing: ExistingKubernetes, found: FoundCluster): Problem[] {
  const file = `clusters/${cluster.name}/cluster.yaml`
  const { vpcId, subnets } = cluster.network.existing ?? {}
  const named = (says: string, field: string): Problem => ({ says, todo: `correct ${field} of ${file}` })
  const differs = (what: string, field: string, wanted: string | undefined, is: string | undefined): Problem[] =>
    wanted === is ? [] : [named(`its ${what} is ${is ?? 'not known'}, and ${field} says ${wanted}`, field)]
  const ranges = subnets?.controlPlane.map(({ id }) => id) ?? []
  const outside = found.subnetIds.filter((id) => !ranges.includes(id))
  return [
    ...differs('version', 'kubernetes.existing.version', existing.version, found.version),
    ...differs('VPC', 'network.existing.vpcId', vpcId, found.vpcId),
    ...differs('security group', 'kubernetes.existing.securityGroup', existing.securityGroup, found.securityGroup),
    ...differs('Service range', 'kubernetes.existing.serviceCidr', existing.serviceCidr, found.serviceCidr),
    ...(outside.length === 0
      ? []
      : [named(`its interfaces are in ${outside.join(', ')} too`, 'network.existing.subnets.controlPlane')]),
    // Karpenter’s nodes join by an access entry, which CONFIG_MAP alone does not read.
    ...(found.authenticationMode === 'CONFIG_MAP' || found.authenticationMode === undefined
      ? [
          {
            says: 'it takes no access entries, by which Karpenter’s nodes join',
            todo: `aws eks update-cluster-config --name ${cluster.name} --region ${cluster.region} --access-config authenticationMode=API_AND_CONFIG_MAP (there is no way back)`,
          },
        ]
      : []),
    ...(found.privateAccess === true
      ? []
      : [
          {
            says: 'its API does not answer inside the VPC, and pods are let out to nothing else',
            todo: `aws eks update-cluster-config --name ${cluster.name} --region ${cluster.region} --resources-vpc-config endpointPrivateAccess=true`,
          },
        ]),
  ]
}

export interface FoundNodeGroup {
  labels: Readonly<Record<string, string>> | undefined
  taints: readonly unknown[] | undefined
}

/** Controllers select the label, and tolerate nothing. */
export function nodeGroupProblems({ nodeGroup }: ExistingKubernetes, found: FoundNodeGroup): Problem[] {
  return [
    ...(found.labels?.[nodePoolLabel] === systemNodePool
      ? []
      : [
          {
            says: `nodes of ${nodeGroup} lack the label ${nodePoolLabel}: ${systemNodePool}, so no controller would start`,
            todo: `add the label to the node group, or name another in kubernetes.existing.nodeGroup`,
          },
        ]),
    ...((found.taints?.length ?? 0) === 0
      ? []
      : [{ says: `nodes of ${nodeGroup} have taints, which no controller tolerates`, todo: 'take them off' }]),
  ]
}

export const sentence = ({ says, todo }: Problem): string => `${says}: ${todo}`

/** Service accounts that do not have the name of their add-on. */
const addonOf: Readonly<Record<string, string>> = { alertmanager: 'kube-prometheus-stack' }

/**
 * A controller of the owner’s takes the place of an add-on that the cluster file switches off, with rights that its owner gives: EKS binds
 * a service account once.
 */
export const needsIdentity = ({ kubernetes, addons }: Cluster, serviceAccount: string): boolean =>
  kubernetes.existing === undefined || addons[addonOf[serviceAccount] ?? serviceAccount]?.enabled !== false

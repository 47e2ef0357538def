// Whether an EKS cluster that is there already has what the platform builds on and does not make: settings, nodes, add-ons, access.
import type { Cluster } from '../../generators/schema/cluster.ts'
import type { ExistingKubernetes } from '../../generators/schema/cluster-kubernetes.ts'
import { clusterAdminPolicy, clusterViewPolicy } from '../kubernetes/plan-cluster.ts'
import { clusterProblems, nodeGroupProblems } from '../kubernetes/plan-existing-cluster.ts'
import { bad, type Check, good, type Verdict } from './check.ts'

export function existingClusterChecks(cluster: Cluster): Check[] {
  const { existing } = cluster.kubernetes
  if (existing === undefined) return []
  const { adminRoles, viewRoles } = cluster.kubernetesApi
  return [
    settingsCheck(cluster, existing),
    nodesCheck(cluster, existing),
    addonCheck(cluster, 'eks-pod-identity-agent', () => good('there')),
    addonCheck(cluster, 'aws-ebs-csi-driver', () => good('there')),
    addonCheck(cluster, 'vpc-cni', judgePolicies),
    ...adminRoles.map((role) => accessCheck(cluster, role, clusterAdminPolicy)),
    ...viewRoles.map((role) => accessCheck(cluster, role, clusterViewPolicy)),
  ]
}

const ask = ({ name, region }: Cluster, call: string, ...more: string[]): string[] => [
  'eks',
  call,
  ...(call === 'describe-cluster' ? ['--name', name] : ['--cluster-name', name]),
  ...more,
  '--region',
  region,
]

const verdict = (problems: readonly { says: string; todo: string }[], sound: string): Verdict =>
  problems.length === 0
    ? good(sound)
    : bad(problems.map(({ says }) => says).join('; '), problems.map(({ todo }) => todo).join('; '))

interface Described {
  cluster: {
    version?: string
    accessConfig?: { authenticationMode?: string }
    kubernetesNetworkConfig?: { serviceIpv4Cidr?: string }
    resourcesVpcConfig?: {
      vpcId?: string
      clusterSecurityGroupId?: string
      subnetIds?: string[]
      endpointPrivateAccess?: boolean
    }
  }
}

const settingsCheck = (cluster: Cluster, existing: ExistingKubernetes): Check => ({
  name: 'EKS cluster',
  asks: `whether ${cluster.name} is what clusters/${cluster.name}/cluster.yaml says`,
  aws: ask(cluster, 'describe-cluster'),
  judge(answer) {
    const { version, accessConfig, kubernetesNetworkConfig, resourcesVpcConfig: vpc } = (answer as Described).cluster
    const found = {
      version,
      authenticationMode: accessConfig?.authenticationMode,
      serviceCidr: kubernetesNetworkConfig?.serviceIpv4Cidr,
      vpcId: vpc?.vpcId,
      securityGroup: vpc?.clusterSecurityGroupId,
      subnetIds: vpc?.subnetIds ?? [],
      privateAccess: vpc?.endpointPrivateAccess,
    }
    return verdict(clusterProblems(cluster, existing, found), `${cluster.name} ${version}`)
  },
  refusals: [
    {
      error: /ResourceNotFoundException/,
      verdict: bad(
        `there is no EKS cluster ${cluster.name} in ${cluster.region}`,
        'give the folder in clusters/ its name, or take kubernetes.existing out',
      ),
    },
  ],
})

const nodesCheck = (cluster: Cluster, existing: ExistingKubernetes): Check => ({
  name: 'node group',
  asks: `whether controllers may run on ${existing.nodeGroup}`,
  aws: ask(cluster, 'describe-nodegroup', '--nodegroup-name', existing.nodeGroup),
  judge(answer) {
    const { labels, taints } = (answer as { nodegroup: { labels?: Record<string, string>; taints?: unknown[] } })
      .nodegroup
    return verdict(nodeGroupProblems(existing, { labels, taints }), existing.nodeGroup)
  },
  refusals: [
    {
      error: /ResourceNotFoundException/,
      verdict: bad(
        `${cluster.name} has no managed node group ${existing.nodeGroup}`,
        'name one in kubernetes.existing.nodeGroup',
      ),
    },
  ],
})

const addonCheck = (cluster: Cluster, addon: string, judge: (settings: string) => Verdict): Check => ({
  name: `add-on ${addon}`,
  asks: `whether ${cluster.name} has ${addon}`,
  aws: ask(cluster, 'describe-addon', '--addon-name', addon),
  judge: (answer) => judge((answer as { addon: { configurationValues?: string } }).addon.configurationValues ?? ''),
  refusals: [
    {
      error: /ResourceNotFoundException/,
      verdict: bad(
        `${cluster.name} has no add-on ${addon} of EKS`,
        'install it; where it runs without being an add-on, this line stays',
      ),
    },
  ],
})

/** Without it the network policies of gateway and models are texts. */
const judgePolicies = (settings: string): Verdict =>
  /enableNetworkPolicy"?\s*:\s*"?true/.test(settings)
    ? good('with network policies')
    : bad('it does not enforce network policies', 'its configuration: {"enableNetworkPolicy": "true"}')

const accessCheck = (cluster: Cluster, role: string, policy: string): Check => {
  const principal = `arn:aws:iam::${cluster.account}:role/${role}`
  const missing = (says: string): Verdict =>
    bad(
      says,
      `aws eks create-access-entry, then associate-access-policy --policy-arn ${policy} --access-scope type=cluster, both with --principal-arn ${principal}`,
    )
  return {
    name: `access of ${role}`,
    asks: `whether ${role} has its access entry in ${cluster.name}`,
    aws: ask(cluster, 'list-associated-access-policies', '--principal-arn', principal),
    judge(answer) {
      const { associatedAccessPolicies: all } = answer as { associatedAccessPolicies: { policyArn: string }[] }
      return all.some(({ policyArn }) => policyArn === policy)
        ? good(policy.split('/').at(-1) ?? policy)
        : missing(`${role} lacks ${policy.split('/').at(-1)}`)
    },
    refusals: [
      { error: /ResourceNotFoundException/, verdict: missing(`${role} has no access entry in ${cluster.name}`) },
    ],
  }
}

// An EKS cluster that is there already: it is looked up and never changed. What does not fit ends the preview, before anything is made.
import * as eks from '@pulumi/aws/eks/index.js'
import * as pulumi from '@pulumi/pulumi'
import type { Cluster } from '../../generators/schema/cluster.ts'
import type { ExistingKubernetes } from '../../generators/schema/cluster-kubernetes.ts'
import type { KubernetesClusterOutputs } from './kubernetes-cluster.ts'
import { clusterProblems, nodeGroupProblems, sentence } from './plan-existing-cluster.ts'

export interface ExistingClusterArgs {
  cluster: Cluster
  existing: ExistingKubernetes
}

export class ExistingCluster extends pulumi.ComponentResource {
  readonly outputs: KubernetesClusterOutputs

  constructor(name: string, { cluster, existing }: ExistingClusterArgs, options: pulumi.ComponentResourceOptions) {
    super('slipway:platform:ExistingCluster', name, {}, options)
    const parent = { parent: this }
    const cloud = eks.getClusterOutput({ name: cluster.name }, parent)
    const group = eks.getNodeGroupOutput({ clusterName: cluster.name, nodeGroupName: existing.nodeGroup }, parent)
    // Everything that builds on the cluster comes after both questions.
    const found = pulumi.all([cloud, group]).apply(([one, nodes]) => {
      const problems = [
        ...clusterProblems(cluster, existing, foundCluster(one)),
        ...nodeGroupProblems(existing, { labels: nodes.labels, taints: nodes.taints }),
      ]
      if (problems.length > 0)
        throw new pulumi.RunError(`the EKS cluster ${cluster.name} does not fit:\n${problems.map(sentence).join('\n')}`)
      return one
    })
    this.outputs = {
      name: found.name,
      arn: found.arn,
      endpoint: found.endpoint,
      certificateAuthority: found.apply(({ certificateAuthorities }) => certificateAuthorities[0]?.data ?? ''),
      securityGroupId: found.vpcConfig.clusterSecurityGroupId,
      version: found.version,
    }
    this.registerOutputs(this.outputs)
  }
}

const foundCluster = ({ version, vpcConfig, accessConfigs, kubernetesNetworkConfigs }: eks.GetClusterResult) => ({
  version,
  authenticationMode: accessConfigs[0]?.authenticationMode,
  serviceCidr: kubernetesNetworkConfigs[0]?.serviceIpv4Cidr,
  vpcId: vpcConfig.vpcId,
  securityGroup: vpcConfig.clusterSecurityGroupId,
  subnetIds: vpcConfig.subnetIds,
  privateAccess: vpcConfig.endpointPrivateAccess,
})

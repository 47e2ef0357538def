// The nodes that are always there: for controllers, Karpenter among them. Karpenter starts all others.
import * as ec2 from '@pulumi/aws/ec2/index.js'
import * as eks from '@pulumi/aws/eks/index.js'
import * as pulumi from '@pulumi/pulumi'
import type { Cluster } from '../../generators/schema/cluster.ts'
import { nodePoolLabel, systemNodePool } from '../../generators/schema/contract.ts'
import { environments } from '../../generators/schema/environments.ts'
import type { NetworkOutputs } from '../network/network.ts'
import { defaultTags } from '../tags.ts'
import type { KubernetesClusterOutputs } from './kubernetes-cluster.ts'
import { NodeRole } from './node-role.ts'
import { kubernetesVersion, nodeDisk } from './plan-cluster.ts'

export interface SystemNodesArgs {
  cluster: Cluster
  network: NetworkOutputs
  kubernetes: KubernetesClusterOutputs
}

export class SystemNodes extends pulumi.ComponentResource {
  constructor(name: string, args: SystemNodesArgs, options: pulumi.ComponentResourceOptions) {
    super('slipway:platform:SystemNodes', name, {}, options)
    const { cluster, network, kubernetes } = args
    const { type, count, max } = environments[cluster.environment].systemNodes
    const tags = { ...defaultTags(cluster), Name: name }
    const template = new ec2.LaunchTemplate(
      `${name}-template`,
      {
        updateDefaultVersion: true,
        // Pods cannot reach the node’s credentials.
        metadataOptions: { httpEndpoint: 'enabled', httpTokens: 'required', httpPutResponseHopLimit: 1 },
        blockDeviceMappings: [
          {
            deviceName: nodeDisk.deviceName,
            ebs: { volumeType: 'gp3', volumeSize: nodeDisk.sizeGib, encrypted: 'true', deleteOnTermination: 'true' },
          },
        ],
        // The provider’s tags stop at the template.
        tagSpecifications: ['instance', 'volume'].map((resourceType) => ({ resourceType, tags })),
        tags: { Name: name },
      },
      { parent: this },
    )
    const role = new NodeRole(`${name}-node`, {}, { parent: this }).outputs
    new eks.NodeGroup(
      `${name}-group`,
      {
        clusterName: kubernetes.name,
        nodeRoleArn: role.arn,
        subnetIds: network.subnetIds.private,
        version: kubernetesVersion,
        // Without one EKS takes the newest when the group is made, and no `up` moves it after that.
        releaseVersion: cluster.nodes.systemRelease,
        amiType: 'AL2023_x86_64_STANDARD',
        capacityType: 'ON_DEMAND',
        instanceTypes: [type],
        launchTemplate: { id: template.id, version: template.latestVersion.apply(String) },
        scalingConfig: { minSize: count, desiredSize: count, maxSize: max },
        updateConfig: { maxUnavailable: 1 },
        nodeRepairConfig: { enabled: true },
        labels: { [nodePoolLabel]: systemNodePool },
      },
      // Another zone replaces it, new before old; a protected one would end that `up` in its middle.
      { parent: this, protect: false },
    )
    this.registerOutputs({})
  }
}

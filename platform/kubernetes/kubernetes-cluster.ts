// The EKS control plane: private endpoint, encrypted, all logs kept.
import * as ec2 from '@pulumi/aws/ec2/index.js'
import * as eks from '@pulumi/aws/eks/index.js'
import * as iam from '@pulumi/aws/iam/index.js'
import * as kms from '@pulumi/aws/kms/index.js'
import * as pulumi from '@pulumi/pulumi'
import type { Cluster } from '../../generators/schema/cluster.ts'
import { karpenterDiscoveryTag } from '../../generators/schema/contract.ts'
import type { NetworkOutputs } from '../network/network.ts'
import type { EncryptionOutputs } from '../security/encryption.ts'
import { logGroup } from '../security/log-group.ts'
import { trustService } from '../security/policy-document.ts'
import { ClusterAccess } from './cluster-access.ts'
import { apiAccess, controlPlaneSettings } from './plan-cluster.ts'

export interface KubernetesClusterOutputs {
  name: pulumi.Output<string>
  arn: pulumi.Output<string>
  endpoint: pulumi.Output<string>
  /** Base64. */
  certificateAuthority: pulumi.Output<string>
  /** Of control plane, nodes and pods. */
  securityGroupId: pulumi.Output<string>
  version: pulumi.Output<string>
}

export interface KubernetesClusterArgs {
  cluster: Cluster
  network: NetworkOutputs
  encryption: EncryptionOutputs
}

export class KubernetesCluster extends pulumi.ComponentResource {
  readonly outputs: KubernetesClusterOutputs

  constructor(name: string, args: KubernetesClusterArgs, options: pulumi.ComponentResourceOptions) {
    super('slipway:platform:KubernetesCluster', name, {}, options)
    const { cluster, network } = args
    const parent = { parent: this }
    // The name EKS writes to; made first, or EKS makes it without end and key.
    const logs = logGroup(`${name}-logs`, `/aws/eks/${cluster.name}/cluster`, args, parent)
    const trust = trustService('eks.amazonaws.com', cluster.account)
    const role = new iam.Role(`${name}-role`, { assumeRolePolicy: trust }, parent)
    const attached = new iam.RolePolicyAttachment(
      `${name}-role-policy`,
      { role: role.name, policyArn: 'arn:aws:iam::aws:policy/AmazonEKSClusterPolicy' },
      parent,
    )
    // A key of its own: it can never be exchanged, and without it the cluster cannot read its secrets.
    const key = new kms.Key(
      `${name}-secrets`,
      { description: `EKS ${cluster.name}: Kubernetes secrets`, enableKeyRotation: true, deletionWindowInDays: 30 },
      { ...parent, protect: true },
    )
    const control = new eks.Cluster(
      `${name}-control`,
      {
        ...controlPlaneSettings(cluster),
        roleArn: role.arn,
        encryptionConfig: { provider: { keyArn: key.arn }, resources: ['secrets'] },
        vpcConfig: { subnetIds: network.subnetIds.controlPlane, ...apiAccess(cluster) },
      },
      { ...parent, protect: true, dependsOn: [logs, attached] },
    )
    const securityGroupId = control.vpcConfig.clusterSecurityGroupId
    // EKS makes this group; Karpenter finds it by the tag.
    const tag = { resourceId: securityGroupId, key: karpenterDiscoveryTag, value: cluster.name }
    new ec2.Tag(`${name}-discovery`, tag, parent)
    new ClusterAccess(`${name}-access`, { cluster, clusterName: control.name }, parent)
    this.outputs = {
      name: control.name,
      arn: control.arn,
      endpoint: control.endpoint,
      certificateAuthority: control.certificateAuthority.data,
      securityGroupId,
      version: control.version,
    }
    this.registerOutputs(this.outputs)
  }
}

// Who administers the cluster, and who only reads it: IAM roles that the cluster file names; one of the first runs Pulumi.
import * as eks from '@pulumi/aws/eks/index.js'
import * as pulumi from '@pulumi/pulumi'
import type { Cluster } from '../../generators/schema/cluster.ts'
import { clusterAdminPolicy, clusterViewPolicy } from './plan-cluster.ts'

export interface ClusterAccessArgs {
  cluster: Cluster
  clusterName: pulumi.Output<string>
}

export class ClusterAccess extends pulumi.ComponentResource {
  constructor(name: string, { cluster, clusterName }: ClusterAccessArgs, options: pulumi.ComponentResourceOptions) {
    super('slipway:platform:ClusterAccess', name, {}, options)
    const { adminRoles, viewRoles } = cluster.kubernetesApi
    const grants = [
      ...adminRoles.map((role) => ({ role, right: 'admin', policyArn: clusterAdminPolicy })),
      ...viewRoles.map((role) => ({ role, right: 'view', policyArn: clusterViewPolicy })),
    ]
    for (const { role, right, policyArn } of grants) {
      const part = role.replaceAll('/', '-')
      const principalArn = `arn:aws:iam::${cluster.account}:role/${role}`
      const entry = new eks.AccessEntry(`${name}-${part}`, { clusterName, principalArn }, { parent: this })
      new eks.AccessPolicyAssociation(
        `${name}-${part}-${right}`,
        { clusterName, principalArn, policyArn, accessScope: { type: 'cluster' } },
        { parent: this, dependsOn: [entry] },
      )
    }
    this.registerOutputs({})
  }
}

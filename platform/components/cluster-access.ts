// Who administers the cluster: IAM roles that the cluster file names, one of which runs Pulumi.
import * as eks from '@pulumi/aws/eks/index.js'
import * as pulumi from '@pulumi/pulumi'
import type { Cluster } from '../../generators/schema/cluster.ts'
import { clusterAdminPolicy } from '../plan-cluster.ts'

export interface ClusterAccessArgs {
  cluster: Cluster
  clusterName: pulumi.Output<string>
}

export class ClusterAccess extends pulumi.ComponentResource {
  constructor(name: string, { cluster, clusterName }: ClusterAccessArgs, options: pulumi.ComponentResourceOptions) {
    super('slipway:platform:ClusterAccess', name, {}, options)
    for (const role of cluster.kubernetesApi.adminRoles) {
      const part = role.replaceAll('/', '-')
      const principalArn = `arn:aws:iam::${cluster.account}:role/${role}`
      const entry = new eks.AccessEntry(`${name}-${part}`, { clusterName, principalArn }, { parent: this })
      new eks.AccessPolicyAssociation(
        `${name}-${part}-admin`,
        { clusterName, principalArn, policyArn: clusterAdminPolicy, accessScope: { type: 'cluster' } },
        { parent: this, dependsOn: [entry] },
      )
    }
    this.registerOutputs({})
  }
}

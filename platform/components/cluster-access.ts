// Who administers the cluster and who may look: IAM roles that the cluster file names. One of the first runs Pulumi.
import * as eks from '@pulumi/aws/eks/index.js'
import * as pulumi from '@pulumi/pulumi'
import type { Cluster } from '../../generators/schema/cluster.ts'
import { accessOf } from '../plan-cluster.ts'

export interface ClusterAccessArgs {
  cluster: Cluster
  clusterName: pulumi.Output<string>
}

export class ClusterAccess extends pulumi.ComponentResource {
  constructor(name: string, { cluster, clusterName }: ClusterAccessArgs, options: pulumi.ComponentResourceOptions) {
    super('slipway:platform:ClusterAccess', name, {}, options)
    for (const { role, part, policyArn } of accessOf(cluster)) {
      const child = `${name}-${role.replaceAll('/', '-')}`
      const principalArn = `arn:aws:iam::${cluster.account}:role/${role}`
      const entry = new eks.AccessEntry(child, { clusterName, principalArn }, { parent: this })
      new eks.AccessPolicyAssociation(
        `${child}-${part}`,
        { clusterName, principalArn, policyArn, accessScope: { type: 'cluster' } },
        { parent: this, dependsOn: [entry] },
      )
    }
    this.registerOutputs({})
  }
}

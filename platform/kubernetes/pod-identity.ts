// What the pods of one Kubernetes service account may do in AWS: a role that only they can take, bound by EKS Pod Identity.
import * as eks from '@pulumi/aws/eks/index.js'
import * as iam from '@pulumi/aws/iam/index.js'
import * as pulumi from '@pulumi/pulumi'
import { policyJson, type Statement, trustPods } from '../security/policy-document.ts'
import type { KubernetesClusterOutputs } from './kubernetes-cluster.ts'

export interface PodIdentityArgs {
  kubernetes: KubernetesClusterOutputs
  serviceAccount: { namespace: string; name: string }
  statements: Statement[]
}

export class PodIdentity extends pulumi.ComponentResource {
  constructor(name: string, args: PodIdentityArgs, options: pulumi.ComponentResourceOptions) {
    super('slipway:platform:PodIdentity', name, {}, options)
    const { kubernetes, serviceAccount, statements } = args
    const parent = { parent: this }
    const role = new iam.Role(`${name}-role`, { assumeRolePolicy: trustPods(kubernetes.arn, serviceAccount) }, parent)
    const policy = new iam.RolePolicy(`${name}-policy`, { role: role.name, policy: policyJson(statements) }, parent)
    new eks.PodIdentityAssociation(
      `${name}-association`,
      {
        clusterName: kubernetes.name,
        namespace: serviceAccount.namespace,
        serviceAccount: serviceAccount.name,
        roleArn: role.arn,
      },
      { ...parent, dependsOn: [policy] },
    )
    this.registerOutputs({})
  }
}

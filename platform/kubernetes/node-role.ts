// IAM role of nodes. Pods cannot use it: the metadata service answers one hop away only.
import * as iam from '@pulumi/aws/iam/index.js'
import * as pulumi from '@pulumi/pulumi'
import { trustInstances } from '../security/policy-document.ts'
import { nodePolicies } from './plan-cluster.ts'

export interface NodeRoleOutputs {
  arn: pulumi.Output<string>
  name: pulumi.Output<string>
}

export class NodeRole extends pulumi.ComponentResource {
  readonly outputs: NodeRoleOutputs

  /** `roleName` only where somebody else has to know it. */
  constructor(name: string, { roleName }: { roleName?: string }, options: pulumi.ComponentResourceOptions) {
    super('slipway:platform:NodeRole', name, {}, options)
    const role = new iam.Role(
      `${name}-role`,
      { assumeRolePolicy: trustInstances(), ...(roleName === undefined ? {} : { name: roleName }) },
      { parent: this },
    )
    const attached = Object.entries(nodePolicies).map(
      ([part, policyArn]) =>
        new iam.RolePolicyAttachment(`${name}-${part}`, { role: role.name, policyArn }, { parent: this }),
    )
    // A node that starts before its policies are attached never joins, so the ARN comes with them.
    const ready = pulumi.all(attached.map(({ id }) => id))
    this.outputs = { arn: pulumi.all([role.arn, ready]).apply(([arn]) => arn), name: role.name }
    this.registerOutputs(this.outputs)
  }
}

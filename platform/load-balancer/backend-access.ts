// The only way from the ALB to the pods: both ends of it, for the gateway’s two ports.
import * as vpc from '@pulumi/aws/vpc/index.js'
import * as pulumi from '@pulumi/pulumi'
import { backendPorts } from './plan-load-balancer.ts'

export interface BackendAccessArgs {
  /** Security group of the ALB. */
  from: pulumi.Output<string>
  /** Security group of the pods. */
  to: pulumi.Output<string>
}

export class BackendAccess extends pulumi.ComponentResource {
  constructor(name: string, { from, to }: BackendAccessArgs, options: pulumi.ComponentResourceOptions) {
    super('slipway:platform:BackendAccess', name, {}, options)
    for (const port of backendPorts) {
      const range = { ipProtocol: 'tcp', fromPort: port.number, toPort: port.number }
      new vpc.SecurityGroupEgressRule(
        `${name}-out-${port.name}`,
        { securityGroupId: from, referencedSecurityGroupId: to, ...range, description: `to gateway port ${port.name}` },
        { parent: this },
      )
      new vpc.SecurityGroupIngressRule(
        `${name}-in-${port.name}`,
        { securityGroupId: to, referencedSecurityGroupId: from, ...range, description: `ALB to port ${port.name}` },
        { parent: this },
      )
    }
    this.registerOutputs({})
  }
}

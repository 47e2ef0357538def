// Networks whose clients reach the listener themselves, where nothing of AWS is in front of it.
import * as vpc from '@pulumi/aws/vpc/index.js'
import * as pulumi from '@pulumi/pulumi'

export interface ClientAccessArgs {
  clientCidrs: readonly string[]
  /** Security group of the ALB. */
  to: pulumi.Output<string>
}

export class ClientAccess extends pulumi.ComponentResource {
  constructor(name: string, { clientCidrs, to }: ClientAccessArgs, options: pulumi.ComponentResourceOptions) {
    super('slipway:platform:ClientAccess', name, {}, options)
    for (const cidrIpv4 of clientCidrs) {
      // Named by the range: another order of the list changes nothing.
      new vpc.SecurityGroupIngressRule(
        `${name}-${cidrIpv4.replaceAll(/[./]/g, '-')}`,
        {
          securityGroupId: to,
          cidrIpv4,
          ipProtocol: 'tcp',
          fromPort: 443,
          toPort: 443,
          description: `clients in ${cidrIpv4} to the listener`,
        },
        { parent: this },
      )
    }
    this.registerOutputs({})
  }
}

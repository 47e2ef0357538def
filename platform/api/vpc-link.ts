// The way of the HTTP API into the VPC: interfaces beside the ALB that reach its listener and nothing else.
import * as apigateway from '@pulumi/aws/apigatewayv2/index.js'
import * as ec2 from '@pulumi/aws/ec2/index.js'
import * as vpc from '@pulumi/aws/vpc/index.js'
import * as pulumi from '@pulumi/pulumi'
import type { LoadBalancerOutputs } from '../load-balancer/load-balancer.ts'
import type { NetworkOutputs } from '../network/network.ts'

export interface VpcLinkOutputs {
  vpcLinkId: pulumi.Output<string>
}

export interface VpcLinkArgs {
  network: NetworkOutputs
  loadBalancer: LoadBalancerOutputs
}

const listenerPort = { ipProtocol: 'tcp', fromPort: 80, toPort: 80 }

export class VpcLink extends pulumi.ComponentResource {
  readonly outputs: VpcLinkOutputs

  constructor(name: string, { network, loadBalancer }: VpcLinkArgs, options: pulumi.ComponentResourceOptions) {
    super('slipway:platform:VpcLink', name, {}, options)
    const parent = { parent: this }
    const group = new ec2.SecurityGroup(
      `${name}-group`,
      { description: 'VPC link of the HTTP API: to the listener of the internal ALB', vpcId: network.vpcId },
      parent,
    )
    const out = new vpc.SecurityGroupEgressRule(
      `${name}-out`,
      {
        securityGroupId: group.id,
        referencedSecurityGroupId: loadBalancer.securityGroupId,
        ...listenerPort,
        description: 'to the listener',
      },
      parent,
    )
    const into = new vpc.SecurityGroupIngressRule(
      `${name}-in`,
      {
        securityGroupId: loadBalancer.securityGroupId,
        referencedSecurityGroupId: group.id,
        ...listenerPort,
        description: 'VPC link of the HTTP API to the listener',
      },
      parent,
    )
    // Subnets and groups can only be changed by a new link: without a name of its own it is beside the old one meanwhile.
    const link = new apigateway.VpcLink(
      `${name}-link`,
      { subnetIds: network.subnetIds.loadBalancer, securityGroupIds: [group.id] },
      { ...parent, dependsOn: [out, into] },
    )
    this.outputs = { vpcLinkId: link.id }
    this.registerOutputs(this.outputs)
  }
}

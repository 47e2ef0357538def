// The way of the streaming lane from CloudFront to the internal ALB: a VPC origin, and the rule that lets it in.
import * as cloudfront from '@pulumi/aws/cloudfront/index.js'
import * as ec2 from '@pulumi/aws/ec2/index.js'
import * as vpc from '@pulumi/aws/vpc/index.js'
import * as pulumi from '@pulumi/pulumi'
import type { Cluster } from '../../generators/schema/cluster.ts'
import type { LoadBalancerOutputs } from '../load-balancer/load-balancer.ts'
import type { NetworkOutputs } from '../network/network.ts'

export interface StreamOriginOutputs {
  vpcOriginId: pulumi.Output<string>
  /** Of the ALB; only CloudFront can resolve and reach it. */
  domainName: pulumi.Output<string>
}

export interface StreamOriginArgs {
  cluster: Cluster
  network: NetworkOutputs
  loadBalancer: LoadBalancerOutputs
}

/** CloudFront makes it in the VPC together with the first VPC origin. */
const serviceGroup = 'CloudFront-VPCOrigins-Service-SG'

export class StreamOrigin extends pulumi.ComponentResource {
  readonly outputs: StreamOriginOutputs

  constructor(
    name: string,
    { cluster, network, loadBalancer }: StreamOriginArgs,
    options: pulumi.ComponentResourceOptions,
  ) {
    super('slipway:platform:StreamOrigin', name, {}, options)
    const parent = { parent: this }
    const origin = new cloudfront.VpcOrigin(
      `${name}-vpc-origin`,
      {
        vpcOriginEndpointConfig: {
          name: `${cluster.name}-stream`,
          // CloudFront refuses a VPC without an internet gateway, although nothing goes through it.
          arn: pulumi.all([loadBalancer.arn, network.internetGatewayId]).apply(([arn]) => arn),
          httpPort: 80,
          httpsPort: 443,
          originProtocolPolicy: 'http-only',
          originSslProtocols: { items: ['TLSv1.2'], quantity: 1 },
        },
      },
      parent,
    )
    const source = ec2.getSecurityGroupOutput(
      {
        filters: [
          { name: 'group-name', values: [serviceGroup] },
          { name: 'vpc-id', values: [network.vpcId] },
        ],
      },
      { ...parent, dependsOn: [origin] },
    )
    new vpc.SecurityGroupIngressRule(
      `${name}-in`,
      {
        securityGroupId: loadBalancer.securityGroupId,
        referencedSecurityGroupId: source.id,
        ipProtocol: 'tcp',
        fromPort: 80,
        toPort: 80,
        description: 'CloudFront VPC origin to the listener',
      },
      parent,
    )
    this.outputs = { vpcOriginId: origin.id, domainName: loadBalancer.dnsName }
    this.registerOutputs(this.outputs)
  }
}

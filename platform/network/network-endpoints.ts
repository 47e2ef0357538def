// Private addresses of AWS services, for nodes and pods.
import * as ec2 from '@pulumi/aws/ec2/index.js'
import * as vpc from '@pulumi/aws/vpc/index.js'
import * as pulumi from '@pulumi/pulumi'
import type { Cluster } from '../../generators/schema/cluster.ts'
import { policyJson } from '../security/policy-document.ts'
import { gatewayEndpoint, gatewayStatements, plannedInterfaceEndpoints } from './plan-endpoints.ts'

export interface NetworkEndpointsArgs {
  cluster: Cluster
  vpcId: pulumi.Output<string>
  privateSubnetIds: pulumi.Output<string>[]
  privateTableIds: pulumi.Output<string>[]
}

export interface NetworkEndpointsOutputs {
  s3Cidrs: pulumi.Output<string[]>
}

export class NetworkEndpoints extends pulumi.ComponentResource {
  readonly outputs: NetworkEndpointsOutputs

  constructor(name: string, args: NetworkEndpointsArgs, options: pulumi.ComponentResourceOptions) {
    super('slipway:platform:NetworkEndpoints', name, {}, options)
    const { cluster, vpcId, privateTableIds } = args
    const services = plannedInterfaceEndpoints(cluster)
    const s3 = new ec2.VpcEndpoint(
      `${name}-${gatewayEndpoint}`,
      {
        vpcId,
        vpcEndpointType: 'Gateway',
        serviceName: `com.amazonaws.${cluster.region}.${gatewayEndpoint}`,
        routeTableIds: privateTableIds,
        policy: policyJson(gatewayStatements(cluster)),
        tags: { Name: `${name}-${gatewayEndpoint}` },
      },
      { parent: this },
    )
    if (services.length > 0) this.#interfaces(name, services, args)
    this.outputs = { s3Cidrs: s3.cidrBlocks.apply((cidrs) => cidrs.toSorted()) }
    this.registerOutputs(this.outputs)
  }

  #interfaces(name: string, services: string[], { cluster, vpcId, privateSubnetIds }: NetworkEndpointsArgs): void {
    const group = new ec2.SecurityGroup(
      `${name}-group`,
      { description: 'Endpoints of AWS services: HTTPS from the VPC', vpcId, tags: { Name: name } },
      { parent: this },
    )
    new vpc.SecurityGroupIngressRule(
      `${name}-from-vpc`,
      {
        securityGroupId: group.id,
        cidrIpv4: cluster.network.vpcCidr,
        ipProtocol: 'tcp',
        fromPort: 443,
        toPort: 443,
        description: 'nodes, pods and runners in the VPC',
      },
      { parent: this },
    )
    for (const service of services) {
      new ec2.VpcEndpoint(
        `${name}-${service.replace('.', '-')}`,
        {
          vpcId,
          vpcEndpointType: 'Interface',
          serviceName: `com.amazonaws.${cluster.region}.${service}`,
          subnetIds: privateSubnetIds,
          securityGroupIds: [group.id],
          // The usual host name answers with the private address.
          privateDnsEnabled: true,
          tags: { Name: `${name}-${service}` },
        },
        { parent: this },
      )
    }
  }
}

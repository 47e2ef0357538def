// VPC with its subnets, ways out and routes. Everything else stands in it.
import * as ec2 from '@pulumi/aws/ec2/index.js'
import * as pulumi from '@pulumi/pulumi'
import type { Cluster } from '../../generators/schema/cluster.ts'
import { type PlannedSubnet, planNetwork, type SubnetKind } from '../plan-network.ts'
import type { EncryptionOutputs } from './encryption.ts'

export interface NetworkOutputs {
  vpcId: pulumi.Output<string>
  /** By kind, in zone order. */
  subnetIds: Record<SubnetKind, pulumi.Output<string>[]>
  /** Node and pod subnets’ route tables, one per zone, for gateway endpoints. */
  privateRouteTableIds: pulumi.Output<string>[]
  internetGatewayId: pulumi.Output<string>
}

export interface NetworkArgs {
  cluster: Cluster
  encryption: EncryptionOutputs
}

export class Network extends pulumi.ComponentResource {
  readonly outputs: NetworkOutputs

  constructor(name: string, { cluster }: NetworkArgs, options: pulumi.ComponentResourceOptions) {
    super('slipway:platform:Network', name, {}, options)
    const parent = { parent: this }
    const plan = planNetwork(cluster)
    const vpc = new ec2.Vpc(
      `${name}-vpc`,
      // Endpoints of AWS services need both DNS settings. The controllers find the VPC by its Name.
      {
        cidrBlock: cluster.network.vpcCidr,
        enableDnsHostnames: true,
        enableDnsSupport: true,
        tags: { Name: cluster.name },
      },
      { ...parent, protect: true },
    )
    const internetGateway = new ec2.InternetGateway(
      `${name}-internet`,
      { vpcId: vpc.id, tags: { Name: cluster.name } },
      parent,
    )
    const subnets = plan.subnets.map((planned) => ({ planned, subnet: this.#subnet(name, vpc, planned) }))
    const ids = (kind: SubnetKind) =>
      subnets.filter(({ planned }) => planned.kind === kind).map(({ subnet }) => subnet.id)
    this.outputs = {
      vpcId: vpc.id,
      subnetIds: {
        public: ids('public'),
        private: ids('private'),
        loadBalancer: ids('loadBalancer'),
        controlPlane: ids('controlPlane'),
      },
      privateRouteTableIds: [],
      internetGatewayId: internetGateway.id,
    }
    this.registerOutputs(this.outputs)
  }

  #subnet(name: string, vpc: ec2.Vpc, { name: part, cidr, zoneId, tags }: PlannedSubnet): ec2.Subnet {
    return new ec2.Subnet(
      `${name}-${part}`,
      { vpcId: vpc.id, cidrBlock: cidr, availabilityZoneId: zoneId, mapPublicIpOnLaunch: false, tags },
      { parent: this },
    )
  }
}

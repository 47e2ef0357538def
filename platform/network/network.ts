// The VPC and its subnets; routes, endpoints and flow logs are components of their own below it.
import * as ec2 from '@pulumi/aws/ec2/index.js'
import * as pulumi from '@pulumi/pulumi'
import type { Cluster } from '../../generators/schema/cluster.ts'
import type { EncryptionOutputs } from '../security/encryption.ts'
import { FlowLogs } from './flow-logs.ts'
import { NetworkEndpoints } from './network-endpoints.ts'
import { type MadeSubnet, NetworkRoutes } from './network-routes.ts'
import { type PlannedSubnet, planNetwork, type SubnetKind } from './plan-network.ts'

export interface NetworkOutputs {
  vpcId: pulumi.Output<string>
  /** By kind, in zone order. */
  subnetIds: Record<SubnetKind, pulumi.Output<string>[]>
  /** A VPC origin needs a gateway at its VPC, although its traffic takes another way. */
  internetGatewayId: pulumi.Output<string> | undefined
  /** Addresses of S3 in the region: public ones, which the gateway endpoint takes. */
  s3Cidrs: pulumi.Output<string[]>
}

export interface NetworkArgs {
  cluster: Cluster
  encryption: EncryptionOutputs
}

function idsByKind(subnets: readonly MadeSubnet[]): NetworkOutputs['subnetIds'] {
  const ids = (kind: SubnetKind) => subnets.filter(({ planned }) => planned.kind === kind).map(({ id }) => id)
  return {
    public: ids('public'),
    private: ids('private'),
    loadBalancer: ids('loadBalancer'),
    controlPlane: ids('controlPlane'),
  }
}

export class Network extends pulumi.ComponentResource {
  readonly outputs: NetworkOutputs

  constructor(name: string, { cluster, encryption }: NetworkArgs, options: pulumi.ComponentResourceOptions) {
    super('slipway:platform:Network', name, {}, options)
    const parent = { parent: this }
    const plan = planNetwork(cluster)
    const vpc = new ec2.Vpc(
      `${name}-vpc`,
      {
        cidrBlock: cluster.network.vpcCidr,
        // Endpoints of AWS services need both.
        enableDnsHostnames: true,
        enableDnsSupport: true,
        // The Load Balancer Controller finds the VPC by this tag.
        tags: { Name: cluster.name },
      },
      { ...parent, protect: true },
    )
    // Without rules: nothing may use it by accident.
    new ec2.DefaultSecurityGroup(
      `${name}-default-group`,
      { vpcId: vpc.id, tags: { Name: `${cluster.name}-unused` } },
      parent,
    )
    const internetGateway = new ec2.InternetGateway(
      `${name}-internet`,
      { vpcId: vpc.id, tags: { Name: cluster.name } },
      { ...parent, protect: true },
    )
    const subnets = plan.subnets.map((planned) => this.#subnet(name, vpc.id, planned))
    const subnetIds = idsByKind(subnets)
    // Without its way out no node starts and no image comes.
    const kept = { ...parent, protect: true }
    const { privateTableIds } = new NetworkRoutes(
      `${name}-routes`,
      { vpcId: vpc.id, internetGatewayId: internetGateway.id, subnets, natZoneOf: plan.natZoneOf },
      kept,
    ).outputs
    const endpointArgs = { cluster, vpcId: vpc.id, privateSubnetIds: subnetIds.private, privateTableIds }
    const { s3Cidrs } = new NetworkEndpoints(`${name}-endpoints`, endpointArgs, parent).outputs
    new FlowLogs(`${name}-flow-logs`, { cluster, encryption, vpcId: vpc.id }, parent)
    this.outputs = { vpcId: vpc.id, subnetIds, internetGatewayId: internetGateway.id, s3Cidrs }
    this.registerOutputs(this.outputs)
  }

  #subnet(name: string, vpcId: pulumi.Output<string>, planned: PlannedSubnet): MadeSubnet {
    const { name: part, cidr, zoneId, tags } = planned
    const subnet = new ec2.Subnet(
      `${name}-${part}`,
      // By zone id: the name us-east-1a is another zone in another account.
      { vpcId, cidrBlock: cidr, availabilityZoneId: zoneId, mapPublicIpOnLaunch: false, tags },
      { parent: this, protect: true },
    )
    return { planned, id: subnet.id }
  }
}

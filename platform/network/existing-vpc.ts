// A VPC that is there already: it is looked up and never changed. A wrong id, range or zone ends the preview, before anything is made.
import * as ec2 from '@pulumi/aws/ec2/index.js'
import * as pulumi from '@pulumi/pulumi'
import type { Cluster } from '../../generators/schema/cluster.ts'
import type { ExistingNetwork, SubnetRole } from '../../generators/schema/cluster-network.ts'
import type { NetworkOutputs } from './network.ts'

export interface ExistingVpcArgs {
  cluster: Cluster
  existing: ExistingNetwork
}

export class ExistingVpc extends pulumi.ComponentResource {
  readonly outputs: NetworkOutputs

  constructor(name: string, { cluster, existing }: ExistingVpcArgs, options: pulumi.ComponentResourceOptions) {
    super('slipway:platform:ExistingVpc', name, {}, options)
    const parent = { parent: this }
    const { vpcId, cidr, subnets } = existing
    const ids = (role: SubnetRole) =>
      subnets[role].map(
        (subnet, index) =>
          ec2.getSubnetOutput(
            { id: subnet.id, vpcId, cidrBlock: subnet.cidr, availabilityZoneId: cluster.network.zoneIds[index] },
            parent,
          ).id,
      )
    this.outputs = {
      vpcId: ec2.getVpcOutput({ id: vpcId, cidrBlock: cidr }, parent).id,
      subnetIds: {
        public: [],
        private: ids('private'),
        loadBalancer: ids('loadBalancer'),
        controlPlane: ids('controlPlane'),
      },
      internetGatewayId: cluster.edge.streamLane ? internetGateway(vpcId, parent) : undefined,
      s3Cidrs: s3Cidrs(cluster, parent),
    }
    this.registerOutputs(this.outputs)
  }
}

const internetGateway = (vpcId: string, options: pulumi.InvokeOptions) =>
  ec2.getInternetGatewayOutput({ filters: [{ name: 'attachment.vpc-id', values: [vpcId] }] }, options).internetGatewayId

/** What S3 has in the region: its gateway endpoint belongs to the owner of the VPC. */
const s3Cidrs = ({ region }: Cluster, options: pulumi.InvokeOptions) =>
  ec2.getPrefixListOutput({ name: `com.amazonaws.${region}.s3` }, options).cidrBlocks.apply((cidrs) => cidrs.toSorted())

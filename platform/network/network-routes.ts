// Ways out of the VPC: NAT gateways, and one route table per destination.
import * as ec2 from '@pulumi/aws/ec2/index.js'
import * as pulumi from '@pulumi/pulumi'
import { type PlannedSubnet, routeOf } from './plan-network.ts'

/** A planned subnet and what became of it. */
export interface MadeSubnet {
  planned: PlannedSubnet
  id: pulumi.Output<string>
}

export interface NetworkRoutesOutputs {
  /** One per zone, in zone order. */
  privateTableIds: pulumi.Output<string>[]
}

export interface NetworkRoutesArgs {
  vpcId: pulumi.Output<string>
  internetGatewayId: pulumi.Output<string>
  subnets: MadeSubnet[]
  natZoneOf: Record<string, string>
}

const everywhere = '0.0.0.0/0'

export class NetworkRoutes extends pulumi.ComponentResource {
  readonly outputs: NetworkRoutesOutputs

  constructor(name: string, args: NetworkRoutesArgs, options: pulumi.ComponentResourceOptions) {
    super('slipway:platform:NetworkRoutes', name, {}, options)
    const { internetGatewayId, natZoneOf } = args
    const subnetsTo = (route: string) => args.subnets.filter(({ planned }) => routeOf[planned.kind] === route)
    const internet = this.#table(name, 'internet', args, subnetsTo('internet'))
    this.#route(name, 'internet', { routeTableId: internet, gatewayId: internetGatewayId })
    this.#table(name, 'none', args, subnetsTo('none'))
    const natIds = new Map<string, pulumi.Output<string>>()
    for (const { planned, id } of subnetsTo('internet')) {
      if (Object.values(natZoneOf).includes(planned.zoneId))
        natIds.set(planned.zoneId, this.#nat(name, planned.zoneId, id))
    }
    const privateTableIds = subnetsTo('nat').map((subnet) => {
      const { zoneId } = subnet.planned
      const table = this.#table(name, `nat-${zoneId}`, args, [subnet])
      this.#route(name, `nat-${zoneId}`, { routeTableId: table, natGatewayId: natIds.get(natZoneOf[zoneId] ?? '') })
      return table
    })
    this.outputs = { privateTableIds }
    this.registerOutputs(this.outputs)
  }

  #nat(name: string, zoneId: string, subnetId: pulumi.Output<string>): pulumi.Output<string> {
    const tags = { Name: `${name}-nat-${zoneId}` }
    const address = new ec2.Eip(`${name}-address-${zoneId}`, { domain: 'vpc', tags }, { parent: this })
    return new ec2.NatGateway(`${name}-nat-${zoneId}`, { allocationId: address.id, subnetId, tags }, { parent: this })
      .id
  }

  #table(name: string, to: string, { vpcId }: NetworkRoutesArgs, subnets: MadeSubnet[]): pulumi.Output<string> {
    const table = new ec2.RouteTable(
      `${name}-table-${to}`,
      { vpcId, tags: { Name: `${name}-${to}` } },
      { parent: this },
    )
    for (const { planned, id } of subnets) {
      const association = `${name}-association-${planned.name}`
      new ec2.RouteTableAssociation(association, { routeTableId: table.id, subnetId: id }, { parent: this })
    }
    return table.id
  }

  #route(name: string, to: string, args: ec2.RouteArgs): void {
    new ec2.Route(`${name}-route-${to}`, { destinationCidrBlock: everywhere, ...args }, { parent: this })
  }
}

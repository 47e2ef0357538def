// The internal ALB in front of the gateway. Made here once, so that API and edge know its ARN; then the Load Balancer
// Controller adopts it and keeps listener, rules and targets as the Ingresses say.

import * as ec2 from '@pulumi/aws/ec2/index.js'
import * as lb from '@pulumi/aws/lb/index.js'
import * as pulumi from '@pulumi/pulumi'
import type { Cluster } from '../../generators/schema/cluster.ts'
import { loadBalancer } from '../../generators/schema/contract.ts'
import { listenerOf } from '../../generators/schema/edge-kinds.ts'
import type { NetworkOutputs } from '../network/network.ts'
import type { CertificateOutputs } from '../security/certificate.ts'
import { BackendAccess } from './backend-access.ts'
import { ClientAccess } from './client-access.ts'
import { balancerSettings, notSyncedAnswer, ownedByController, tlsOf } from './plan-load-balancer.ts'

export interface LoadBalancerOutputs {
  arn: pulumi.Output<string>
  /** `app/NAME/ID`: dimension of its CloudWatch metrics. */
  arnSuffix: pulumi.Output<string>
  dnsName: pulumi.Output<string>
  /** Of its DNS name, which a record points at. */
  dnsZoneId: pulumi.Output<string>
  listenerArn: pulumi.Output<string>
  /** What sends to the ALB (VPC link, VPC origin, networks of clients) adds its ingress rule to it. */
  securityGroupId: pulumi.Output<string>
}

export interface LoadBalancerArgs {
  cluster: Cluster
  network: NetworkOutputs
  /** Security group of the nodes and pods. */
  backendSecurityGroupId: pulumi.Output<string>
  /** Of the domain, where clients reach the ALB themselves. */
  certificate: CertificateOutputs | undefined
}

export class LoadBalancer extends pulumi.ComponentResource {
  readonly outputs: LoadBalancerOutputs

  constructor(name: string, args: LoadBalancerArgs, options: pulumi.ComponentResourceOptions) {
    super('slipway:platform:LoadBalancer', name, {}, options)
    const { cluster, network, backendSecurityGroupId, certificate } = args
    const parent = { parent: this }
    const group = new ec2.SecurityGroup(
      `${name}-group`,
      {
        // Of whatever edge: AWS changes no description, and a group that the ALB has cannot be replaced.
        description: 'Internal ALB: from VPC link and VPC origin, to the gateway pods',
        vpcId: network.vpcId,
        // The Ingresses name it by this tag.
        tags: { Name: loadBalancer.securityGroupName(cluster.name) },
      },
      parent,
    )
    const balancer = new lb.LoadBalancer(
      `${name}-alb`,
      { ...balancerSettings(cluster), subnets: network.subnetIds.loadBalancer, securityGroups: [group.id] },
      { ...parent, protect: true, ignoreChanges: ownedByController.balancer },
    )
    const listener = new lb.Listener(
      `${name}-listener`,
      {
        loadBalancerArn: balancer.arn,
        ...listenerOf(cluster),
        ...tlsOf(certificate?.arn),
        defaultActions: [{ type: 'fixed-response', fixedResponse: notSyncedAnswer }],
      },
      { ...parent, protect: true, ignoreChanges: ownedByController.listener },
    )
    if (certificate !== undefined)
      new ClientAccess(`${name}-clients`, { clientCidrs: cluster.edge.clientCidrs, to: group.id }, parent)
    new BackendAccess(`${name}-backend`, { from: group.id, to: backendSecurityGroupId }, parent)
    this.outputs = {
      arn: balancer.arn,
      arnSuffix: balancer.arnSuffix,
      dnsName: balancer.dnsName,
      dnsZoneId: balancer.zoneId,
      listenerArn: listener.arn,
      securityGroupId: group.id,
    }
    this.registerOutputs(this.outputs)
  }
}

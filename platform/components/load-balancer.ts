// The internal ALB in front of the gateway. Made here once, so that API and edge know its ARN; then the Load Balancer
// Controller adopts it and keeps listener, rules and targets as the Ingresses say.

import * as ec2 from '@pulumi/aws/ec2/index.js'
import * as lb from '@pulumi/aws/lb/index.js'
import * as vpc from '@pulumi/aws/vpc/index.js'
import * as pulumi from '@pulumi/pulumi'
import type { Cluster } from '../../generators/schema/cluster.ts'
import { loadBalancer } from '../../generators/schema/contract.ts'
import { adoptionTags, backendPorts, notSyncedAnswer } from '../plan-load-balancer.ts'
import type { NetworkOutputs } from './network.ts'

export interface LoadBalancerOutputs {
  arn: pulumi.Output<string>
  /** `app/NAME/ID`: dimension of its CloudWatch metrics. */
  arnSuffix: pulumi.Output<string>
  dnsName: pulumi.Output<string>
  listenerArn: pulumi.Output<string>
  /** Whoever sends to the ALB (VPC link, VPC origin) adds the ingress rule for port 80 to it. */
  securityGroupId: pulumi.Output<string>
}

export interface LoadBalancerArgs {
  cluster: Cluster
  network: NetworkOutputs
  /** Security group of the nodes and pods. */
  backendSecurityGroupId: pulumi.Input<string>
}

export class LoadBalancer extends pulumi.ComponentResource {
  readonly outputs: LoadBalancerOutputs

  constructor(
    name: string,
    { cluster, network, backendSecurityGroupId }: LoadBalancerArgs,
    options: pulumi.ComponentResourceOptions,
  ) {
    super('slipway:platform:LoadBalancer', name, {}, options)
    const parent = { parent: this }
    const group = new ec2.SecurityGroup(
      `${name}-group`,
      {
        description: 'Internal ALB: from VPC link and VPC origin, to the gateway pods',
        vpcId: network.vpcId,
        // The Ingresses name it by this tag.
        tags: { Name: loadBalancer.securityGroupName(cluster.name) },
      },
      parent,
    )
    const balancer = new lb.LoadBalancer(
      `${name}-alb`,
      {
        // At most 32 characters, which a made-up ending would not leave.
        name: cluster.name,
        internal: true,
        loadBalancerType: 'application',
        ipAddressType: 'ipv4',
        subnets: network.subnetIds.loadBalancer,
        securityGroups: [group.id],
        enableDeletionProtection: true,
        idleTimeout: loadBalancer.idleTimeoutSeconds,
        dropInvalidHeaderFields: true,
        desyncMitigationMode: 'defensive',
        tags: { Name: cluster.name, ...adoptionTags(cluster) },
      },
      // From adoption on these belong to the controller.
      { ...parent, protect: true, ignoreChanges: ['securityGroups', 'tags', 'tagsAll'] },
    )
    const listener = new lb.Listener(
      `${name}-listener`,
      {
        loadBalancerArn: balancer.arn,
        port: 80,
        protocol: 'HTTP',
        defaultActions: [{ type: 'fixed-response', fixedResponse: notSyncedAnswer }],
      },
      { ...parent, protect: true, ignoreChanges: ['defaultActions', 'tags', 'tagsAll'] },
    )
    for (const port of backendPorts) this.#openBackend(name, port, group.id, backendSecurityGroupId)
    this.outputs = {
      arn: balancer.arn,
      arnSuffix: balancer.arnSuffix,
      dnsName: balancer.dnsName,
      listenerArn: listener.arn,
      securityGroupId: group.id,
    }
    this.registerOutputs(this.outputs)
  }

  /** Both ends of one way from the ALB to the pods. */
  #openBackend(
    name: string,
    port: (typeof backendPorts)[number],
    from: pulumi.Input<string>,
    to: pulumi.Input<string>,
  ): void {
    const range = { ipProtocol: 'tcp', fromPort: port.number, toPort: port.number }
    new vpc.SecurityGroupEgressRule(
      `${name}-to-${port.name}`,
      {
        securityGroupId: from,
        referencedSecurityGroupId: to,
        ...range,
        description: `to the gateway port ${port.name}`,
      },
      { parent: this },
    )
    new vpc.SecurityGroupIngressRule(
      `${name}-backend-${port.name}`,
      { securityGroupId: to, referencedSecurityGroupId: from, ...range, description: `from the ALB to ${port.name}` },
      { parent: this },
    )
  }
}

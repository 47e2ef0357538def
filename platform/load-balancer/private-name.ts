// The domain where clients reach the ALB themselves: its private addresses, in the public zone or in a private one.
import * as route53 from '@pulumi/aws/route53/index.js'
import * as pulumi from '@pulumi/pulumi'
import type { LoadBalancerOutputs } from './load-balancer.ts'

export interface PrivateNameArgs {
  domain: string
  zoneId: pulumi.Output<string>
  loadBalancer: LoadBalancerOutputs
}

export class PrivateName extends pulumi.ComponentResource {
  constructor(
    name: string,
    { domain, zoneId, loadBalancer }: PrivateNameArgs,
    options: pulumi.ComponentResourceOptions,
  ) {
    super('slipway:platform:PrivateName', name, {}, options)
    // There is one place: an answer about its health would lead nowhere else.
    const alias = { name: loadBalancer.dnsName, zoneId: loadBalancer.dnsZoneId, evaluateTargetHealth: false }
    new route53.Record(`${name}-record`, { zoneId, name: domain, type: 'A', aliases: [alias] }, { parent: this })
    this.registerOutputs({})
  }
}

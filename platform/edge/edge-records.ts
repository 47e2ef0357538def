// The public name: the domain points at the distribution, for IPv4, IPv6, and for clients that begin with HTTP/3.
import * as route53 from '@pulumi/aws/route53/index.js'
import * as pulumi from '@pulumi/pulumi'

export interface EdgeRecordsArgs {
  domain: string
  zoneId: pulumi.Output<string>
  /** Name and zone of the distribution. */
  target: { name: pulumi.Output<string>; zoneId: pulumi.Output<string> }
}

export class EdgeRecords extends pulumi.ComponentResource {
  constructor(name: string, { domain, zoneId, target }: EdgeRecordsArgs, options: pulumi.ComponentResourceOptions) {
    super('slipway:platform:EdgeRecords', name, {}, options)
    for (const type of ['A', 'AAAA', 'HTTPS']) {
      new route53.Record(
        `${name}-${type.toLowerCase()}`,
        // CloudFront is always there: asking whether it is healthy is not offered.
        { zoneId, name: domain, type, aliases: [{ ...target, evaluateTargetHealth: false }] },
        { parent: this },
      )
    }
    this.registerOutputs({})
  }
}

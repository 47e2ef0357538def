// The name by which CloudFront, or without it clients, reach the HTTP API; the API’s own name is switched off.
import * as apigateway from '@pulumi/aws/apigatewayv2/index.js'
import * as route53 from '@pulumi/aws/route53/index.js'
import * as pulumi from '@pulumi/pulumi'
import type { Cluster } from '../../generators/schema/cluster.ts'
import type { CertificateOutputs } from '../security/certificate.ts'
import { mutualTlsOf } from './plan-api.ts'

export interface ApiDomainOutputs {
  /** The custom domain; a resource that waits for it finds the stage behind it. */
  domainName: pulumi.Output<string>
  /** d-….execute-api…: what the domain’s record points at. */
  regionalDomain: pulumi.Output<string>
}

export interface ApiDomainArgs {
  domain: string
  /** Of the API’s region. */
  certificate: CertificateOutputs
  /** undefined: the users write the record. */
  zoneId: pulumi.Output<string> | undefined
  apiId: pulumi.Output<string>
  stageName: pulumi.Output<string>
  /** undefined: a caller with a token may connect. */
  mutualTls: Cluster['edge']['mutualTls']
}

export class ApiDomain extends pulumi.ComponentResource {
  readonly outputs: ApiDomainOutputs

  constructor(name: string, args: ApiDomainArgs, options: pulumi.ComponentResourceOptions) {
    super('slipway:platform:ApiDomain', name, {}, options)
    const { certificate, zoneId, apiId, stageName } = args
    const parent = { parent: this }
    const domain = new apigateway.DomainName(
      `${name}-name`,
      {
        domainName: args.domain,
        domainNameConfiguration: {
          certificateArn: certificate.arn,
          endpointType: 'REGIONAL',
          // The only policy that HTTP APIs take.
          securityPolicy: 'TLS_1_2',
        },
        ...mutualTlsOf(args.mutualTls),
      },
      { ...parent, protect: true },
    )
    const mapping = new apigateway.ApiMapping(
      `${name}-mapping`,
      { apiId, domainName: domain.domainName, stage: stageName },
      parent,
    )
    const { targetDomainName, hostedZoneId } = pulumi.output(domain.domainNameConfiguration)
    if (zoneId !== undefined) {
      const alias = { name: targetDomainName, zoneId: hostedZoneId, evaluateTargetHealth: false }
      new route53.Record(`${name}-record`, { zoneId, name: args.domain, type: 'A', aliases: [alias] }, parent)
    }
    this.outputs = { domainName: mapping.domainName, regionalDomain: targetDomainName }
    this.registerOutputs(this.outputs)
  }
}

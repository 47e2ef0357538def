// One certificate: a given one, or a new one that proves the domain by a record and renews itself.
import * as acm from '@pulumi/aws/acm/index.js'
import * as route53 from '@pulumi/aws/route53/index.js'
import * as pulumi from '@pulumi/pulumi'

export interface CertificateOutputs {
  /** Of a certificate that is issued: a resource that waits for this can use it. */
  arn: pulumi.Output<string>
}

export interface CertificateArgs {
  domain: string
  /** Route 53 zone for the record that proves the domain; not needed with `existing`. */
  zoneId: pulumi.Output<string> | undefined
  /** ARN of a certificate that somebody else made; then this makes nothing. */
  existing: string | undefined
}

export class Certificate extends pulumi.ComponentResource {
  readonly outputs: CertificateOutputs

  constructor(name: string, { domain, zoneId, existing }: CertificateArgs, options: pulumi.ComponentResourceOptions) {
    super('slipway:platform:Certificate', name, {}, options)
    const arn = zoneId === undefined ? existing : this.#issue(name, domain, zoneId)
    if (arn === undefined) throw new Error(`${name}: neither a zone nor a certificate`)
    this.outputs = { arn: pulumi.output(arn) }
    this.registerOutputs(this.outputs)
  }

  #issue(name: string, domainName: string, zoneId: pulumi.Output<string>): pulumi.Output<string> {
    const parent = { parent: this }
    const certificate = new acm.Certificate(
      `${name}-issued`,
      { domainName, validationMethod: 'DNS', keyAlgorithm: 'EC_prime256v1' },
      parent,
    )
    const proof = certificate.domainValidationOptions.apply(([first]) => {
      if (first === undefined) throw new Error(`${name}: ACM asks for no record`)
      return first
    })
    const record = new route53.Record(
      `${name}-proof`,
      {
        zoneId,
        name: proof.resourceRecordName,
        type: proof.resourceRecordType,
        records: [proof.resourceRecordValue],
        ttl: 300,
        // The same record serves every certificate of the domain in the account.
        allowOverwrite: true,
      },
      parent,
    )
    return new acm.CertificateValidation(
      `${name}-validation`,
      { certificateArn: certificate.arn, validationRecordFqdns: [record.fqdn] },
      parent,
    ).certificateArn
  }
}

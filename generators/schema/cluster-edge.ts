// The section of the cluster file about the edge: where clients come in, under which name, and what they may send.

import Type from 'typebox'
import { clusterDefaults } from './cluster-defaults.ts'
import { edgeKindNames } from './edge-kinds.ts'
import { byEnvironment } from './environments.ts'
import { cidr, oneOf, portNumber, strict } from './fields.ts'

const certificateArn = (description: string) =>
  Type.String({
    pattern: '^arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/[0-9a-f-]+$',
    description,
    examples: ['arn:aws:acm:us-east-1:111122223333:certificate/12345678-1234-1234-1234-123456789012'],
  })

export const edgeSchema = Type.Optional(
  strict(
    {
      kind: Type.Optional(
        oneOf(edgeKindNames, {
          description: `Where clients come in. cloudfront: CloudFront with its firewall before the HTTP API, and streams. api: the HTTP API alone, no streams, at most 30 s. none: the internal load balancer alone, for networks that reach the VPC. Default ${clusterDefaults.edge.kind}. See docs/bring-your-own.md.`,
        }),
      ),
      clientCidrs: Type.Optional(
        Type.Array(cidr('Range.'), {
          minItems: 1,
          maxItems: 40,
          uniqueItems: true,
          description:
            'Private ranges of clients that may connect, with `kind: none`; default the range of the VPC. Routes to them are yours.',
          examples: [['10.0.0.0/16', '10.100.0.0/14']],
        }),
      ),
      hostedZone: Type.Optional(
        Type.String({
          pattern: '^[a-z0-9.-]+\\.[a-z]{2,}$',
          description:
            'Public Route 53 zone of the account that holds the domain; default models.example.com -> example.com.',
        }),
      ),
      privateZone: Type.Optional(
        Type.Boolean({
          description:
            'With `kind: none`: the record of the domain is written into the private zone `hostedZone` of the account, which is there already; the public one proves the certificate. Default false.',
        }),
      ),
      certificates: Type.Optional(
        strict(
          {
            edge: certificateArn('For the domain: in us-east-1, or without CloudFront in the cluster’s region.'),
            api: Type.Optional(certificateArn('For api.DOMAIN, in the cluster’s region; only with CloudFront.')),
          },
          {
            description:
              'Certificates of your own, when the domain is not in Route 53 of the account; its records are then yours too.',
          },
        ),
      ),
      mutualTls: Type.Optional(
        strict(
          {
            certificate: certificateArn(
              'Client certificate that CloudFront shows to api.DOMAIN: imported into ACM in us-east-1. First this alone, then, when CloudFront sends it everywhere, the truststore.',
            ),
            truststore: Type.Optional(
              Type.String({
                pattern: '^s3://[a-z0-9][a-z0-9.-]+/.+$',
                description:
                  'PEM file of the authorities of that certificate, in a bucket of the region whose name begins with CLUSTER-. With it api.DOMAIN takes nobody without such a certificate.',
                examples: ['s3://prod-truststore-444455556666/authorities.pem'],
              }),
            ),
            truststoreVersion: Type.Optional(
              Type.String({
                minLength: 1,
                description: 'Version of that file; another one is taken when this changes.',
              }),
            ),
          },
          {
            description:
              'Closes api.DOMAIN to all but CloudFront. Not with a certificate of your own for api.DOMAIN that was imported into ACM. Default: open, behind the authorizer and the origin secret.',
          },
        ),
      ),
      streamLane: Type.Optional(
        Type.Boolean({
          description: `Offer /stream/* through CloudFront; default ${clusterDefaults.edge.streamLane}.`,
        }),
      ),
      corsOrigins: Type.Optional(
        Type.Array(
          Type.String({
            pattern: `^https://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:${portNumber})?$`,
            form: 'https://HOST in lower case, with a port up to 65535 if any, and no path',
            description: 'Scheme and host, with a port where it has one.',
            examples: ['https://app.example.com'],
          }),
          {
            uniqueItems: true,
            maxItems: 20,
            description: 'Origins beside the domain whose pages may call from a browser; default none.',
          },
        ),
      ),
      rateLimit: Type.Optional(
        Type.Integer({
          minimum: 10,
          maximum: 2_000_000_000,
          description: `Requests without credentials per address in 60 s; default ${clusterDefaults.edge.rateLimit}.`,
        }),
      ),
      abuseLimit: Type.Optional(
        Type.Integer({
          minimum: 10,
          maximum: 2_000_000_000,
          description: `Requests with credentials, good or bad, per address in 60 s; default ${byEnvironment('abuseLimit')}. What a tenant may send is in its file.`,
        }),
      ),
      geo: Type.Optional(
        strict(
          {
            mode: oneOf(['allow', 'block'], { description: 'Only these countries, or all but these.' }),
            countries: Type.Array(Type.String({ pattern: '^[A-Z]{2}$' }), {
              minItems: 1,
              uniqueItems: true,
              description: 'ISO 3166-1 codes.',
            }),
          },
          { description: 'Countries that may call, or may not.' },
        ),
      ),
    },
    { description: 'What clients reach: name, certificates, limits.' },
  ),
)

// Rules about what clients see of a cluster: domain, certificates, countries.
import type { SourceFile } from '../load/source-file.ts'
import type { Cluster } from '../schema/cluster.ts'
import { countries, usualMistakes } from '../schema/countries.ts'
import { apiHost, hasCloudFront, hasHttpApi } from '../schema/edge-kinds.ts'
import type { Findings } from './findings.ts'

/** CloudFront takes certificates of this region alone. */
const edgeRegion = 'us-east-1'

/** ACM’s limit for the first name of a certificate (RequestCertificate); ours are DOMAIN and, with CloudFront, api.DOMAIN. */
const longestCertificateName = 64

export function checkEdge(cluster: Cluster, file: SourceFile, findings: Findings): void {
  checkDomainForm(cluster, file, findings)
  if (cluster.edge.certificates === undefined || cluster.edge.privateZone) checkZone(cluster, file, findings)
  checkCertificates(cluster, file, findings)
  checkTruststore(cluster, file, findings)
  checkCountries(cluster, file, findings)
}

function checkDomainForm(cluster: Cluster, file: SourceFile, findings: Findings): void {
  const { domain, edge } = cluster
  const label = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/
  const wrong = domain.split('.').find((part) => !label.test(part))
  if (wrong !== undefined) {
    const hint = 'between two dots: 1 to 63 letters, digits and dashes, no dash at either end'
    findings.add('DOMAIN_INVALID', file.position(['domain']), `"${wrong}" cannot be part of a host name`, hint)
  }
  const name = apiHost(cluster)
  if (edge.certificates !== undefined || name.length <= longestCertificateName) return
  findings.add(
    'DOMAIN_INVALID',
    file.position(['domain']),
    `${name} has ${name.length} characters, and AWS issues certificates for ${longestCertificateName}`,
    `a domain of at most ${longestCertificateName - (name.length - domain.length)} characters, or edge.certificates with your own`,
  )
}

function checkZone({ domain, edge: { hostedZone } }: Cluster, file: SourceFile, findings: Findings): void {
  if (domain.endsWith(`.${hostedZone}`) || domain === hostedZone) return
  const message = `${domain} does not lie in the zone ${hostedZone}`
  const hint = 'write the zone that holds the domain, or edge.certificates when it is not in Route 53'
  findings.add('DOMAIN_OUTSIDE_ZONE', file.position(['edge', 'hostedZone']), message, hint)
}

function checkCertificates(cluster: Cluster, file: SourceFile, findings: Findings): void {
  const { certificates, mutualTls } = cluster.edge
  const api = `the HTTP API at ${apiHost(cluster)} reads`
  const uses = [
    {
      path: ['certificates', 'edge'],
      arn: certificates?.edge,
      ...(hasCloudFront(cluster)
        ? { wanted: edgeRegion, reader: 'CloudFront reads' }
        : { wanted: cluster.region, reader: hasHttpApi(cluster) ? api : 'the load balancer reads' }),
    },
    { path: ['certificates', 'api'], arn: certificates?.api, wanted: cluster.region, reader: api },
    { path: ['mutualTls', 'certificate'], arn: mutualTls?.certificate, wanted: edgeRegion, reader: 'CloudFront reads' },
  ]
  for (const { path, arn = '', wanted, reader } of uses) {
    const [, , , region, account] = arn.split(':')
    if (arn === '' || (region === wanted && account === cluster.account)) continue
    const how = path[0] === 'mutualTls' ? 'import' : 'request'
    findings.add(
      'CERTIFICATE_REGION',
      file.position(['edge', ...path]),
      `the certificate is in ${region} of account ${account}, ${reader} it in ${wanted} of ${cluster.account}`,
      `${how} one there: aws acm ${how}-certificate --region ${wanted}`,
    )
  }
}

/** API Gateway reads it with the rights of the caller, which end at the cluster’s name. */
function checkTruststore({ name, edge }: Cluster, file: SourceFile, findings: Findings): void {
  const bucket = edge.mutualTls?.truststore?.split('/')[2]
  if (bucket === undefined || bucket.startsWith(`${name}-`)) return
  const message = `the role that applies reads no bucket called ${bucket}`
  findings.add(
    'TRUSTSTORE_BUCKET',
    file.position(['edge', 'mutualTls', 'truststore']),
    message,
    `a bucket called ${name}-truststore-…`,
  )
}

function checkCountries({ edge }: Cluster, file: SourceFile, findings: Findings): void {
  for (const [index, code] of (edge.geo?.countries ?? []).entries()) {
    if (countries.has(code)) continue
    const meant = usualMistakes[code]
    const hint = meant === undefined ? 'two letters of ISO 3166-1, for example DE' : `did you mean "${meant}"?`
    findings.add(
      'COUNTRY_UNKNOWN',
      file.position(['edge', 'geo', 'countries', index]),
      `no country has the code ${code}`,
      hint,
    )
  }
}

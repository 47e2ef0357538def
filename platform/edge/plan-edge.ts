// The CloudFront distribution as data: origins, behaviours, cache, headers, countries, log fields. Pure.
import type * as pulumi from '@pulumi/pulumi'
import type { Cluster } from '../../generators/schema/cluster.ts'

/** CloudFront’s own policies have the same ids everywhere (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide, read 2026-11-23). */
export const managedPolicies = {
  cachingDisabled: '4135ea2d-6df8-44a3-9df3-4b5a84be39ad',
  /** Host stays the origin’s: API Gateway answers 403 to any other. */
  allViewerExceptHostHeader: 'b689b0a8-53d0-40ab-baf2-68738e2966ac',
} as const

export const originIds = { api: 'api', stream: 'stream' } as const

/**
 * Seconds; longer than what answers behind each, so that the inner error arrives. 120 is the most that AWS takes (CloudFront API
 * Reference, VpcOriginConfig: “the maximum is 120 seconds”; Developer Guide, quotas, response timeout per origin; read 2026-11-30).
 */
export const readTimeouts = { api: 60, stream: 120 } as const

/** With the certificate that CloudFront shows to the HTTP API, when it has one. */
export const apiOriginConfig = ({ edge: { mutualTls } }: Cluster) => ({
  httpPort: 80,
  httpsPort: 443,
  originProtocolPolicy: 'https-only',
  originSslProtocols: ['TLSv1.2'],
  originReadTimeout: readTimeouts.api,
  originKeepaliveTimeout: 30,
  ...(mutualTls && { originMtlsConfig: { clientCertificateArn: mutualTls.certificate } }),
})

/** The ALB keeps idle connections for 115 s, so that CloudFront always closes first. */
export const streamOriginTimeouts = { originReadTimeout: readTimeouts.stream, originKeepaliveTimeout: 60 }

const readMethods = ['GET', 'HEAD', 'OPTIONS']
const allMethods = [...readMethods, 'PUT', 'PATCH', 'POST', 'DELETE']

interface PolicyIds {
  modelList: pulumi.Input<string>
  responseHeaders: pulumi.Input<string>
}

const behavior = (targetOriginId: string, { responseHeaders }: PolicyIds) => ({
  targetOriginId,
  // A redirect would come after the token was sent in the clear.
  viewerProtocolPolicy: 'https-only',
  allowedMethods: allMethods,
  cachedMethods: ['GET', 'HEAD'],
  cachePolicyId: managedPolicies.cachingDisabled as pulumi.Input<string>,
  originRequestPolicyId: managedPolicies.allViewerExceptHostHeader,
  responseHeadersPolicyId: responseHeaders,
  // Compressed events would be held back until a block is full.
  compress: false,
})

/** Which path goes where. Everything fits the HTTP API but streams and what takes longer than 30 s. */
export const planBehaviors = ({ edge }: Cluster, policies: PolicyIds) => ({
  defaultCacheBehavior: behavior(originIds.api, policies),
  orderedCacheBehaviors: [
    {
      ...behavior(originIds.api, policies),
      pathPattern: '/v1/models',
      allowedMethods: readMethods,
      cachePolicyId: policies.modelList,
    },
    ...(edge.streamLane ? [{ ...behavior(originIds.stream, policies), pathPattern: '/stream/*' }] : []),
  ],
})

/**
 * Clients ask for the list before every call. Seconds; a token that is withdrawn sees the list this much longer, and a model that
 * wakes up is seen this much later.
 */
const modelListSeconds = 30

export const modelListCache = {
  comment: 'GET /v1/models, for each token by itself',
  minTtl: 0,
  defaultTtl: modelListSeconds,
  maxTtl: modelListSeconds,
  parametersInCacheKeyAndForwardedToOrigin: {
    cookiesConfig: { cookieBehavior: 'none' },
    queryStringsConfig: { queryStringBehavior: 'none' },
    // The answer depends on the tenant, and its CORS headers on the page that asks.
    headersConfig: { headerBehavior: 'whitelist', headers: { items: ['Authorization', 'Origin'] } },
  },
}

/** What the gateway sends too; here also on answers that it never saw. */
export const responseHeaders = {
  comment: 'Security headers of every answer, those of CloudFront and API Gateway too',
  securityHeadersConfig: {
    strictTransportSecurity: {
      accessControlMaxAgeSec: 63_072_000,
      includeSubdomains: true,
      preload: true,
      override: true,
    },
    contentTypeOptions: { override: true },
    frameOptions: { frameOption: 'DENY', override: true },
    referrerPolicy: { referrerPolicy: 'no-referrer', override: true },
    // Nothing, unless the gateway allows its console more.
    contentSecurityPolicy: { contentSecurityPolicy: "default-src 'none'; frame-ancestors 'none'", override: false },
  },
  // They only show an attacker what to try.
  removeHeadersConfig: { items: [{ header: 'server' }, { header: 'x-powered-by' }] },
}

export const geoRestriction = ({ edge: { geo } }: Cluster) =>
  geo === undefined
    ? { restrictionType: 'none', locations: [] }
    : { restrictionType: geo.mode === 'allow' ? 'whitelist' : 'blacklist', locations: geo.countries }

/** Without query, cookies and referrer, in which a key may be by mistake. */
export const accessLogFields = [
  'date',
  'time',
  'x-edge-location',
  'c-ip',
  'c-country',
  'cs-method',
  'cs(Host)',
  'cs-uri-stem',
  'cs-protocol-version',
  'cs(User-Agent)',
  'cs-bytes',
  'sc-status',
  'sc-bytes',
  'time-taken',
  'time-to-first-byte',
  'origin-fbl',
  'x-edge-result-type',
  'x-edge-detailed-result-type',
  'x-edge-request-id',
  'ssl-protocol',
  'cache-behavior-path-pattern',
]

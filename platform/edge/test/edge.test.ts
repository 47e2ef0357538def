// The public side: what CloudFront sends where, what it keeps, what it writes down, and how streams reach the ALB.
import { assert, describe } from '../../../test/spec.ts'
import { named, ofType } from '../../graph/graph.ts'
import { clusterNames, clusterOf, fullCluster, graphOf } from '../../test/graphs.ts'
import { accessLogFields, managedPolicies } from '../plan-edge.ts'

interface Behavior {
  pathPattern?: string
  targetOriginId: string
  viewerProtocolPolicy: string
  allowedMethods: string[]
  cachePolicyId: string
  originRequestPolicyId: string
  responseHeadersPolicyId: string
  compress: boolean
}

interface Distribution {
  aliases: string[]
  httpVersion: string
  webAclId: string
  origins: {
    originId: string
    domainName: string
    customHeaders: { name: string; value: string }[]
    customOriginConfig?: { originProtocolPolicy: string; originSslProtocols: string[]; originReadTimeout: number }
    vpcOriginConfig?: { vpcOriginId: string; originReadTimeout: number; originKeepaliveTimeout: number }
  }[]
  defaultCacheBehavior: Behavior
  orderedCacheBehaviors: Behavior[]
  restrictions: { geoRestriction: { restrictionType: string; locations: string[] } }
  viewerCertificate: { acmCertificateArn: string; minimumProtocolVersion: string; sslSupportMethod: string }
}

const type = 'aws:cloudfront/distribution:Distribution'

for (const cluster of [...clusterNames.map(clusterOf), fullCluster()]) {
  const name = `${cluster.name}-edge`
  const graph = () => graphOf(cluster)
  const distribution = async () => {
    const [one] = ofType(await graph(), type)
    return one?.inputs as unknown as Distribution
  }
  const inputs = async (part: string) => named(await graph(), `${name}-${part}`).inputs

  describe(`edge of ${cluster.name}`, (test) => {
    test('is one distribution of the cluster’s domain with TLS 1.2 and newer, HTTP/2 and HTTP/3', async () => {
      assert.is(ofType(await graph(), type).length, 1)
      const { aliases, httpVersion, viewerCertificate } = await distribution()
      assert.equal(aliases, [cluster.domain])
      assert.is(httpVersion, 'http2and3')
      assert.is(viewerCertificate.minimumProtocolVersion, 'TLSv1.2_2021')
      assert.is(viewerCertificate.sslSupportMethod, 'sni-only')
      assert.match(viewerCertificate.acmCertificateArn, /^arn:aws:acm:us-east-1:/)
    })

    test('sends streams past the HTTP API and everything else through it', async () => {
      const { defaultCacheBehavior, orderedCacheBehaviors } = await distribution()
      assert.is(defaultCacheBehavior.targetOriginId, 'api')
      const targets = orderedCacheBehaviors.map(({ pathPattern, targetOriginId }) => [pathPattern, targetOriginId])
      const streams = cluster.edge.streamLane ? [['/stream/*', 'stream']] : []
      assert.equal(targets, [['/v1/models', 'api'], ...streams])
    })

    test('caches the list of models for 30 s per token and page, and nothing else', async () => {
      const { defaultCacheBehavior, orderedCacheBehaviors } = await distribution()
      const cached = [defaultCacheBehavior, ...orderedCacheBehaviors].filter(
        ({ cachePolicyId }) => cachePolicyId !== managedPolicies.cachingDisabled,
      )
      assert.equal(
        cached.map(({ pathPattern, allowedMethods }) => [pathPattern, allowedMethods]),
        [['/v1/models', ['GET', 'HEAD', 'OPTIONS']]],
      )
      const policy = await inputs('model-list')
      assert.is(policy.maxTtl, 30)
      const key = policy.parametersInCacheKeyAndForwardedToOrigin as { headersConfig: { headers: { items: string[] } } }
      assert.ok(key.headersConfig.headers.items.includes('Authorization'))
    })

    test('takes HTTPS alone, compresses nothing and keeps the origin’s Host', async () => {
      const { defaultCacheBehavior, orderedCacheBehaviors } = await distribution()
      for (const behavior of [defaultCacheBehavior, ...orderedCacheBehaviors]) {
        assert.is(behavior.viewerProtocolPolicy, 'https-only')
        assert.is(behavior.compress, false)
        assert.is(behavior.originRequestPolicyId, managedPolicies.allViewerExceptHostHeader)
        assert.ok(behavior.responseHeadersPolicyId)
      }
    })

    test('proves itself at both origins with the secret, and speaks TLS to the HTTP API', async () => {
      const { origins } = await distribution()
      assert.equal(
        origins.map(({ originId }) => originId),
        cluster.edge.streamLane ? ['api', 'stream'] : ['api'],
      )
      for (const { customHeaders } of origins)
        assert.equal(
          customHeaders.map((header) => header.name),
          ['x-origin-verify'],
        )
      const [api] = origins
      assert.is(api?.customOriginConfig?.originProtocolPolicy, 'https-only')
      assert.equal(api?.customOriginConfig?.originSslProtocols, ['TLSv1.2'])
      // The HTTP API ends at 30 s, so that its own error arrives.
      assert.ok((api?.customOriginConfig?.originReadTimeout ?? 0) > 30)
    })

    test('reaches the ALB for streams by a VPC origin whose group the ALB lets in', async () => {
      const all = await graph()
      const made = ofType(all, 'aws:cloudfront/vpcOrigin:VpcOrigin')
      assert.is(made.length, cluster.edge.streamLane ? 1 : 0)
      if (!cluster.edge.streamLane) return
      const stream = (await distribution()).origins.find(({ originId }) => originId === 'stream')
      assert.ok(stream?.vpcOriginConfig?.vpcOriginId)
      assert.match(stream?.domainName ?? '', /^internal-/)
      const config = made[0]?.inputs.vpcOriginEndpointConfig as Record<string, unknown>
      assert.match(String(config.arn), /:loadbalancer\/app\//)
      assert.is(config.originProtocolPolicy, 'http-only')
      const rule = named(all, `${cluster.name}-stream-origin-in`).inputs
      assert.equal([rule.fromPort, rule.toPort, rule.ipProtocol], [80, 80, 'tcp'])
      assert.ok(rule.referencedSecurityGroupId)
      assert.not(rule.cidrIpv4)
    })

    test('lets in the countries of the cluster file', async () => {
      const { geo } = cluster.edge
      const { restrictionType, locations } = (await distribution()).restrictions.geoRestriction
      const types = { allow: 'whitelist', block: 'blacklist' }
      assert.is(restrictionType, geo === undefined ? 'none' : types[geo.mode as keyof typeof types])
      assert.equal(locations, geo?.countries ?? [])
    })

    test('says on every answer that browsers may neither frame, sniff nor leave HTTPS', async () => {
      const { securityHeadersConfig: headers } = (await inputs('headers')) as {
        securityHeadersConfig: {
          strictTransportSecurity: { accessControlMaxAgeSec: number }
          contentTypeOptions: { override: boolean }
          frameOptions: { frameOption: string }
          contentSecurityPolicy: { contentSecurityPolicy: string; override: boolean }
        }
      }
      assert.ok(headers.strictTransportSecurity.accessControlMaxAgeSec >= 31_536_000)
      assert.is(headers.contentTypeOptions.override, true)
      assert.is(headers.frameOptions.frameOption, 'DENY')
      assert.match(headers.contentSecurityPolicy.contentSecurityPolicy, /default-src 'none'/)
      // The console brings its own.
      assert.is(headers.contentSecurityPolicy.override, false)
    })

    test('writes its access log in us-east-1, encrypted, without query, cookies and referrer', async () => {
      for (const field of ['cs-uri-query', 'cs(Cookie)', 'cs(Referer)']) assert.not(accessLogFields.includes(field))
      const delivery = await inputs('logs-delivery')
      assert.equal(delivery.recordFields, accessLogFields)
      const group = named(await graph(), `${name}-logs-group`)
      assert.is(group.region, 'us-east-1')
      assert.match(String(group.inputs.kmsKeyId), /:us-east-1:/)
      assert.is((await inputs('logs-source')).logType, 'ACCESS_LOGS')
    })

    test('measures each minute beyond the free metrics', async () => {
      const { monitoringSubscription } = await inputs('metrics')
      assert.equal(monitoringSubscription, {
        realtimeMetricsSubscriptionConfig: { realtimeMetricsSubscriptionStatus: 'Enabled' },
      })
    })
  })
}

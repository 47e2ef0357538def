// The HTTP API: what it takes from whom, what it changes on the way, what it writes down, and how it reaches the ALB.
import {
  corsMaxAgeSeconds,
  corsMethods,
  corsRequestHeaders,
  exposedHeaders,
} from '../../../gateway/security-headers.ts'
import { environments } from '../../../generators/schema/environments.ts'
import { assert, describe } from '../../../test/spec.ts'
import { apiGatewayType, named, ofType, type Resource } from '../../graph/graph.ts'
import { clusterNames, clusterOf, fullCluster, graphOf, tenants } from '../../test/graphs.ts'

const sorted = (list: string): string[] => list.split(', ').sort()

for (const cluster of [...clusterNames.map(clusterOf), fullCluster()]) {
  const name = `${cluster.name}-http-api`
  const graph = () => graphOf(cluster)
  const all = async (type: string): Promise<Resource[]> => ofType(await graph(), apiGatewayType(type))
  const only = async (type: string): Promise<Resource> => {
    const [one, ...more] = await all(type)
    assert.is(more.length, 0, type)
    assert.ok(one, type)
    return one as Resource
  }
  const routes = async () => new Map((await all('Route')).map(({ inputs }) => [String(inputs.routeKey), inputs]))
  /** What the integration of a route does. */
  const integrationOf = async (key: string): Promise<Record<string, unknown>> => {
    const target = String((await routes()).get(key)?.target)
    const found = (await all('Integration')).find(({ id }) => target === `integrations/${id}`)
    assert.ok(found, `${key} goes to ${target}`)
    return found?.inputs ?? {}
  }

  describe(`HTTP API of ${cluster.name}`, (test) => {
    test('is reached by the domain alone: its own name is switched off', async () => {
      const { inputs, protect } = await only('Api')
      assert.is(inputs.protocolType, 'HTTP')
      assert.is(inputs.disableExecuteApiEndpoint, true)
      assert.is(protect, true)
    })

    test('wants a token with a scope on every path but preflight and static files', async () => {
      const { id, ...authorizer } = await only('Authorizer').then((one) => ({ id: one.id, ...one.inputs }))
      const { issuer, scopes } = cluster.oidc
      const audiences = tenants.flatMap(({ claims }) => claims.client_id ?? []).sort()
      assert.equal((authorizer as Record<string, unknown>).jwtConfiguration, { issuer, audiences })
      assert.equal((authorizer as Record<string, unknown>).identitySources, ['$request.header.Authorization'])
      const canary = cluster.monitoring.canary === undefined ? ['POST /canary'] : []
      const open = [
        'GET /',
        'GET /console',
        'GET /console/{proxy+}',
        'GET /docs',
        'GET /docs/{proxy+}',
        'GET /openapi.json',
        'HEAD /',
        'OPTIONS /{proxy+}',
        ...canary,
      ]
      const declared = await routes()
      assert.equal([...declared.keys()].sort(), ['$default', ...open])
      for (const key of open) {
        assert.is(declared.get(key)?.authorizationType, 'NONE')
        assert.is(declared.get(key)?.authorizerId, undefined)
      }
      const { authorizationType, authorizerId, authorizationScopes } = declared.get('$default') ?? {}
      assert.equal([authorizationType, authorizerId, authorizationScopes], ['JWT', id, scopes])
      assert.ok(scopes.length > 0)
    })

    test('goes to the listener of the ALB through the VPC link, in 30 s at most', async () => {
      const link = await only('VpcLink')
      for (const key of (await routes()).keys()) {
        const integration = await integrationOf(key)
        assert.is(integration.integrationUri, (await graph()).outputs.listenerArn)
        assert.equal([integration.connectionType, integration.connectionId], ['VPC_LINK', link.id])
        assert.equal([integration.integrationType, integration.integrationMethod], ['HTTP_PROXY', 'ANY'])
        assert.is(integration.payloadFormatVersion, '1.0')
        assert.is(integration.timeoutMilliseconds, 30_000)
      }
    })

    test('replaces path, request id and identity; what a client claims to be never arrives', async () => {
      for (const key of (await routes()).keys()) {
        const changes = (await integrationOf(key)).requestParameters as Record<string, string>
        assert.is(changes['overwrite:path'], '$request.path', 'the stage would come before the path')
        assert.is(changes['overwrite:header.x-request-id'], '$context.requestId')
        assert.equal(
          Object.keys(changes).filter((change) => change.startsWith('append:')),
          [],
        )
        const identity = Object.entries(changes).filter(([change]) => change.endsWith(':header.x-auth-sub'))
        const wanted =
          key === '$default'
            ? ['overwrite:header.x-auth-sub', '$context.authorizer.claims.sub']
            : ['remove:header.x-auth-sub', "''"]
        assert.equal(identity, [wanted])
        // It would vouch for a caller that goes past CloudFront.
        assert.not.match(JSON.stringify(changes), 'x-origin-verify')
      }
    })

    test('answers browsers with the lists of the gateway, for pages of the domain', async () => {
      const cors = (await only('Api')).inputs.corsConfiguration as Record<string, unknown>
      assert.equal(cors.allowOrigins, [`https://${cluster.domain}`])
      assert.equal((cors.allowMethods as string[]).toSorted(), sorted(corsMethods))
      assert.equal((cors.allowHeaders as string[]).toSorted(), sorted(corsRequestHeaders))
      assert.equal((cors.exposeHeaders as string[]).toSorted(), sorted(exposedHeaders))
      assert.equal([cors.maxAge, cors.allowCredentials], [corsMaxAgeSeconds, false])
    })

    test('has one stage, the environment’s, with its throttle and metrics for each route', async () => {
      const { inputs } = await only('Stage')
      const { apiThrottle } = environments[cluster.environment]
      assert.equal([inputs.name, inputs.autoDeploy], [cluster.environment, true])
      assert.equal(inputs.defaultRouteSettings, {
        detailedMetricsEnabled: true,
        throttlingRateLimit: apiThrottle.perSecond,
        throttlingBurstLimit: apiThrottle.burst,
      })
    })

    test('is published after its routes', async () => {
      // The component waits, and with it everything in it.
      const published = (await graph()).resources.find((one) => one.name === `${name}-published` && !one.custom)
      const dependencies = published?.dependencies ?? []
      for (const route of await all('Route')) assert.ok(dependencies.includes(route.name), route.name)
    })

    test('logs each request as JSON with status, latencies and subject, without query, headers and bodies', async () => {
      const { destinationArn, format } = (await only('Stage')).inputs.accessLogSettings as Record<string, string>
      const group = named(await graph(), `${name}-published-group`)
      assert.match(String(destinationArn), `log-group:${group.inputs.name}`)
      assert.is(group.region, cluster.region)
      assert.ok(group.inputs.kmsKeyId)
      assert.ok((format ?? '').length < 3_000, 'AWS takes 3 KB')
      const fields = JSON.parse(format ?? '') as Record<string, string>
      const values = Object.values(fields)
      for (const wanted of [
        'requestId',
        'status',
        'routeKey',
        'responseLatency',
        'integrationLatency',
        'error.message',
      ])
        assert.ok(values.includes(`$context.${wanted}`), wanted)
      for (const value of values) assert.match(value, /^\$context\.[\w.]+$/)
      assert.not.match(format ?? '', /query|header|body|userAgent/i)
    })

    test('has the custom domain with TLS 1.2 and the certificate of its region', async () => {
      const { inputs, name: resource } = await only('DomainName')
      const config = inputs.domainNameConfiguration as Record<string, string>
      assert.equal([config.endpointType, config.securityPolicy], ['REGIONAL', 'TLS_1_2'])
      assert.match(config.certificateArn ?? '', `arn:aws:acm:${cluster.region}:`)
      const mapping = (await only('ApiMapping')).inputs
      assert.equal([mapping.domainName, mapping.stage], [inputs.domainName, cluster.environment])
      const records = ofType(await graph(), 'aws:route53/record:Record').filter(({ dependencies }) =>
        dependencies.includes(resource),
      )
      assert.is(records.length, cluster.edge.certificates === undefined ? 1 : 0)
      for (const record of records) assert.is(record.inputs.name, inputs.domainName)
    })

    test('is the origin of CloudFront by that domain', async () => {
      const [distribution] = ofType(await graph(), 'aws:cloudfront/distribution:Distribution')
      const origins = distribution?.inputs.origins as { originId: string; domainName: string }[]
      const origin = origins.find(({ originId }) => originId === 'api')
      assert.is(origin?.domainName, (await only('DomainName')).inputs.domainName)
      assert.ok(distribution?.dependencies.includes((await only('ApiMapping')).name), 'it would answer 403 until then')
    })

    test('has a VPC link beside the ALB that reaches its port 80 and nothing else', async () => {
      const all = await graph()
      const { inputs, dependencies } = await only('VpcLink')
      const balancer = named(all, `${cluster.name}-load-balancer-alb`).inputs
      assert.equal(inputs.subnetIds, balancer.subnets)
      const [group] = inputs.securityGroupIds as string[]
      const [target] = balancer.securityGroups as string[]
      const rules = (direction: 'Ingress' | 'Egress') =>
        ofType(all, `aws:vpc/securityGroup${direction}Rule:SecurityGroup${direction}Rule`)
      const of = (one: Resource) => [one.inputs.ipProtocol, one.inputs.fromPort, one.inputs.toPort]
      const out = rules('Egress').filter((rule) => rule.inputs.securityGroupId === group)
      assert.equal(
        out.map((rule) => rule.inputs.referencedSecurityGroupId),
        [target],
      )
      const into = rules('Ingress').filter((rule) => rule.inputs.referencedSecurityGroupId === group)
      assert.equal(
        into.map((rule) => rule.inputs.securityGroupId),
        [target],
      )
      for (const rule of [...out, ...into]) {
        assert.equal(of(rule), ['tcp', 80, 80])
        assert.ok(dependencies.includes(rule.name), 'a link without its rules is a way that ends')
      }
    })
  })
}

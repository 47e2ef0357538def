// The graphs of clusters without CloudFront: what is there, what is not, who reaches the load balancer, and what it costs.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { withDefaults } from '../../generators/schema/cluster-defaults.ts'
import type { EdgeKind } from '../../generators/schema/edge-kinds.ts'
import { infraSchema } from '../../generators/schema/infra.ts'
import { root } from '../../test/source-files.ts'
import { assert, describe } from '../../test/spec.ts'
import { costLines, totalUsd } from '../cost/plan-cost.ts'
import { type Graph, named, ofType, type Resource, serviceOf } from '../graph/graph.ts'
import { clusterFileOf, graphOf } from './graphs.ts'
import { apiCluster, insideCluster } from './other-edges.ts'

const api = await graphOf(apiCluster())
const inside = await graphOf(insideCluster())

const only = (graph: Graph, type: string): Resource => {
  const [found, ...more] = ofType(graph, type)
  if (found === undefined || more.length > 0) throw new Error(`${more.length + 1} of ${type}`)
  return found
}

const listenerOf = (graph: Graph) => only(graph, 'aws:lb/listener:Listener').inputs
const ingress = 'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule'

/** Who may connect to the listener. */
const callersOf = (graph: Graph): unknown[] => {
  const group = named(graph, `${graph.cluster}-load-balancer-group`)
  return ofType(graph, ingress)
    .filter(({ inputs }) => inputs.securityGroupId === group.id)
    .map(({ inputs }) => [inputs.cidrIpv4 ?? inputs.referencedSecurityGroupId, inputs.fromPort])
}

const alarmsOf = (graph: Graph): string[] =>
  ofType(graph, 'aws:cloudwatch/metricAlarm:MetricAlarm').map(({ inputs }) =>
    String(inputs.name).slice(graph.cluster.length + 1),
  )

const namesOf = (graph: Graph) =>
  ofType(graph, 'aws:route53/record:Record')
    .filter(({ inputs }) => inputs.aliases !== undefined)
    .map(({ inputs }) => [inputs.type, inputs.name, (inputs.aliases as { name: string }[])[0]?.name])

const rulesOf = (graph: Graph): unknown[] => {
  const { inputs } = only(graph, 'aws:wafv2/webAcl:WebAcl')
  return (inputs.rules as { name: string; overrideAction?: object }[]).map(({ name, overrideAction }) => [
    name,
    ...Object.keys(overrideAction ?? {}),
  ])
}

const groups = [
  ['AWSManagedRulesCommonRuleSet', 'none'],
  ['AWSManagedRulesSQLiRuleSet', 'none'],
  ['AWSManagedRulesKnownBadInputsRuleSet', 'none'],
  ['bodies-outside-inference'],
]

describe('an edge without CloudFront', (test) => {
  test('has no part of it, in whatever region', () => {
    for (const graph of [api, inside]) {
      assert.equal(
        graph.resources.filter((resource) => serviceOf(resource) === 'cloudfront'),
        [],
      )
      assert.is(only(graph, 'aws:wafv2/webAcl:WebAcl').region, 'eu-central-1')
      assert.is(only(graph, 'aws:acm/certificate:Certificate').region, 'eu-central-1')
      assert.is(only(graph, 'aws:acm/certificate:Certificate').inputs.domainName, 'models.example.com')
    }
  })

  test('exports what infra.json takes of it, and nothing undefined', () => {
    const fields = Object.keys(infraSchema.properties)
    const front = ['loadBalancerDomain', 'apiId', 'apiDomain', 'distributionId', 'distributionDomain']
    const exported = ({ outputs }: Graph) => front.filter((field) => outputs[field] !== undefined)
    assert.equal(exported(api), ['apiId', 'apiDomain'])
    assert.equal(exported(inside), ['loadBalancerDomain'])
    for (const { outputs } of [api, inside])
      for (const [name, value] of Object.entries(outputs)) assert.ok(fields.includes(name) && value !== undefined, name)
    assert.is(inside.outputs.certificateArn, listenerOf(inside).certificateArn)
  })

  test('gives the value of the origin secret to Secrets Manager alone', () => {
    for (const graph of [api, inside]) {
      const holders = graph.resources.filter(({ inputs }) => /-value-of-the-origin-secret/.test(JSON.stringify(inputs)))
      assert.equal(
        holders.map(({ type, secrets }) => [type, secrets]),
        [['aws:secretsmanager/secretVersion:SecretVersion', ['secretString']]],
      )
    }
  })
})

describe('the dashboard of an edge without CloudFront', (test) => {
  test('draws the alarms that there are, and leaves no list of them empty', () => {
    for (const graph of [api, inside]) {
      const { dashboardBody } = only(graph, 'aws:cloudwatch/dashboard:Dashboard').inputs
      const { widgets } = JSON.parse(String(dashboardBody)) as {
        widgets: { type: string; properties: { alarms?: string[] } }[]
      }
      const lists = widgets.flatMap(({ properties: { alarms } }) => (alarms === undefined ? [] : [alarms.length]))
      assert.equal(lists, [alarmsOf(graph).length])
      assert.is(widgets.filter(({ type }) => type === 'metric').length, alarmsOf(graph).length)
      assert.not.match(String(dashboardBody), /\{[a-z]\w*\}/i)
    }
  })
})

describe('the HTTP API alone', (test) => {
  test('has the domain for its own, and the VPC link alone reaches the load balancer', () => {
    const { inputs } = only(api, 'aws:apigatewayv2/domainName:DomainName')
    assert.is(inputs.domainName, 'models.example.com')
    const certificate = only(api, 'aws:acm/certificateValidation:CertificateValidation')
    const { certificateArn } = inputs.domainNameConfiguration as { certificateArn: string }
    assert.is(certificateArn, certificate.inputs.certificateArn)
    const link = only(api, 'aws:apigatewayv2/vpcLink:VpcLink')
    assert.equal(callersOf(api), [[(link.inputs.securityGroupIds as string[])[0], 80]])
    assert.equal(
      [listenerOf(api).protocol, listenerOf(api).port, listenerOf(api).certificateArn],
      ['HTTP', 80, undefined],
    )
    assert.equal(
      namesOf(api).map(([type, name]) => [type, name]),
      [['A', 'models.example.com']],
    )
  })

  test('keeps throttle and log of its stage, and the firewall at the load balancer blocks', () => {
    const { inputs } = only(api, 'aws:apigatewayv2/stage:Stage')
    assert.ok(Number((inputs.defaultRouteSettings as { throttlingRateLimit: number }).throttlingRateLimit) > 0)
    assert.ok(inputs.accessLogSettings !== undefined)
    assert.equal(rulesOf(api), groups)
  })

  test('has the alarms of its parts, and a canary', () => {
    assert.equal(
      alarmsOf(api)
        .filter((id) => /canary|firewall|edge|link/.test(id))
        .sort(),
      ['api-canary', 'firewall-alone-blocks', 'idle-vpc-link'],
    )
    const destination = only(api, 'aws:cloudwatch/eventApiDestination:EventApiDestination')
    assert.is(destination.inputs.invocationEndpoint, 'https://models.example.com/canary')
  })
})

describe('the load balancer alone', (test) => {
  test('speaks TLS to the ranges that are named, and to nobody else', () => {
    const { protocol, port, sslPolicy } = listenerOf(inside)
    assert.equal([protocol, port, sslPolicy], ['HTTPS', 443, 'ELBSecurityPolicy-TLS13-1-2-Res-2021-06'])
    assert.equal(callersOf(inside), [
      ['10.100.0.0/16', 443],
      ['192.168.4.0/22', 443],
    ])
    assert.is(only(inside, 'aws:lb/loadBalancer:LoadBalancer').inputs.internal, true)
  })

  test('is named in the private zone, and the public one proves the certificate', () => {
    const { dnsName } = only(inside, 'aws:lb/loadBalancer:LoadBalancer').outputs
    assert.equal(namesOf(inside), [['A', 'models.example.com', dnsName]])
    const zones = inside.lookups.filter(({ token }) => token === 'aws:route53/getZone:getZone')
    const zoneOf = (isPrivate: boolean) =>
      zones.find(({ inputs }) => inputs.privateZone === isPrivate)?.answer.zoneId as string
    const records = ofType(inside, 'aws:route53/record:Record')
    const [name, proof] = [true, false].map((isName) =>
      records.find(({ inputs }) => (inputs.aliases !== undefined) === isName),
    )
    assert.equal([name?.inputs.zoneId, proof?.inputs.zoneId], [zoneOf(true), zoneOf(false)])
    assert.is.not(zoneOf(true), zoneOf(false))
  })

  test('has no HTTP API and no canary, which would ask from the internet; its firewall limits addresses too', () => {
    assert.equal(
      inside.resources.filter((resource) => /^aws:apigatewayv2|:EventApiDestination$/.test(resource.type)),
      [],
    )
    assert.equal(
      alarmsOf(inside).filter((id) => /^(?:api|edge|canary|firewall|idle)/.test(id)),
      ['firewall-alone-blocks'],
    )
    assert.equal(rulesOf(inside), [['rate-limit'], ['abuse-limit'], ...groups])
  })
})

describe('the bill of an edge', (test) => {
  const has = (graph: Graph) =>
    Object.fromEntries(costLines(graph).map(({ what, count }) => [what, count])) as Record<string, number>

  test('counts the parts that there are', () => {
    for (const [graph, rules] of [
      [api, 4],
      [inside, 6],
    ] as const) {
      assert.equal([has(graph)['web ACL'], has(graph)['web ACL rule']], [1, rules])
      assert.is(has(graph)['metrics of the distribution'], undefined)
    }
  })

  test('is as much smaller as the README says', async () => {
    const text = readFileSync(join(root, 'platform/README.md'), 'utf8')
    const [, ofApi, ofNone] = /\$(\d+) less with `api` and \$(\d+) less with `none`/.exec(text) ?? []
    const file = clusterFileOf('dev')
    const bill = async (kind: EdgeKind) =>
      totalUsd(costLines(await graphOf(withDefaults('dev', { ...file, edge: { kind } }))))
    const whole = await bill('cloudfront')
    assert.equal(
      [Math.round(whole - (await bill('api'))), Math.round(whole - (await bill('none')))],
      [Number(ofApi), Number(ofNone)],
    )
  })
})

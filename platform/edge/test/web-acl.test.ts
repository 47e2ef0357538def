// The two web ACLs: what they refuse, what they only count, what they cost, and what their logs keep to themselves.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { credentialsIn } from '../../../gateway/auth/authorization.ts'
import { bodyRoutes, pathRoutes } from '../../../gateway/request/route-table.ts'
import { consoleFileNames } from '../../../gateway/routes/console-files.ts'
import { credentialHeaders } from '../../../gateway/security-headers.ts'
import { loadBalancer } from '../../../generators/schema/contract.ts'
import { environments } from '../../../generators/schema/environments.ts'
import { root } from '../../../test/source-files.ts'
import { assert, describe } from '../../../test/spec.ts'
import { named, ofType } from '../../graph/graph.ts'
import { clusterNames, clusterOf, fullCluster, graphOf, tenants } from '../../test/graphs.ts'
import { rendered } from '../../test/repository.ts'
import { regionalWebAcl } from '../plan-regional-web-acl.ts'
import { edgeWebAcl, inferencePath, type WebAclRule } from '../plan-web-acl.ts'
import { includedCapacity, webAclCapacity } from '../web-acl-capacity.ts'

const groups = (rules: readonly WebAclRule[]) =>
  rules.flatMap(({ statement: { managedRuleGroupStatement: group } }) => group ?? [])

for (const cluster of [...clusterNames.map(clusterOf), fullCluster()]) {
  const graph = () => graphOf(cluster)
  const acl = async (scope: string) =>
    ofType(await graph(), 'aws:wafv2/webAcl:WebAcl').find(({ inputs }) => inputs.scope === scope)

  describe(`web ACLs of ${cluster.name}`, (test) => {
    test('are one for CloudFront in us-east-1 and one for the ALB in the cluster’s region', async () => {
      assert.is(ofType(await graph(), 'aws:wafv2/webAcl:WebAcl').length, 2)
      assert.is((await acl('CLOUDFRONT'))?.region, 'us-east-1')
      assert.is((await acl('REGIONAL'))?.region, cluster.region)
      const [distribution] = ofType(await graph(), 'aws:cloudfront/distribution:Distribution')
      assert.match(String(distribution?.inputs.webAclId), /:us-east-1:\d+:global\/webacl\//)
    })

    test('fit what the base price covers', () => {
      assert.is(webAclCapacity(edgeWebAcl(cluster).rules), 1178)
      assert.is(webAclCapacity(regionalWebAcl(cluster).rules), 1100)
      assert.ok(webAclCapacity(edgeWebAcl(cluster).rules) <= includedCapacity)
    })

    test('limit each address first, and answer in the shape of the gateway’s errors', async () => {
      const [strangers, callers] = edgeWebAcl(cluster).rules
      for (const [rule, limit] of [
        [strangers, cluster.edge.rateLimit],
        [callers, cluster.edge.abuseLimit],
      ] as const) {
        const { scopeDownStatement, ...rate } = rule?.statement.rateBasedStatement ?? {}
        assert.equal(rate, { aggregateKeyType: 'IP', limit, evaluationWindowSec: 60 })
        for (const header of credentialHeaders) {
          assert.match(JSON.stringify(scopeDownStatement), `"${header}"`)
          assert.is(credentialsIn([header, 'Bearer x']).length, 1, 'the gateway takes it')
        }
        assert.is(rule?.action?.block.customResponse.responseCode, 429)
      }
      assert.ok(strangers?.statement.rateBasedStatement?.scopeDownStatement.notStatement, 'of those without')
      assert.not(
        callers?.statement.rateBasedStatement?.scopeDownStatement.notStatement,
        'and of those with credentials',
      )
      const bodies = (await acl('CLOUDFRONT'))?.inputs.customResponseBodies as { key: string; content: string }[]
      for (const { content } of bodies)
        assert.equal(Object.keys(JSON.parse(content).error).sort(), ['code', 'message', 'param', 'type'])
      const keys = edgeWebAcl(cluster).rules.flatMap(
        ({ action }) => action?.block.customResponse.customResponseBodyKey ?? [],
      )
      assert.equal(
        keys.filter((key) => !bodies.some((body) => body.key === key)),
        [],
      )
    })

    test('look at rules in the order of their priorities, each its own', () => {
      for (const { rules } of [edgeWebAcl(cluster), regionalWebAcl(cluster)]) {
        const priorities = rules.map(({ priority }) => priority)
        assert.equal(
          priorities,
          [...new Set(priorities)].sort((a, b) => a - b),
        )
      }
    })

    test('never block a body by itself: prompts are long and full of code and SQL', () => {
      for (const { name, ruleActionOverrides = [] } of groups(edgeWebAcl(cluster).rules)) {
        const counted = ruleActionOverrides.map((rule) => rule.name)
        assert.is(counted.length > 0, name !== 'AWSManagedRulesAmazonIpReputationList', name)
        for (const { actionToUse } of ruleActionOverrides) assert.equal(actionToUse, { count: {} })
      }
      const common = groups(edgeWebAcl(cluster).rules).find(({ name }) => name === 'AWSManagedRulesCommonRuleSet')
      assert.ok(common?.ruleActionOverrides?.some(({ name }) => name === 'SizeRestrictions_BODY'))
    })

    test('block exactly what was counted, later, outside the paths of prompts', () => {
      const rules = edgeWebAcl(cluster).rules
      const counted = groups(rules).flatMap(({ ruleActionOverrides = [] }) =>
        ruleActionOverrides.map(({ name }) => name),
      )
      const last = rules.at(-1)
      const [labels, paths] = last?.statement.andStatement?.statements ?? []
      const keys = (labels?.orStatement?.statements ?? []).map((one) => one.labelMatchStatement?.key ?? '')
      assert.equal(
        keys.map((key) => key.split(':').at(-1)?.toUpperCase()),
        counted.map((name) => name.toUpperCase()),
      )
      assert.is(paths?.notStatement?.statement.regexMatchStatement?.regexString, inferencePath)
      assert.is(last?.action?.block.customResponse.responseCode, 403)
    })

    test('count only, at the ALB, where every source is an interface of the edge', async () => {
      for (const { overrideAction, statement } of regionalWebAcl(cluster).rules) {
        assert.equal(overrideAction, { count: {} })
        assert.not(statement.rateBasedStatement)
      }
      assert.is((await acl('REGIONAL'))?.inputs.name, loadBalancer.webAclName(cluster.name))
    })

    test('write down what was blocked or counted, without tokens, secrets and bodies', async () => {
      const configurations = ofType(await graph(), 'aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration')
      assert.is(configurations.length, 2)
      for (const { inputs } of configurations) {
        const redacted = (inputs.redactedFields as { singleHeader: { name: string } }[]).map(
          (one) => one.singleHeader.name,
        )
        for (const header of ['authorization', 'cookie', 'x-origin-verify'])
          assert.ok(redacted.includes(header), header)
        assert.match(String((inputs.logDestinationConfigs as string[])[0]), /:log-group:aws-waf-logs-/)
      }
      for (const { inputs } of ofType(await graph(), 'aws:wafv2/webAcl:WebAcl')) {
        const { dataProtections } = inputs.dataProtectionConfig as {
          dataProtections: { field: { fieldType: string } }[]
        }
        assert.ok(dataProtections.some(({ field }) => field.fieldType === 'BODY'))
        assert.is((inputs.visibilityConfig as { sampledRequestsEnabled: boolean }).sampledRequestsEnabled, false)
        for (const rule of inputs.rules as WebAclRule[]) assert.is(rule.visibilityConfig.sampledRequestsEnabled, false)
      }
      assert.ok(named(await graph(), `${cluster.name}-edge-firewall-group`))
    })
  })
}

describe('the class of our Ingresses', (test) => {
  for (const cluster of clusterNames.map(clusterOf))
    test(`of ${cluster.name} names the REGIONAL web ACL`, () => {
      const { spec } = rendered(cluster, 'ingress-class/ingressclassparams-slipway.yaml')
      assert.is((spec as { wafv2AclName: string }).wafv2AclName, regionalWebAcl(cluster).name)
    })
})

describe('paths whose bodies are prompts', (test) => {
  const pattern = new RegExp(inferencePath)

  test('are all that the gateway sends to engines, on both lanes', () => {
    const routes = [
      ...bodyRoutes.map(({ path }) => path),
      ...pathRoutes.flatMap(({ path }) => [`/models/gpt2${path}`, `/models/openai-community%2Fgpt2${path}`]),
    ]
    for (const path of routes.flatMap((route) => [route, `/stream${route}`])) assert.ok(pattern.test(path), path)
  })

  for (const path of [
    '/v1/chat/completions',
    '/stream/v1/chat/completions',
    '/v1/embeddings',
    '/models/org/name',
    '/stream/tokenize',
  ])
    test(`are these: ${path}`, () => assert.ok(pattern.test(path)))
  for (const path of ['/console', '/v1/models', '/x/v1/chat/completions', '/v1/chat/completions/x', '/openapi.json'])
    test(`are not these: ${path}`, () => assert.not(pattern.test(path)))
})

describe('the table of limits in the README', (test) => {
  const rows = [
    ...readFileSync(join(root, 'platform/README.md'), 'utf8').matchAll(
      /^\| [^|]+ \| ([^|]+) \| ([^|]*) \| ([^|]*) \| /gm,
    ),
  ]
  const row = (what: string): string[] => rows.find(([, found = '']) => found.startsWith(what))?.slice(2) ?? []
  const written = (value: number): string => value.toLocaleString('en-US')

  test('says what the clusters of the repository have', () => {
    const clusters = ['dev', 'prod'].map(clusterOf)
    const throttles = clusters.map(({ environment }) => written(environments[environment].apiThrottle.perSecond))
    assert.equal(
      row('requests without credentials'),
      clusters.map(({ edge }) => written(edge.rateLimit)),
    )
    assert.equal(
      row('requests with credentials'),
      clusters.map(({ edge }) => written(edge.abuseLimit)),
    )
    assert.equal(row('requests of all callers'), throttles)
    const wanted = tenants.map(({ limits }) => limits.requestsPerMinute).sort((a, b) => a - b)
    for (const cell of row('requests of a tenant'))
      assert.is(cell, `${written(wanted[0] ?? 0)} to ${written(wanted.at(-1) ?? 0)}`)
  })

  test('fits: three loads of the console, one address below the stage, a tenant below one address', () => {
    for (const { edge, environment } of clusterNames.map(clusterOf)) {
      assert.ok(3 * (consoleFileNames.length + 2) <= edge.rateLimit)
      assert.ok(edge.abuseLimit < environments[environment].apiThrottle.perSecond * 60)
      for (const { limits } of tenants) assert.ok(limits.requestsPerMinute <= edge.abuseLimit)
    }
  })
})

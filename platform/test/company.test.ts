// What a company asks of everything in its accounts: its tags and its permission boundary are everywhere, its pages may call.
import { assert, describe } from '../../test/spec.ts'
import { deployerTemplate } from '../deployer/plan-template.ts'
import { ofType, type Resource } from '../graph/graph.ts'
import type { KubernetesObject } from '../walk/declared.ts'
import { fullCluster, graphOf } from './graphs.ts'
import { ownCluster, ownObjects } from './own-cluster.ts'

const cluster = ownCluster()
const objects = ownObjects()
const { tags, permissionBoundary } = cluster
const holds = (value: unknown): boolean =>
  Object.entries(tags).every(([key, text]) => (value as typeof tags)[key] === text)
const ofKind = (kind: string) => objects.filter((one) => one.kind === kind)
const graph = await graphOf(cluster)

describe('tags of a company', (test) => {
  test('are on all that Pulumi makes, and on what EC2 makes of a launch template', () => {
    const providers = graph.resources.filter(({ type }) => type === 'pulumi:providers:aws')
    assert.is(providers.length, 2)
    for (const { inputs } of providers)
      assert.ok(holds((JSON.parse(String(inputs.defaultTags)) as { tags: object }).tags))
    const templates = ofType(graph, 'aws:ec2/launchTemplate:LaunchTemplate')
    assert.ok(templates.length > 0)
    for (const { inputs } of templates)
      for (const one of inputs.tagSpecifications as { tags: object }[]) assert.ok(holds(one.tags))
  })

  test('are on what is made inside the cluster: nodes, target groups, volumes', () => {
    const classes = ofKind('EC2NodeClass')
    assert.ok(classes.length > 0)
    for (const { spec } of classes) assert.ok(holds((spec as { tags: object }).tags))
    const controller = ofKind('Application').find(({ metadata }) => metadata.name === 'aws-load-balancer-controller')
    const { source } = (controller as KubernetesObject).spec as {
      source: { helm: { valuesObject: { defaultTags: object } } }
    }
    assert.equal(source.helm.valuesObject.defaultTags, tags)
    const driver = ofType(graph, 'aws:eks/addon:Addon').find(({ inputs }) => inputs.addonName === 'aws-ebs-csi-driver')
    assert.equal(JSON.parse(String(driver?.inputs.configurationValues)), { controller: { extraVolumeTags: tags } })
  })
})

describe('a permission boundary', (test) => {
  const boundaries = (resources: readonly Resource[]) =>
    resources.filter(({ type }) => type === 'aws:iam/role:Role').map(({ inputs }) => inputs.permissionsBoundary)

  test('limits every role that Pulumi makes, and none where no cluster file names one', async () => {
    const limited = boundaries(graph.resources)
    assert.ok(limited.length > 10)
    assert.equal([...new Set(limited)], [permissionBoundary])
    assert.equal([...new Set(boundaries((await graphOf(fullCluster())).resources))], [undefined])
  })

  test('limits the roles of GitHub Actions, which may set it and never take it off', () => {
    const template = deployerTemplate(cluster, 'acme/llm')
    const roles = Object.values(template.Resources as Record<string, { Type: string; Properties: object }>)
      .filter(({ Type }) => Type === 'AWS::IAM::Role')
      .map(({ Properties }) => (Properties as { PermissionsBoundary?: string }).PermissionsBoundary)
    assert.equal(roles, [permissionBoundary, permissionBoundary])
    assert.match(JSON.stringify(template), 'iam:PutRolePermissionsBoundary')
    assert.not.match(JSON.stringify(template), /iam:(?:DeleteRolePermissionsBoundary|\*Role\*)/)
  })
})

describe('origins of a company', (test) => {
  test('are let in by the HTTP API and by the gateway', () => {
    const [{ inputs }] = ofType(graph, 'aws:apigatewayv2/api:Api') as [Resource]
    assert.equal((inputs.corsConfiguration as { allowOrigins: string[] }).allowOrigins, [
      `https://${cluster.domain}`,
      'https://app.example.com',
    ])
    const gateway = ofKind('Deployment').find(({ metadata }) => metadata.name === 'gateway')
    assert.match(JSON.stringify(gateway), '{"name":"CORS_ORIGINS","value":"https://app.example.com"}')
  })
})

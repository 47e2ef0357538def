// The rights reach what they are for: each resource of the graphs under the ARN that AWS checks, tags and names in conditions included,
// and nothing of another cluster of the account.
import type { Cluster } from '../../../generators/schema/cluster.ts'
import { assert, describe } from '../../../test/spec.ts'
import { filledIn } from '../../fill-braces.ts'
import { isReal, type Resource } from '../../graph/graph.ts'
import { defaultTags } from '../../tags.ts'
import { clusterNames, clusterOf, fullCluster, graphOf } from '../../test/graphs.ts'
import { apiCluster, insideCluster } from '../../test/other-edges.ts'
import { placeOf } from '../plan-policies.ts'
import type { Right } from '../right.ts'
import { rightsFor } from '../rights.ts'

const clusters = [...clusterNames.map(clusterOf), fullCluster(), apiCluster(), insideCluster()]

const shortType = ({ type }: Resource): string => type.split(':')[1] ?? ''
const like = (pattern: string, text: string): boolean =>
  new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`).test(text)

interface Made {
  cluster: Cluster
  resource: Resource
}

const nameOf = ({ resource: { inputs, name } }: Made): string =>
  String(inputs.name ?? inputs.bucket ?? `${name}-1234567`)
const arn = (service: string, ending: string | ((made: Made) => string)) => (made: Made) => {
  const region = ['iam', 'cloudfront', 'budgets'].includes(service) ? '' : (made.resource.region ?? '')
  return `arn:aws:${service}:${region}:${made.cluster.account}:${typeof ending === 'string' ? ending : ending(made)}`
}
const ofParent = (service: string, kind: string, input: string) =>
  arn(service, ({ resource }) => `${kind}/${String(resource.inputs[input]).split('/').at(-1)}`)
const ofCluster = (kind: string) => arn('eks', ({ resource }) => `${kind}/${resource.inputs.clusterName}/a/1`)
const gateway = (path: string) => (made: Made) => `arn:aws:apigateway:${made.resource.region}::${path}`
const logs = (kind: string) => arn('logs', (made) => `${kind}:${nameOf(made)}`)
const secret = arn('secretsmanager', ({ cluster }) => `secret:slipway/${cluster.name}/origin-verify-AbCdEf`)
const wafAcl = arn('wafv2', (made) => {
  const { scope } = made.resource.inputs
  return `${scope === 'CLOUDFRONT' || made.resource.name.includes('edge-') ? 'global' : 'regional'}/webacl/${
    scope === undefined ? `${made.cluster.name}-x` : nameOf(made)
  }/1`
})

/** What AWS checks when one of the type is changed (Service Authorization Reference, read 2026-11-30). Rows for everything need none. */
const arns: Record<string, (made: Made) => string> = {
  'acm/certificate': arn('acm', 'certificate/1'),
  'acm/certificateValidation': arn('acm', 'certificate/1'),
  'apigatewayv2/api': gateway('/apis'),
  'apigatewayv2/apiMapping': gateway('/domainnames/x/apimappings'),
  'apigatewayv2/authorizer': gateway('/apis/1/authorizers'),
  'apigatewayv2/domainName': gateway('/domainnames'),
  'apigatewayv2/integration': gateway('/apis/1/integrations'),
  'apigatewayv2/route': gateway('/apis/1/routes'),
  'apigatewayv2/stage': gateway('/apis/1/stages'),
  'apigatewayv2/vpcLink': gateway('/vpclinks'),
  'budgets/budget': arn('budgets', (made) => `budget/${nameOf(made)}`),
  'cloudfront/cachePolicy': arn('cloudfront', 'cache-policy/1'),
  'cloudfront/distribution': arn('cloudfront', 'distribution/1'),
  'cloudfront/monitoringSubscription': arn('cloudfront', 'distribution/1'),
  'cloudfront/responseHeadersPolicy': arn('cloudfront', 'response-headers-policy/1'),
  'cloudfront/vpcOrigin': arn('cloudfront', 'vpcorigin/1'),
  'cloudwatch/dashboard': ({ cluster, resource }) =>
    `arn:aws:cloudwatch::${cluster.account}:dashboard/${resource.inputs.dashboardName}`,
  'cloudwatch/eventApiDestination': arn('events', (made) => `api-destination/${nameOf(made)}/1`),
  'cloudwatch/eventConnection': arn('events', (made) => `connection/${nameOf(made)}/1`),
  'cloudwatch/eventRule': arn('events', (made) => `rule/${nameOf(made)}`),
  'cloudwatch/eventTarget': ofParent('events', 'rule', 'rule'),
  'cloudwatch/logDelivery': logs('delivery'),
  'cloudwatch/logDeliveryDestination': logs('delivery-destination'),
  'cloudwatch/logDeliverySource': logs('delivery-source'),
  'cloudwatch/logGroup': logs('log-group'),
  'cloudwatch/metricAlarm': arn('cloudwatch', (made) => `alarm:${nameOf(made)}`),
  'eks/accessEntry': ofCluster('access-entry'),
  'eks/accessPolicyAssociation': ofCluster('access-entry'),
  'eks/addon': ofCluster('addon'),
  'eks/cluster': arn('eks', (made) => `cluster/${nameOf(made)}`),
  'eks/nodeGroup': ofCluster('nodegroup'),
  'eks/podIdentityAssociation': ofCluster('podidentityassociation'),
  'iam/instanceProfile': arn('iam', (made) => `instance-profile/${nameOf(made)}`),
  'iam/role': arn('iam', (made) => `role/${nameOf(made)}`),
  'iam/rolePolicy': ofParent('iam', 'role', 'role'),
  'iam/rolePolicyAttachment': ofParent('iam', 'role', 'role'),
  'kms/alias': arn('kms', (made) => nameOf(made)),
  'lb/listener': arn('elasticloadbalancing', ({ cluster }) => `listener/app/${cluster.name}/1/2`),
  'lb/loadBalancer': arn('elasticloadbalancing', (made) => `loadbalancer/app/${nameOf(made)}/1`),
  'route53/record': () => 'arn:aws:route53:::hostedzone/Z1',
  ...Object.fromEntries(
    ['bucket', 'bucketLifecycleConfiguration', 'bucketOwnershipControls', 'bucketPolicy', 'bucketPublicAccessBlock']
      .concat('bucketServerSideEncryptionConfiguration')
      .map((type) => [`s3/${type}`, ({ resource }: Made) => `arn:aws:s3:::${resource.inputs.bucket}`]),
  ),
  'secretsmanager/secret': arn('secretsmanager', (made) => `secret:${nameOf(made)}-AbCdEf`),
  'secretsmanager/secretVersion': secret,
  'sns/topic': arn('sns', nameOf),
  'sns/topicPolicy': ({ resource }) => String(resource.inputs.arn),
  'sns/topicSubscription': ({ resource }) => String(resource.inputs.topic),
  'sqs/queue': arn('sqs', nameOf),
  'sqs/queuePolicy': arn('sqs', ({ resource }) => String(resource.inputs.queueUrl).split('/').at(-1) ?? ''),
  'wafv2/webAcl': wafAcl,
  'wafv2/webAclLoggingConfiguration': wafAcl,
}

/** Their ARNs hold ids that AWS makes, or no name at all: no pattern can distinguish clusters. */
const nameless = /^(?:acm|apigatewayv2|cloudfront)\/|^cloudwatch\/logDelivery$|^route53\//

/** What AWS knows of a request about a resource, for the conditions of the rows. */
const contextOf = ({ cluster, resource }: Made): Record<string, string> => ({
  'aws:RequestedRegion': resource.region ?? '',
  'aws:RequestTag/cluster': defaultTags(cluster).cluster ?? '',
  'aws:ResourceTag/cluster': defaultTags(cluster).cluster ?? '',
  // Normalized: no dot at the end.
  'route53:ChangeResourceRecordSetsNormalizedRecordNames': String(resource.inputs.name).replace(/\.$/, ''),
})

function reaches({ on, condition = {} }: Right, made: Made): boolean {
  const context = contextOf(made)
  const wanted = Object.values(condition).flatMap((keys) => Object.entries(keys))
  const target = on.includes('*') ? '*' : arns[shortType(made.resource)]?.(made)
  if (target === undefined) throw new Error(`arns has no ${shortType(made.resource)}`)
  return (
    on.some((pattern) => like(pattern, target)) &&
    wanted.every(([key, values]) => [values].flat().some((value) => like(value, context[key] ?? '')))
  )
}

const rowsOf = (cluster: Cluster): Right[] => filledIn(rightsFor(cluster.edge.kind), { ...placeOf(cluster) })
const made = async (cluster: Cluster): Promise<Made[]> =>
  (await graphOf(cluster)).resources
    .filter((resource) => isReal(resource) && resource.type.startsWith('aws:'))
    .map((resource) => ({ cluster, resource }))

/** The first test records all graphs, on a machine that may be busy. */
const patience = { timeoutSeconds: 120 }

describe('rights of the deployer, by resource', (test) => {
  for (const cluster of clusters)
    test(
      `reach everything of ${cluster.name}`,
      async () => {
        const rows = rowsOf(cluster)
        const missed = (await made(cluster)).filter(({ resource }) => {
          const row = rows.find(({ types }) => types.includes(shortType(resource)))
          return row === undefined || !reaches(row, { cluster, resource })
        })
        assert.equal(
          missed.map(({ resource }) => `${resource.name}: ${arns[shortType(resource)]?.({ cluster, resource })}`),
          [],
        )
      },
      patience,
    )

  test('reach nothing of another cluster of the account that has a name of its own', async () => {
    const [mine, theirs] = [clusterOf('prod'), { ...clusterOf('dev'), account: clusterOf('prod').account }]
    const rows = rowsOf(mine).filter(({ on }) => !on.includes('*'))
    const others = (await made(theirs)).filter(({ resource }) => !nameless.test(shortType(resource)))
    assert.ok(others.length > 100)
    const reached = others.filter((one) =>
      rows.some((row) => row.types.includes(shortType(one.resource)) && reaches(row, one)),
    )
    assert.equal(
      reached.map(({ resource }) => resource.name),
      [],
    )
  })

  test('change records below the domain alone, though the zone holds others', async () => {
    const [record] = (await made(clusterOf('prod'))).filter(({ resource }) => shortType(resource) === 'route53/record')
    const [row] = rowsOf(clusterOf('prod')).filter(({ types }) => types.includes('route53/record'))
    if (record === undefined || row === undefined) throw new Error('no record')
    const named = (name: string): Made => ({ ...record, resource: { ...record.resource, inputs: { name } } })
    for (const name of ['models.example.com', 'api.models.example.com', '_a1.api.models.example.com.'])
      assert.ok(reaches(row, named(name)), name)
    for (const name of ['example.com', 'www.example.com', 'badmodels.example.com', 'models.example.com.evil.test'])
      assert.not(reaches(row, named(name)), name)
  })
})

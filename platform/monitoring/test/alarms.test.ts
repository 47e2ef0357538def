// The registry, its runbooks, and what becomes of both in the graph.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../../test/source-files.ts'
import { assert, describe } from '../../../test/spec.ts'
import { filled } from '../../fill-braces.ts'
import { type Graph, named, ofType, type Resource } from '../../graph/graph.ts'
import { canaryClientSecret, clusterNames, clusterOf, fullCluster, graphOf } from '../../test/graphs.ts'
import { type Alarm, targetNames } from '../alarms/alarm.ts'
import { alarms, alarmsOf, spend } from '../alarms/registry.ts'
import { alarmName, type MetricQuery, metricQueries } from '../plan-alarms.ts'

const folder = join(root, 'platform/monitoring/alarms')
const read = (file: string): string => readFileSync(join(folder, file), 'utf8')
const entries = [...alarms, { ...spend, severity: 'ticket' }]

describe('the registry of alarms', (test) => {
  test('has a runbook for each entry, and no other', () => {
    const books = readdirSync(folder).filter((file) => file.endsWith('.md') && file !== 'README.md')
    assert.equal(books.sort(), entries.map(({ id }) => `${id}.md`).sort())
  })

  test('says the same as its runbooks and the table', () => {
    for (const { id, severity, sentence } of entries) {
      assert.ok(read(`${id}.md`).startsWith(`# ${id}\n\n**${severity}** · ${sentence}\n\n`), id)
      assert.match(read('README.md'), `| [${id}](${id}.md) | ${severity} | ${sentence} |\n`)
    }
    assert.is(read('README.md').match(/^\| \[/gm)?.length, entries.length)
  })

  test('has runbooks that say where to look, three things at least, and what to do', () => {
    for (const { id } of entries) {
      const [, look = '', fix = ''] = /## Look\n\n([\s\S]+)\n## Fix\n\n([\s\S]+)$/.exec(read(`${id}.md`)) ?? []
      assert.ok((look.match(/^\d\. /gm)?.length ?? 0) >= 3, id)
      assert.ok((fix.match(/^- /gm)?.length ?? 0) >= 2, id)
      assert.match(look, /`/)
    }
  })

  test('has runbooks whose paths, scripts and alarms are there', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object }
    const known = ['apps/tenants', 'apps/models', 'apps/tenants/', 'clusters', 'platform']
    for (const { id } of entries) {
      const text = read(`${id}.md`)
      for (const [, script = ''] of text.matchAll(/npm run ([\w:]+)/g)) assert.ok(script in scripts, `${id}: ${script}`)
      for (const [, path = ''] of text.matchAll(/`((?:platform|generators|apps|gateway)\/[\w/.-]+)`/g))
        assert.ok(
          known.includes(path) ||
            readdirSync(join(root, path, '..')).includes(path.split('/').filter(Boolean).at(-1) ?? ''),
          `${id}: ${path}`,
        )
      for (const [, other = ''] of text.matchAll(/(?:see|See|alarms:) `([a-z0-9-]+)`/g))
        assert.ok(
          entries.some((entry) => entry.id === other),
          `${id}: ${other}`,
        )
    }
  })

  test('names targets that are filled in, and all of them are used', () => {
    const text = JSON.stringify(alarms)
    const used = new Set([...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name))
    assert.equal([...used].sort(), [...targetNames].sort())
    assert.throws(() => filled('{nobody}', {}), /no target nobody/)
  })

  test('watches no longer than CloudWatch takes: a day in total', () => {
    for (const { id, periodSeconds, periods } of alarms) {
      assert.ok(periodSeconds % 60 === 0 && periodSeconds * periods <= 86_400, id)
    }
  })

  test('covers 4xx, 5xx and latency of CloudFront, HTTP API and gateway, hosts, firewalls and the way', () => {
    const ids = alarms.map(({ id }) => id)
    for (const part of ['edge', 'api', 'gateway'])
      for (const kind of ['4xx', '5xx', 'latency']) assert.ok(ids.includes(`${part}-${kind}`), `${part}-${kind}`)
    for (const id of [
      'api-integration-latency',
      'unhealthy-hosts',
      'no-healthy-host',
      'firewall-blocks',
      'canary',
      'idle-vpc-link',
    ])
      assert.ok(ids.includes(id), id)
  })

  test('gives a rate that is 0 without traffic, counts missing errors as none, and has one result', () => {
    const alarm = alarms.find(({ id }) => id === 'api-5xx') as Alarm
    const queries = metricQueries(alarm)
    assert.equal(
      queries.filter(({ returnData }) => returnData).map(({ expression }) => expression),
      ['IF(total > 20, 100 * FILL(errors, 0) / total, 0)'],
    )
    assert.equal(
      queries.map(({ id }) => id),
      ['errors', 'total', 'rate'],
    )
  })
})

for (const cluster of [...clusterNames.map(clusterOf), fullCluster()]) {
  const alarmsIn = (graph: Graph): Resource[] => ofType(graph, 'aws:cloudwatch/metricAlarm:MetricAlarm')
  const queriesOf = (graph: Graph, id: string): MetricQuery[] =>
    alarmsIn(graph).find(({ inputs }) => inputs.name === alarmName(cluster, id))?.inputs.metricQueries as MetricQuery[]

  describe(`monitoring of ${cluster.name}`, (test) => {
    const wanted = alarmsOf(cluster)

    test('has every alarm of the parts of its edge once, in its region', async () => {
      const made = alarmsIn(await graphOf(cluster))
      assert.equal(
        made.map(({ inputs, region }) => `${inputs.name} ${region}`).sort(),
        wanted
          .map(({ id, place }) => `${alarmName(cluster, id)} ${place === 'edge' ? 'us-east-1' : cluster.region}`)
          .sort(),
      )
    })

    test('asks for this cluster’s balancer, distribution, stage and web ACLs', async () => {
      const graph = await graphOf(cluster)
      const { arnSuffix } = named(graph, `${cluster.name}-load-balancer-alb`).outputs
      assert.match(queriesOf(graph, 'unhealthy-hosts')[0]?.expression ?? '', `LoadBalancer = '${arnSuffix}'`)
      const dimensions = (id: string) => queriesOf(graph, id)[0]?.metric?.dimensions
      assert.equal(dimensions('gateway-5xx'), { LoadBalancer: arnSuffix })
      assert.equal(dimensions('edge-5xx'), { DistributionId: graph.outputs.distributionId, Region: 'Global' })
      assert.equal(dimensions('api-5xx'), { ApiId: graph.outputs.apiId, Stage: cluster.environment })
      assert.equal(dimensions('firewall-blocks'), { WebACL: `${cluster.name}-edge`, Rule: 'ALL' })
    })

    test('takes silence for trouble only once Argo CD has something to sync', async () => {
      const silent = alarmsIn(await graphOf(cluster))
        .filter(({ inputs }) => inputs.treatMissingData === 'breaching')
        .map(({ inputs }) => inputs.name)
      const loud = wanted.filter(({ silence }) => silence.means === 'trouble').map(({ id }) => alarmName(cluster, id))
      assert.equal(silent.sort(), cluster.gitops.enabled ? loud.sort() : [])
    })

    test('has a canary that asks every five minutes along the whole way, with a token when it has a client', async () => {
      const graph = await graphOf(cluster)
      const destination = named(graph, `${cluster.name}-canary-destination`).inputs
      assert.is(destination.invocationEndpoint, `https://${cluster.domain}/canary`)
      assert.is(destination.httpMethod, 'POST')
      const open = ofType(graph, 'aws:apigatewayv2/route:Route').find(
        ({ inputs }) => inputs.routeKey === 'POST /canary',
      )
      const { canary } = cluster.monitoring
      const { authorizationType, authParameters } = named(graph, `${cluster.name}-canary-connection`).inputs
      if (canary === undefined) assert.equal([open?.inputs.authorizationType, authorizationType], ['NONE', 'API_KEY'])
      else {
        assert.equal([open, authorizationType], [undefined, 'OAUTH_CLIENT_CREDENTIALS'])
        const { oauth } = authParameters as {
          oauth: { clientParameters: object; oauthHttpParameters: { bodies: object[] } }
        }
        assert.equal(oauth.clientParameters, { clientId: canary.clientId, clientSecret: canaryClientSecret })
        assert.equal(oauth.oauthHttpParameters.bodies, [
          { key: 'grant_type', value: 'client_credentials', isValueSecret: false },
          { key: 'scope', value: cluster.oidc.scopes.join(' '), isValueSecret: false },
        ])
      }
      assert.is(named(graph, `${cluster.name}-canary-rule`).inputs.scheduleExpression, 'rate(5 minutes)')
    })

    test('notifies people: both topics by mail, the budget by the topic in us-east-1', async () => {
      const graph = await graphOf(cluster)
      const mails = ofType(graph, 'aws:sns/topicSubscription:TopicSubscription').map(({ inputs }) => inputs.endpoint)
      assert.equal(mails, [...cluster.monitoring.emails, ...cluster.monitoring.emails])
      const [budget] = ofType(graph, 'aws:budgets/budget:Budget')
      assert.is(budget?.inputs.limitAmount, String(cluster.monitoring.monthlyUsd))
      assert.equal(budget?.inputs.costFilters, [{ name: 'TagKeyValue', values: [`user:cluster$${cluster.name}`] }])
      const topic = named(graph, `${cluster.name}-edge-alarms-topic`)
      const notifications = budget?.inputs.notifications as { subscriberSnsTopicArns: string[]; threshold: number }[]
      assert.equal(
        notifications.map(({ threshold }) => threshold),
        [80, 100, 100],
      )
      for (const { subscriberSnsTopicArns } of notifications) assert.equal(subscriberSnsTopicArns, [topic.outputs.arn])
    })

    test('draws every alarm with its threshold on one dashboard', async () => {
      const [dashboard, ...more] = ofType(await graphOf(cluster), 'aws:cloudwatch/dashboard:Dashboard')
      assert.is(more.length, 0)
      const { widgets } = JSON.parse(String(dashboard?.inputs.dashboardBody)) as {
        widgets: {
          type: string
          x: number
          y: number
          width: number
          height: number
          properties: Record<string, unknown>
        }[]
      }
      const graphs = widgets.filter(({ type }) => type === 'metric')
      assert.equal(
        graphs.map(({ properties }) => properties.title),
        wanted.map(({ group, id }) => `${group}: ${id}`),
      )
      for (const { properties } of graphs) assert.ok(['us-east-1', cluster.region].includes(String(properties.region)))
      const states = widgets.filter(({ type }) => type === 'alarm').flatMap(({ properties }) => properties.alarms)
      assert.is(states.length, wanted.length)
      const cells = widgets.flatMap(({ x, y, width, height }) =>
        Array.from({ length: width * height }, (_, cell) => `${x + (cell % width)},${y + Math.floor(cell / width)}`),
      )
      assert.is(new Set(cells).size, cells.length, 'no widget overlaps another')
      assert.ok(widgets.every(({ x, width }) => x + width <= 24))
    })
  })
}

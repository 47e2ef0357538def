// What the README says about costs and counts is what the graph has.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sampleRoot } from '../../../test/sample-tree.ts'
import { root } from '../../../test/source-files.ts'
import { assert, describe } from '../../../test/spec.ts'
import { type Graph, isReal } from '../../graph/graph.ts'
import { clusterNames, fullCluster, graphOf } from '../../test/graphs.ts'
import { costLines, resourceCounts, totalUsd } from '../plan-cost.ts'
import { freeWhileIdle, pricedTypes } from '../prices.ts'
import { costTable, countTable } from '../table.ts'

async function graphs(): Promise<Graph[]> {
  const made: Graph[] = []
  for (const name of clusterNames) made.push(await graphOf(name))
  return made
}

describe('costs of an idle platform', (test) => {
  test('are in the README as npm run platform:cost prints them, and so do the counts', async () => {
    const readme = readFileSync(join(root, 'platform/README.md'), 'utf8')
    const all = await graphs()
    for (const table of [costTable(all), countTable(all)]) assert.ok(readme.includes(table), table)
  })

  test('are one JSON object for programs, of the same form as of every command', () => {
    const args = ['platform/cost/main.ts', '--cluster', 'dev', '--json', '--root', sampleRoot]
    const printed = JSON.parse(execFileSync(process.execPath, args, { cwd: root, encoding: 'utf8' }))
    assert.equal([printed.version, printed.ok], [1, true])
    const [dev, ...more] = printed.result.clusters as { cluster: string; usdPerMonth: number }[]
    assert.equal([dev?.cluster, more], ['dev', []])
    assert.ok((dev?.usdPerMonth ?? 0) > 100)
  })

  test('grow with what is made: a NAT gateway is $32.85 and its address $3.65', async () => {
    const graph = await graphOf('dev')
    const nat = graph.resources.filter(({ type }) => /natGateway:|eip:/.test(type))
    const more = { ...graph, resources: [...graph.resources, ...nat] }
    const rise = totalUsd(costLines(more)) - totalUsd(costLines(graph))
    assert.ok(Math.abs(rise - 36.5) < 0.01, String(rise))
  })

  test('know of every type what it costs, or why it costs nothing', async () => {
    const used = new Set(
      [...(await graphs()), await graphOf(fullCluster())].flatMap(({ resources }) =>
        resources.filter(isReal).map(({ type }) => type),
      ),
    )
    const starts = Object.keys(freeWhileIdle)
    const reasonsFor = (type: string) => starts.filter((start) => type.startsWith(start))
    for (const type of used) {
      assert.is(reasonsFor(type).length + Number(pricedTypes.includes(type)), 1, type)
    }
    for (const type of pricedTypes) assert.ok(used.has(type), type)
    for (const start of starts)
      assert.ok(
        [...used].some((type) => type.startsWith(start)),
        start,
      )
  })

  test('miss nothing when a priced thing is added', async () => {
    const graph = await graphOf('prod')
    for (const type of pricedTypes) {
      const more = graph.resources.filter((resource) => resource.type === type)
      const rise =
        totalUsd(costLines({ ...graph, resources: [...graph.resources, ...more] })) - totalUsd(costLines(graph))
      assert.ok(rise > 0, type)
    }
  })

  test('count a rate as two metrics and a query as one', async () => {
    const graph = await graphOf('dev')
    const alarm = (queries: object[]) => ({
      ...graph,
      resources: [
        { type: 'aws:cloudwatch/metricAlarm:MetricAlarm', inputs: { metricQueries: queries } },
      ] as unknown as Graph['resources'],
    })
    const watched = (queries: object[]) =>
      costLines(alarm(queries)).find(({ what }) => what.startsWith('metric under'))?.count
    assert.is(watched([{ metric: {} }, { metric: {} }, { expression: 'a/b' }]), 2)
    assert.is(watched([{ expression: 'SELECT' }]), 1)
  })

  test('count every resource once', async () => {
    const graph = await graphOf('prod')
    const counted = [...resourceCounts(graph).values()].reduce((sum, count) => sum + count, 0)
    assert.is(counted, graph.resources.filter(({ custom, type }) => custom && !type.startsWith('pulumi:')).length)
  })
})

// What the README says about costs and counts is what the graph has.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../../test/source-files.ts'
import { assert, describe } from '../../test/spec.ts'
import { costLines, resourceCounts, totalUsd } from '../cost/plan-cost.ts'
import { costTable, countTable } from '../cost/table.ts'
import type { Graph } from '../graph/graph.ts'
import { clusterNames, graphOf } from './graphs.ts'

async function graphs(): Promise<Graph[]> {
  const made: Graph[] = []
  for (const name of clusterNames) made.push(await graphOf(name))
  return made
}

describe('costs of an idle platform', (test) => {
  test('stand in the README as npm run platform:cost prints them, and so do the counts', async () => {
    const readme = readFileSync(join(root, 'platform/README.md'), 'utf8')
    const all = await graphs()
    for (const table of [costTable(all), countTable(all)]) assert.ok(readme.includes(table), table)
  })

  test('grow with what is made: a NAT gateway is $32.85 and its address $3.65', async () => {
    const graph = await graphOf('dev')
    const nat = graph.resources.filter(({ type }) => /natGateway:|eip:/.test(type))
    const more = { ...graph, resources: [...graph.resources, ...nat] }
    const rise = totalUsd(costLines(more)) - totalUsd(costLines(graph))
    assert.ok(Math.abs(rise - 36.5) < 0.01, String(rise))
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

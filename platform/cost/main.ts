// `npm run platform:cost`: what each cluster’s platform costs while nothing happens, and how many resources it has.

import { readArguments, readRoot } from '../../generators/command-line/arguments.ts'
import type { Command, ExitCode, Output } from '../../generators/command-line/command.ts'
import { jsonReport } from '../../generators/command-line/json-report.ts'
import { runAsProgram } from '../../generators/command-line/run-program.ts'
import { listClusters } from '../../generators/load/list-sources.ts'
import { clusterOf } from '../command-line.ts'
import type { Graph } from '../graph/graph.ts'
import { recordGraph } from '../graph/record-graph.ts'
import { costLines, resourceCounts, totalUsd } from './plan-cost.ts'
import { costTable, countTable } from './table.ts'

const command: Command = {
  name: 'cost',
  summary: 'Prints what the platform of each cluster costs a month while it is idle, and its resources by service.',
  usage: `npm run platform:cost -- [--cluster C]... [--json] [--root DIR]

  --cluster C   one cluster (may be repeated); all of them when not given
  --json        print one JSON object on standard output; result.clusters has every platform
List prices of us-east-1; models, traffic and logs come on top (npm run plan).`,
  run,
}

async function run(args: readonly string[], output: Output): Promise<ExitCode> {
  const { values } = readArguments(args, { cluster: { type: 'string', multiple: true } })
  const root = readRoot(values.root)
  const graphs: Graph[] = []
  // One after the other: Pulumi’s runtime is a global.
  for (const name of values.cluster ?? listClusters(root)) graphs.push(await graphOf(root, name))
  if (values.json) output.out(jsonReport({ ok: true, result: { clusters: graphs.map(facts) } }))
  else output.out(`${costTable(graphs)}\n\n${countTable(graphs)}\n`)
  return 0
}

async function graphOf(root: string, name: string): Promise<Graph> {
  const originSecret = { current: 'cost-'.repeat(8) }
  return recordGraph({ cluster: clusterOf(root, name), originSecret })
}

function facts(graph: Graph) {
  const lines = costLines(graph)
  return {
    cluster: graph.cluster,
    usdPerMonth: Math.round(totalUsd(lines)),
    lines,
    resources: Object.fromEntries(resourceCounts(graph)),
  }
}

await runAsProgram(command)

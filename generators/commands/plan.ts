// `npm run plan`: what each model needs and costs in each cluster, as tables; nothing is written.

import { readArguments, readRoot } from '../command-line/arguments.ts'
import type { Command, ExitCode, Output } from '../command-line/command.ts'
import { jsonReport } from '../command-line/json-report.ts'
import { countDiagnostics, printDiagnostics } from '../command-line/print-diagnostics.ts'
import { alignedLines } from '../command-line/text-table.ts'
import { isError } from '../diagnostics/diagnostic.ts'
import { sortDiagnostics } from '../diagnostics/report.ts'
import { planRepository } from '../pipeline.ts'
import type { ClusterPlan, ModelPlan } from '../plan/cluster-plan.ts'
import { homeRegion } from '../schema/prices.ts'

export const plan: Command = {
  name: 'plan',
  summary: 'show what each model needs and costs in each cluster; writes nothing',
  usage: `npm run plan -- [--cluster C]... [--json] [--root DIR]

  --cluster C    one cluster (may be repeated)
  --json         print one JSON object on standard output

Tables of cold starts by part, and of GPUs, replicas, context, requests at once and $ a month, with the GPU nodes of each cluster.
≈ before a price: none of the region is known; before requests: no log of such a GPU was seen.`,
  run,
}

function run(args: readonly string[], output: Output): ExitCode {
  const { values } = readArguments(args, { cluster: { type: 'string', multiple: true, default: [] } })
  const { plans, diagnostics } = planRepository(readRoot(values.root), { models: [], clusters: values.cluster })
  const failed = diagnostics.some(isError)
  if (values.json) {
    const result = plans.map((one) => ({ cluster: one.cluster.name, ...sums(one), models: one.models.map(facts) }))
    const summary = { clusters: plans.length, models: result.reduce((sum, { models }) => sum + models.length, 0) }
    output.out(jsonReport({ ok: !failed, diagnostics: sortDiagnostics(diagnostics), summary, result }))
    return failed ? 1 : 0
  }
  printDiagnostics(sortDiagnostics(diagnostics), output)
  if (!failed) for (const one of plans) output.out(`${table(one)}\n\n`)
  if (diagnostics.length > 0) output.out(`${countDiagnostics(diagnostics)}\n`)
  return failed ? 1 : 0
}

const facts = (model: ModelPlan) => ({
  name: model.name,
  engine: model.engine.name,
  gpu: model.gpu === undefined ? null : `${model.gpu.count} × ${model.gpu.kind}`,
  instance: model.node.instance.type,
  replicas: replicas(model),
  maxModelLen: model.maxModelLen,
  /** Seconds by part, as planned. */
  coldStart: model.rollout.coldStart,
  fullLengthRequests: model.fit === undefined ? null : Math.floor(model.fit.fullLengthRequests),
  minMonthlyUsd: Math.round(model.cost.minMonthlyUsd),
  maxMonthlyUsd: Math.round(model.cost.maxMonthlyUsd),
  /** Of one node; another region than the cluster’s: its own price is not known. */
  price: model.node.price,
  estimatedPrice: model.cost.estimated,
  /** What a start of a pod carries through NAT. */
  natGbPerStart: Math.round(model.weights.natBytes / 1e8) / 10,
  natUsdPerStart: Math.round(model.weights.natUsd * 100) / 100,
})

/** GPU nodes and US dollars a month of all models; a node that several share counts once. */
function sums({ bill }: ClusterPlan) {
  const min = bill(({ scaling }) => scaling.minReplicas)
  const max = bill(({ scaling }) => scaling.maxReplicas)
  return {
    gpuNodes: { min: min.nodes, max: max.nodes },
    monthlyUsd: { min: Math.round(min.monthlyUsd), max: Math.round(max.monthlyUsd) },
    estimatedPrice: max.estimated,
  }
}

const replicas = ({ scaling }: ModelPlan): string =>
  scaling.autoscaled ? `${scaling.minReplicas}..${scaling.maxReplicas}` : String(scaling.minReplicas)

const dollars = (low: number, high: number, estimated: boolean): string =>
  `${estimated ? '≈' : ''}$${low === high ? high : `${low}..${high}`}`

const count = (low: number, high: number): string => (low === high ? String(high) : `${low}..${high}`)

/** At most 80 columns with names of up to 24 characters. */
function table(plan: ClusterPlan): string {
  const { cluster, models } = plan
  const rows = models
    .map((model) => ({ ...facts(model), isUnseenGpu: model.fit?.isUnseenGpu === true }))
    .map((row) => [
      row.name,
      row.engine,
      row.gpu ?? 'cpu',
      row.replicas,
      String(row.maxModelLen),
      row.fullLengthRequests === null ? '-' : `${row.isUnseenGpu ? '≈' : ''}${row.fullLengthRequests}`,
      dollars(row.minMonthlyUsd, row.maxMonthlyUsd, row.estimatedPrice),
    ])
  const head = ['model', 'engine', 'gpu', 'pods', 'context', 'at once', '$/month']
  const { gpuNodes, monthlyUsd, estimatedPrice } = sums(plan)
  const money = dollars(monthlyUsd.min, monthlyUsd.max, estimatedPrice)
  const title = `cluster ${cluster.name} (${cluster.region}): ${models.length} models, ${count(gpuNodes.min, gpuNodes.max)} GPU nodes, ${money} a month`
  const note = estimatedPrice ? [`≈$: no price of ${cluster.region} is known, that of ${homeRegion} is taken`] : []
  return [title, ...alignedLines([head, ...rows], 3), ...note, '', ...startTable(models)].join('\n')
}

/** What takes how long until a pod is ready on a node that is not there yet: seconds, as planned; and what it fetches through NAT. */
function startTable(models: readonly ModelPlan[]): string[] {
  const rows = models.map(({ name, rollout: { coldStart, coldStartSeconds }, weights: { natBytes, natUsd } }) => {
    const seconds = [coldStart.node, coldStart.image, coldStart.weights, coldStart.engine, coldStartSeconds]
    return [name, ...seconds.map(String), (natBytes / 1e9).toFixed(1), `$${natUsd.toFixed(2)}`]
  })
  return alignedLines([['cold start, s', 'node', 'image', 'weights', 'engine', 'all', 'NAT GB', 'NAT $'], ...rows], 1)
}

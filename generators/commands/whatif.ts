// `npm run whatif`: fit, cost and requests at once of the catalogue, if one thing were otherwise; nothing is written.

import { gpuOr, numberOr, oneOf, unwrap } from '../command-line/answer-readers.ts'
import { readArguments, readRoot } from '../command-line/arguments.ts'
import { type Command, type ExitCode, type Output, UsageError } from '../command-line/command.ts'
import { jsonReport } from '../command-line/json-report.ts'
import { printDiagnostics } from '../command-line/print-diagnostics.ts'
import { alignedLines } from '../command-line/text-table.ts'
import { isError } from '../diagnostics/diagnostic.ts'
import { didYouMean } from '../diagnostics/nearest.ts'
import { changeValue } from '../load/change-value.ts'
import { loadRepository } from '../load/load-repository.ts'
import type { LoadedModel, Repository } from '../load/repository.ts'
import { planLoaded } from '../pipeline.ts'
import * as words from '../review/card/words.ts'
import { type Facts, type ModelRow, modelRows } from '../review/model-rows.ts'
import { makeSide, type Side } from '../review/side.ts'

const quantizations = ['fp8', 'awq', 'gptq', 'mxfp4']

export const whatif: Command = {
  name: 'whatif',
  summary: 'fit, cost and requests at once of the catalogue, if something were otherwise',
  usage: `npm run whatif -- [--gpu KIND[:COUNT]] [--quantization Q] [--kv-cache-dtype D]
                  [--context N] [--model NAME]... [--cluster C]... [--json]

  --gpu KIND[:COUNT]   another GPU (--accelerator is the same)
  --quantization Q     ${quantizations.join(', ')}
  --kv-cache-dtype D   auto or fp8
  --context N          longest prompt plus answer, in tokens
  --model NAME         this model alone (may be repeated)
  --cluster C          this cluster alone (may be repeated)

  Models that run on CPUs stay as they are, and a cluster without GPUs of the kind
  is taken to have some. Nothing is written.`,
  run,
}

const options = {
  gpu: { type: 'string' },
  accelerator: { type: 'string' },
  quantization: { type: 'string' },
  'kv-cache-dtype': { type: 'string' },
  context: { type: 'string' },
  model: { type: 'string', multiple: true, default: [] as string[] },
  cluster: { type: 'string', multiple: true, default: [] as string[] },
} as const

function run(args: readonly string[], output: Output): ExitCode {
  const { values, positionals } = readArguments(args, options)
  if (positionals.length > 0) throw new UsageError(`"${positionals[0]}" belongs to no option; models are --model NAME`)
  const { repository, diagnostics } = loadRepository(readRoot(values.root), { models: [], clusters: [] })
  const before = sideOf(repository)
  const broken = [...diagnostics, ...before.diagnostics].filter(isError)
  if (broken.length > 0) {
    printDiagnostics(broken, output)
    return 1
  }
  const names = repository.models.map(({ name }) => name)
  for (const name of values.model)
    if (!names.includes(name))
      throw new UsageError(`apps/models has no ${name}.yaml; ${didYouMean(name, names)}there are: ${names.join(', ')}`)
  const clusters = repository.clusters.map(({ name }) => name)
  for (const name of values.cluster) oneOf(name, clusters, '--cluster')
  const wanted = new Set(values.model.length > 0 ? values.model : names)
  const change = changeOf(values)
  const onGpu = new Set(
    before.plans.flatMap(({ cluster, models }) =>
      models.flatMap((one) => (one.gpu === undefined ? [] : [`${cluster.name}/${one.name}`])),
    ),
  )
  const concerned = (model: string, cluster: string): boolean =>
    wanted.has(model) &&
    onGpu.has(`${cluster}/${model}`) &&
    (values.cluster.length === 0 || values.cluster.includes(cluster))
  const after = sideOf({
    ...repository,
    clusters: withKind(repository.clusters, change),
    models: repository.models.map((model) => changed(model, clusters, concerned, change)),
  })
  return report(modelRows(before, after, []), after, values.json, output)
}

function sideOf(repository: Repository): Side {
  const { plans, diagnostics } = planLoaded(repository)
  return makeSide(repository, plans, diagnostics)
}

/** As fields of a cluster's patch. */
function changeOf(values: ReturnType<typeof readArguments<typeof options>>['values']): Record<string, unknown> {
  const gpu = values.gpu ?? values.accelerator
  const { type, count } = gpu === undefined ? { type: undefined, count: undefined } : unwrap(gpuOr(gpu), '--gpu')
  const engine = {
    ...(values.quantization && { quantization: oneOf(values.quantization, quantizations, '--quantization') }),
    ...(values['kv-cache-dtype'] && {
      kvCacheDtype: oneOf(values['kv-cache-dtype'], ['auto', 'fp8'], '--kv-cache-dtype'),
    }),
    ...(values.context && { maxModelLen: unwrap(numberOr(values.context, 1, 10_000_000), '--context') }),
    // A count of its own would be the GPUs of the old kind.
    ...(gpu?.includes(':') && { tensorParallelSize: null }),
  }
  const accelerator = type === undefined ? undefined : { type, ...(gpu?.includes(':') && { count }) }
  if (accelerator === undefined && Object.keys(engine).length === 0)
    throw new UsageError('say what would be otherwise: --gpu, --quantization, --kv-cache-dtype or --context')
  return { ...(accelerator && { accelerator }), ...(Object.keys(engine).length > 0 && { engine }) }
}

type Json = Record<string, unknown>

/** More of a kind than any model asks for, in clusters that have none of it: whether to buy some is the question. */
const plenty = 100

function withKind(clusters: Repository['clusters'], { accelerator }: Json): Repository['clusters'] {
  if (!isMap(accelerator)) return clusters
  return clusters.map((one) => {
    if (one.file === undefined) return one
    const limit = ['gpu', 'maxGpus', String(accelerator.type)]
    const known = limit.reduce<unknown>((node, key) => (isMap(node) ? node[key] : undefined), one.file.value)
    return { ...one, file: { ...one.file, value: changeValue(one.file.value, limit, known ?? plenty) } }
  })
}

const isMap = (value: unknown): value is Json => typeof value === 'object' && value !== null

/** The change laid over the patch of every cluster it concerns. A budget is a promise about what is, and no limit here. */
function changed(
  model: LoadedModel,
  clusters: readonly string[],
  concerned: (model: string, cluster: string) => boolean,
  change: Json,
): LoadedModel {
  const value = model.file.value
  if (!isMap(value) || !isMap(value.clusters)) return model
  const patches = Object.fromEntries(
    Object.entries(value.clusters).map(([cluster, patch]) => {
      if (!clusters.includes(cluster) || !concerned(model.name, cluster)) return [cluster, patch]
      const own = isMap(patch) ? patch : {}
      const merged = Object.entries(change).map(([field, item]) => [field, laidOver(own[field], item, field)])
      return [cluster, { ...own, ...Object.fromEntries(merged), budget: null }]
    }),
  )
  return { ...model, file: { ...model.file, value: { ...value, clusters: patches } } }
}

/** Short forms of a patch (`engine: vllm`, `accelerator: l4`) become objects first. */
function laidOver(own: unknown, item: unknown, field: string): unknown {
  const long = typeof own === 'string' ? { [field === 'engine' ? 'name' : 'type']: own } : own
  return isMap(long) && isMap(item) ? { ...long, ...item } : item
}

function report(rows: readonly ModelRow[], after: Side, json: boolean, output: Output): ExitCode {
  const reasons = (row: ModelRow) =>
    after.diagnostics.filter(
      ({ position, clusters, level }) =>
        level === 'error' &&
        position.file === `apps/models/${row.model}.yaml` &&
        (clusters === undefined || clusters.includes(row.cluster)),
    )
  if (json) {
    const result = rows.map(({ plan: _, ...row }) => ({
      ...row,
      reasons: reasons({ ...row }).map(({ code, message }) => ({ code, message })),
    }))
    const summary = { changed: rows.length, refused: rows.filter((row) => reasons(row).length > 0).length }
    output.out(jsonReport({ ok: true, diagnostics: [], summary, result }))
    return 0
  }
  output.out(rows.length === 0 ? 'Nothing would change.\n' : `${table(rows, (row) => reasons(row)[0]?.message)}\n`)
  return 0
}

/** Two lines a model, what is and what would be; at most 80 columns with names of up to 24 characters. */
function table(rows: readonly ModelRow[], reason: (row: ModelRow) => string | undefined): string {
  const cells = (facts: Facts): string[] => [words.gpus(facts), words.monthly(facts), words.atOnce(facts)]
  const lines = rows.flatMap((row) => {
    const why = reason(row)
    const now = [row.model, row.cluster, ...(row.before === undefined ? ['', '', ''] : cells(row.before))]
    if (why !== undefined) return [now, `  → no: ${why}`]
    return row.after === undefined ? [now] : [now, ['', '→', ...cells(row.after)]]
  })
  const head = ['model', 'cluster', 'GPUs', '$/month', 'requests at once']
  const tabled = [head, ...lines.filter((line) => Array.isArray(line))]
  const [first, ...others] = alignedLines(tabled)
  return [first, ...lines.map((line) => (typeof line === 'string' ? line : others.shift()))].join('\n')
}

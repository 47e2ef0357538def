// `npm run fit -- --log FILE`: what the planner says of a start of vLLM, beside what its log says.

import { readFileSync, statSync } from 'node:fs'
import { oneOf } from '../command-line/answer-readers.ts'
import { readArguments, readRoot } from '../command-line/arguments.ts'
import { type Command, type ExitCode, type Output, UsageError } from '../command-line/command.ts'
import { jsonReport } from '../command-line/json-report.ts'
import { printDiagnostics } from '../command-line/print-diagnostics.ts'
import { isError } from '../diagnostics/diagnostic.ts'
import { didYouMean } from '../diagnostics/nearest.ts'
import { sortDiagnostics } from '../diagnostics/report.ts'
import { planRepository } from '../pipeline.ts'
import type { ModelPlan } from '../plan/cluster-plan.ts'
import { acceleratorKinds, accelerators } from '../schema/accelerators.ts'
import { caseOf } from '../truth/case-of-log.ts'
import { judge, type Verdict } from '../truth/judge.ts'
import { LogProblem, readLog, type StartLog } from '../truth/read-log.ts'

export const fit: Command = {
  name: 'fit',
  summary: 'what the planner says of a start of vLLM, beside what its log says',
  usage: `npm run fit -- --log FILE [--model NAME] [--cluster C] [--gpu KIND] [--json] [--root DIR]

  --log FILE     a start-up log, as kubectl logs prints it
  --model NAME   a model of apps/models; without it: the one that the log names
  --cluster C    the cluster it ran in; without it: the first that has it on GPUs
  --gpu KIND     the GPU it ran on, if it was another than the cluster file says
  --json         print one JSON object on standard output; result.case can be added
                 to generators/truth/cases.json (docs/fit.md)

  What was started is read from the log; what it does not say is taken from the plan.
  exit code 1: the file is no such log, or the planner says "fits" of what failed`,
  run,
}

const mostBytes = 64 * 2 ** 20

const options = {
  log: { type: 'string' },
  model: { type: 'string' },
  cluster: { type: 'string' },
  gpu: { type: 'string' },
} as const

function run(args: readonly string[], output: Output): ExitCode {
  const { values, positionals } = readArguments(args, options)
  if (positionals.length > 0 || values.log === undefined) throw new UsageError('give one log: --log FILE')
  const log = readStart(values.log)
  const { plans, diagnostics } = planRepository(readRoot(values.root), { models: [], clusters: [] })
  const clusters = plans.map(({ cluster }) => cluster.name)
  if (values.cluster !== undefined) oneOf(values.cluster, clusters, '--cluster')
  if (values.gpu !== undefined) oneOf(values.gpu, acceleratorKinds, '--gpu')
  const gpu = acceleratorKinds.find((kind) => kind === values.gpu)
  if (plans.length === 0) {
    printDiagnostics(sortDiagnostics(diagnostics.filter(isError)), output)
    return 1
  }
  const { plan, cluster } = choose(plans, log, values)
  const one = caseOf(log, plan, gpu ?? plan.gpu?.kind ?? 'l4')
  const verdict = judge(one, plan.lock)
  const contradicts = verdict.saysFits === true && !one.observed.fits
  if (values.json) {
    const result = { model: plan.name, cluster, ...figures(verdict, log), case: { ...one, lock: plan.lock } }
    output.out(jsonReport({ ok: !contradicts, diagnostics: [], summary: {}, result }))
  } else output.out(`${table(plan, cluster, verdict, log)}\n`)
  return contradicts ? 1 : 0
}

function readStart(path: string): StartLog {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) throw new UsageError(`${path} is not there`)
  if (!found.isFile()) throw new UsageError(`${path} is no file`)
  if (found.size > mostBytes) throw new UsageError(`${path} is larger than 64 MiB; give the part of one start`)
  try {
    return readLog(readFileSync(path, 'utf8'))
  } catch (error) {
    if (error instanceof LogProblem) throw new UsageError(`${path} ${error.message}`)
    throw error
  }
}

interface Chosen {
  plan: ModelPlan
  cluster: string
}

/** The model in the first cluster that has it on GPUs under an engine with a KV cache. */
function choose(
  plans: ReturnType<typeof planRepository>['plans'],
  log: StartLog,
  { model, cluster }: { model?: string; cluster?: string },
): Chosen {
  const all = plans
    .filter((one) => cluster === undefined || one.cluster.name === cluster)
    .flatMap((one) => one.models.map((plan) => ({ plan, cluster: one.cluster.name })))
  const onGpus = all.filter(({ plan }) => plan.fit !== undefined)
  const names = [...new Set(onGpus.map(({ plan }) => plan.name))]
  if (names.length === 0) throw new UsageError('no model has a KV cache on GPUs there')
  const isNamed = ({ plan }: Chosen): boolean =>
    model === undefined
      ? plan.lock.id === log.model ||
        [plan.name, ...plan.settings.aliases].some((one) => log.servedNames.includes(one)) ||
        log.model?.split('/').at(-1) === plan.name
      : plan.name === model
  const found = onGpus.find(isNamed)
  if (found !== undefined) return found
  if (model !== undefined)
    throw new UsageError(`no model "${model}" on GPUs there; ${didYouMean(model, names)}there are: ${names.join(', ')}`)
  throw new UsageError(`the log is of ${log.model ?? 'a model without a name'}; say --model NAME: ${names.join(', ')}`)
}

const figures = ({ fit: said, saysFits, kvTokensRatio }: Verdict, log: StartLog) => ({
  said: {
    fits: saysFits ?? null,
    weightsGib: said?.weightsGib ?? null,
    kvGib: said?.freeKvGib ?? null,
    kvTokens: said?.kvTokens ?? null,
    requests: said?.fullLengthRequests ?? null,
  },
  logged: {
    fits: log.failure === undefined,
    weightsGib: log.loadingGib ?? null,
    kvGib: log.kvGib ?? null,
    kvTokens: log.kvTokens ?? null,
    requests: log.concurrency ?? null,
    failure: log.failure ?? null,
  },
  kvTokensRatio: kvTokensRatio ?? null,
})

function table(plan: ModelPlan, cluster: string, verdict: Verdict, log: StartLog): string {
  const { said, logged, kvTokensRatio } = figures(verdict, log)
  const { case: one } = verdict
  const batch = verdict.fit?.batching ?? plan.fit?.batching
  const title = `${plan.name} in ${cluster}: ${one.tensorParallel} × ${one.gpuKind}, vLLM ${log.version ?? '(version unknown)'}, ${one.maxModelLen} tokens, utilization ${one.gpuMemoryUtilization}, batches of ${batch?.maxNumSeqs} requests and ${batch?.maxNumBatchedTokens} tokens`
  const number = (value: number | null, digits: number): string => (value === null ? '–' : value.toFixed(digits))
  const rows: [string, number | null, number | null, number][] = [
    ['weights, GiB per GPU', said.weightsGib, logged.weightsGib, 2],
    ['KV cache, GiB per GPU', said.kvGib, logged.kvGib, 2],
    ['KV cache, tokens', said.kvTokens, logged.kvTokens, 0],
    ['full-length requests at once', said.requests, logged.requests, 2],
  ]
  const lines = rows.map(
    ([name, left, right, digits]) =>
      `${name.padEnd(30)}${number(left, digits).padStart(12)}${number(right, digits).padStart(12)}`,
  )
  const word = (value: boolean | null): string => (value === null ? '–' : value ? 'yes' : 'no')
  return [
    title,
    '',
    `${''.padEnd(30)}${'said'.padStart(12)}${'logged'.padStart(12)}`,
    ...lines,
    `${'fits'.padEnd(30)}${word(said.fits).padStart(12)}${word(logged.fits).padStart(12)}`,
    ...(logged.failure === null ? [] : ['', logged.failure]),
    ...(kvTokensRatio === null ? [] : ['', `tokens said ÷ logged: ${kvTokensRatio.toFixed(2)}`]),
    ...differences(plan, one, log).map((text) => `note: ${text}`),
  ].join('\n')
}

/** Where the start was not what the plan renders, so that the table of `npm run plan` says something else. */
function differences(plan: ModelPlan, one: Verdict['case'], log: StartLog): string[] {
  const batch = plan.fit?.batching
  const pairs: [string, unknown, unknown][] = [
    ['GPU', one.gpuKind, plan.gpu?.kind],
    ['GPUs', one.tensorParallel, plan.gpu?.count],
    ['maxModelLen', one.maxModelLen, plan.maxModelLen],
    ['--max-num-seqs', log.maxNumSeqs ?? 'left to the engine', batch?.maxNumSeqs],
    ['--max-num-batched-tokens', log.maxNumBatchedTokens ?? 'left to the engine', batch?.maxNumBatchedTokens],
    ['vLLM', log.version ?? 'unknown', plan.version.version],
  ]
  const seen = accelerators[plan.gpu?.kind ?? 'l4'].cudaMib === undefined
  return [
    ...pairs
      .filter(([, was, planned]) => was !== planned)
      .map(([name, was, planned]) => `${name} was ${was}, the plan has ${planned}`),
    ...(seen ? [`what CUDA sees of this GPU is assumed`] : []),
  ]
}

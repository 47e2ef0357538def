// `npm run walk`: carries every case along what one cluster declares, and fails where the way ends or an answer is another.

import { readArguments, readRoot } from '../../generators/command-line/arguments.ts'
import { type Command, type ExitCode, type Output, UsageError } from '../../generators/command-line/command.ts'
import { jsonReport } from '../../generators/command-line/json-report.ts'
import { runAsProgram } from '../../generators/command-line/run-program.ts'
import { nearest } from '../../generators/diagnostics/nearest.ts'
import { clusterOf, tenantsOf } from '../command-line.ts'
import { recordGraph } from '../graph/record-graph.ts'
import { type Case, casesOf, endsAsExpected } from './cases.ts'
import { type Declared, readRendered, walkingModels } from './declared.ts'
import { expectedGateway, type Gateway } from './expected-answer.ts'
import { startLive } from './live.ts'
import { caseText } from './print.ts'
import { BrokenPath } from './request.ts'
import { sampleCredentials } from './sample-token.ts'
import { type Walked, walk } from './walk.ts'

const command: Command = {
  name: 'walk',
  summary:
    'Carries requests from where clients come in to a model and back, along what a cluster declares; nothing is deployed or called.',
  usage: `npm run walk -- --cluster C [--case NAME] [--live] [--json] [--root DIR]

  --cluster C   the cluster file that is planned
  --case NAME   only this request; all of them when not given
  --live        the last steps are a real gateway and a real model server on this machine (about a minute)
  --json        print one JSON object on standard output; result.cases has every request

Exit codes: 0 every request ended as it must, 1 one did not, or the way is broken, 2 a bug or a failed read.`,
  run,
}

interface Result {
  case: Case
  walked?: Walked
  broken?: string
}

async function run(args: readonly string[], output: Output): Promise<ExitCode> {
  const { values } = readArguments(args, {
    cluster: { type: 'string' },
    case: { type: 'string' },
    live: { type: 'boolean', default: false },
  })
  const declared = await declare(readRoot(values.root), values.cluster)
  refuseWithoutModel(declared)
  const live = values.live ? await startLive(declared) : undefined
  try {
    const cases = chosen(casesOf(declared, live?.credentials ?? sampleCredentials(declared)), values.case)
    const results = await walkAll(declared, cases, live?.gateway ?? expectedGateway(declared))
    const ok = results.every(isRight)
    if (values.json) output.out(jsonReport({ ok, ...facts(declared, results) }))
    else print(declared, results, output)
    return ok ? 0 : 1
  } finally {
    await live?.stop()
  }
}

async function declare(root: string, name: string | undefined): Promise<Declared> {
  const cluster = clusterOf(root, name)
  // Of the right form; the walk compares it with itself only.
  const originSecret = { current: 'walk-'.repeat(8) }
  const graph = await recordGraph({ cluster, tenants: tenantsOf(root), originSecret, canaryClientSecret: 'walk' })
  return { cluster, graph, objects: readRendered(root, cluster.name) }
}

/** Every case asks a model. */
function refuseWithoutModel(declared: Declared): void {
  try {
    walkingModels(declared)
  } catch (error) {
    throw error instanceof BrokenPath ? new UsageError(error.message) : error
  }
}

function chosen(cases: readonly Case[], name: string | undefined): readonly Case[] {
  if (name === undefined) return cases
  const found = cases.filter((one) => one.name === name)
  if (found.length > 0) return found
  const names = cases.map((one) => one.name)
  const near = nearest(name, names)
  throw new UsageError(
    `--case ${name}: ${near === undefined ? `there are ${names.join(', ')}` : `did you mean ${near}?`}`,
  )
}

/** One after the other, so that a rate or a queue of one is not another’s. */
async function walkAll(declared: Declared, cases: readonly Case[], gateway: Gateway): Promise<Result[]> {
  const results: Result[] = []
  for (const one of cases)
    results.push(one.absent === undefined ? await walkOne(declared, one, gateway) : { case: one })
  return results
}

async function walkOne(declared: Declared, one: Case, gateway: Gateway): Promise<Result> {
  try {
    return { case: one, walked: await walk(declared, one.request, gateway) }
  } catch (error) {
    if (error instanceof BrokenPath) return { case: one, broken: error.message }
    throw error
  }
}

const isRight = ({ case: one, walked }: Result): boolean =>
  one.absent !== undefined || (walked !== undefined && endsAsExpected(walked, one))

const facts = ({ cluster, graph }: Declared, results: readonly Result[]) => ({
  summary: { cluster: cluster.name, resources: graph.resources.length },
  result: { cases: results.map(asJson) },
})

const asJson = (result: Result) => ({
  case: result.case.name,
  sentence: result.case.sentence,
  right: isRight(result),
  expected: result.case.expected,
  absent: result.case.absent,
  broken: result.broken,
  status: result.walked?.answer.status,
  by: result.walked?.answeredBy,
  steps: result.walked?.steps,
})

function print({ cluster, graph }: Declared, results: readonly Result[], output: Output): void {
  for (const result of results) {
    const { name, sentence, absent } = result.case
    if (absent !== undefined) output.out(`${name}: ${sentence}\n  not in this cluster: ${absent}\n\n`)
    else if (result.walked === undefined) output.out(`${name}: ${sentence}\n  BROKEN: ${result.broken}\n\n`)
    else output.out(caseText(result.case, result.walked))
  }
  const walked = results.filter(({ case: { absent } }) => absent === undefined)
  const wrong = walked.filter((result) => !isRight(result)).map((result) => result.case.name)
  const outcome = wrong.length === 0 ? 'all as they must be' : `wrong: ${wrong.join(', ')}`
  output.out(`${cluster.name}: ${walked.length} requests along ${graph.resources.length} resources, ${outcome}\n`)
}

await runAsProgram(command)

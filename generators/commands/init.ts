// `npm run init`: makes a fresh copy one's own: clusters, domain, repository and issuer, and which samples stay. Writes all or nothing.

import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { readArguments, readRoot } from '../command-line/arguments.ts'
import { type Command, type ExitCode, type Output, UsageError } from '../command-line/command.ts'
import { jsonReport } from '../command-line/json-report.ts'
import { refuse } from '../command-line/print-diagnostics.ts'
import { openQuestions } from '../command-line/questions.ts'
import { type Diagnostic, isError } from '../diagnostics/diagnostic.ts'
import { Failure } from '../diagnostics/failure.ts'
import { loadRepository } from '../load/load-repository.ts'
import type { Repository } from '../load/repository.ts'
import { everything, planRepository, synthesize } from '../pipeline.ts'
import { issuerKindNames } from '../schema/oidc.ts'
import { type Answers, readAnswers } from './init-answers.ts'
import { type Files, initFiles } from './init-files.ts'
import { editYaml } from './yaml-edit.ts'

export const init: Command = {
  name: 'init',
  summary: 'make a fresh copy one’s own: clusters, domain, repository, issuer, samples',
  usage: `npm run init -- [--cluster NAME]... [--environment dev|prod]... [--region R]...
                [--account A]... [--domain D]... [--repository URL]
                [--known-host LINE]... [--issuer URL] [--kind K] [--model NAME]... [--tenant NAME]...
                [--yes] [--json] [--root DIR]

  --cluster NAME     a cluster (may be repeated)
  --environment E    dev or prod; default prod where the name says so, else dev
  --region R         AWS region; once for all clusters, or once for each
  --account A        AWS account number, likewise
  --domain D         host name of the cluster; one for several clusters is what
                     theirs end with: NAME.D
  --repository URL   address of this repository: HTTPS, or SSH (git@HOST:PATH)
  --known-host LINE  of ssh-keyscan HOST, for SSH to a host of one’s own
  --issuer URL       OIDC issuer, exactly as in the token
  --kind K           ${issuerKindNames.join(', ')}
                     (default: by the issuer)
  --model NAME       sample model that stays (may be repeated; default: all)
  --tenant NAME      sample tenant that stays (may be repeated; default: all)
  --yes              ask nothing: what no option says has its default

  On a terminal whatever no option says is asked; Enter takes the default.
  Nothing is written when something is wrong.`,
  run,
}

const list = { type: 'string', multiple: true, default: [] as string[] } as const

async function run(args: readonly string[], output: Output): Promise<ExitCode> {
  const { values, positionals } = readArguments(args, {
    cluster: list,
    environment: list,
    region: list,
    account: list,
    domain: list,
    repository: { type: 'string' },
    'known-host': list,
    issuer: { type: 'string' },
    kind: { type: 'string' },
    model: list,
    tenant: list,
    yes: { type: 'boolean', default: false },
  })
  if (positionals.length > 0)
    throw new UsageError(`"${positionals[0]}" belongs to no option; a cluster is --cluster NAME`)
  const root = readRoot(values.root)
  const { repository } = loadRepository(root, everything)
  refuseApplied(repository)
  if (values.yes || !process.stdin.isTTY) requireAll(values)
  const questions = openQuestions(values.yes ? ({ isTTY: false } as NodeJS.ReadStream) : process.stdin)
  try {
    const samples = {
      models: repository.models.map(({ name }) => name),
      tenants: repository.tenants.map(({ name }) => name),
    }
    const answers = await readAnswers(values, samples, questions)
    const { files, models, notes } = initFiles(repository, textsOf(root, repository), answers, values.model.length > 0)
    const problems = problemsOf(root, files, notes)
    if (problems.some(isError)) return refuse(problems.filter(isError), output)
    apply(root, files)
    const { comparison } = synthesize(root, everything, { write: true })
    const rendered = comparison?.changed.length ?? 0
    if (values.json) output.out(jsonReport({ ok: true, summary: { rendered }, result: { ...answers, models, notes } }))
    else output.out(report({ ...answers, models }, notes, rendered))
    return 0
  } finally {
    questions.close()
  }
}

/** Nobody is asked, and these have no default. */
function requireAll(values: Record<string, unknown>): void {
  const needed = ['cluster', 'account', 'domain', 'repository', 'issuer']
  const missing = needed.filter((name) => [values[name] ?? []].flat().length === 0)
  if (missing.length > 0) throw new UsageError(`give ${missing.map((name) => `--${name}`).join(', ')} too`)
}

/** Its clusters run; other files of theirs would be a deployment. */
function refuseApplied({ clusters }: Repository): void {
  const applied = clusters.find(({ infra }) => (infra?.value as { status?: unknown } | undefined)?.status === 'applied')
  if (applied !== undefined)
    throw new UsageError(
      `cluster ${applied.name} was deployed (clusters/${applied.name}/infra.json); init is for a fresh copy`,
    )
}

function textsOf(root: string, repository: Repository): Map<string, string> {
  const paths = [...repository.models, ...repository.tenants].map(({ file }) => file.path)
  if (repository.gateway !== undefined) paths.push(repository.gateway.path)
  return new Map(paths.map((path) => [path, readFileSync(join(root, path), 'utf8')]))
}

/** What synth would say, asked of a copy of the sources. */
function problemsOf(root: string, files: Files, notes: string[]): Diagnostic[] {
  const copy = mkdtempSync(join(tmpdir(), 'slipway-init-'))
  try {
    for (const folder of ['apps', 'clusters', 'model-server/models'])
      if (existsSync(join(root, folder)))
        cpSync(join(root, folder), join(copy, folder), {
          recursive: true,
          filter: (path) => !path.endsWith('/rendered'),
        })
    apply(copy, files)
    raiseBudgets(copy, files, notes)
    return synthesize(copy, everything, { write: false }).diagnostics
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

/** The same model costs more in another region, and a sample’s budget was meant for the sample’s. */
function raiseBudgets(copy: string, files: Files, notes: string[]): void {
  const dearest = new Map<string, number>()
  for (const { models } of planRepository(copy, everything).plans)
    for (const { source, settings, cost } of models)
      if (settings.budget !== undefined && cost.maxMonthlyUsd > settings.budget.maxMonthlyUsd)
        dearest.set(source.path, Math.max(cost.maxMonthlyUsd, dearest.get(source.path) ?? 0))
  for (const [path, usd] of dearest) {
    const budget = Math.ceil(usd / 100) * 100
    files.set(path, editYaml(files.get(path) ?? '', ['budget', 'maxMonthlyUsd'], budget))
    notes.push(`${path}: its budget is $${budget} a month, since it costs $${Math.ceil(usd)} there`)
  }
  apply(copy, new Map([...dearest.keys()].map((path) => [path, files.get(path)])))
}

function apply(root: string, files: Files): void {
  for (const [path, text] of files) {
    const full = join(root, path)
    try {
      if (text === undefined) rmSync(full, { recursive: true, force: true })
      else {
        mkdirSync(dirname(full), { recursive: true })
        writeFileSync(full, text)
      }
    } catch (error) {
      throw new Failure(`cannot write ${path}; git checkout . takes back what was written`, { cause: error })
    }
  }
}

function report({ clusters, models, tenants }: Answers, notes: readonly string[], rendered: number): string {
  const [first] = clusters
  return [
    ...clusters.map(({ name, region, domain, environment }) => `${name}: ${environment} in ${region}, ${domain}`),
    `${models.length} models, ${tenants.length} tenants, ${rendered} rendered files`,
    ...notes.map((note) => `note: ${note}`),
    '',
    'Next:',
    '  npm start                                # the models that run on this machine',
    `  ${`npm run walk -- --cluster ${first?.name}`.padEnd(40)} # the way of a request, as declared`,
    '  git add --all && git commit -m "clusters: our own"',
    '',
  ].join('\n')
}

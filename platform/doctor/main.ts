// `npm run doctor`: whether an account is ready for the platform of a cluster, before `up` finds out in its middle. It changes nothing.

import { readArguments, readRoot } from '../../generators/command-line/arguments.ts'
import type { Command, ExitCode, Output } from '../../generators/command-line/command.ts'
import { jsonReport } from '../../generators/command-line/json-report.ts'
import { runAsProgram } from '../../generators/command-line/run-program.ts'
import type { Cluster } from '../../generators/schema/cluster.ts'
import { clusterOf } from '../command-line.ts'
import { accountCheck } from './account.ts'
import { askAws, cliProblem, lacksCredentials } from './ask-aws.ts'
import { askIssuer } from './ask-issuer.ts'
import type { Check, Verdict } from './check.ts'
import { checksOf } from './checks.ts'
import { discoveryUrl, judgeIssuer } from './issuer.ts'
import { kindsOnSpot } from './kinds-on-spot.ts'

const command: Command = {
  name: 'doctor',
  summary:
    'Looks whether an AWS account is ready for the platform of a cluster, and says what to do; it changes nothing.',
  usage: `npm run doctor -- --cluster C [--json] [--root DIR]

  --cluster C   the cluster file that says what is needed
  --json        print one JSON object on standard output; result.findings has every check

It asks with the AWS CLI and its credentials (AWS_PROFILE, SSO, environment); without credentials it prints what it would ask.
Exit codes: 0 ready, 1 something is to do or could not be asked, 2 a bug or a failed read.`,
  run,
}

/** How many questions at once: each is a process. */
const parallel = 4

export interface Finding extends Partial<Verdict> {
  check: string
  state: 'ready' | 'to do' | 'not known' | 'not asked'
  says: string
  /** The question, to be repeated by hand. */
  asked: string
}

async function run(args: readonly string[], output: Output): Promise<ExitCode> {
  const { values } = readArguments(args, { cluster: { type: 'string' } })
  const root = readRoot(values.root)
  const cluster = clusterOf(root, values.cluster)
  const { findings, problem } = await examine(cluster, checksOf(cluster, kindsOnSpot(root, cluster.name)))
  const ok = findings.every(({ state }) => state === 'ready')
  if (values.json) output.out(jsonReport({ ok, summary: { cluster: cluster.name, problem }, result: { findings } }))
  else print(cluster, findings, problem, output)
  return ok ? 0 : 1
}

/** @returns all findings, and why nothing could be asked of AWS */
async function examine(cluster: Cluster, checks: readonly Check[]): Promise<{ findings: Finding[]; problem?: string }> {
  const issuer = issuerFinding(cluster)
  const first = accountCheck(cluster)
  const without = async (problem: string) => ({
    findings: [...[first, ...checks].map(notAsked), await issuer],
    problem,
  })
  const missing = await cliProblem()
  if (missing !== undefined) return without(missing)
  const account = await askAws(first.aws)
  if ('error' in account && lacksCredentials(account.error))
    return without(`no credentials: ${lastLine(account.error)}`)
  const finding = findingOf(first, account)
  if (finding.state === 'to do') {
    // Answers about another account would mislead.
    return { findings: [finding, ...checks.map(notAsked), await issuer] }
  }
  return { findings: [finding, ...(await askAll(checks)), await issuer] }
}

async function askAll(checks: readonly Check[]): Promise<Finding[]> {
  const findings: Finding[] = []
  const queue = [...checks.entries()]
  const worker = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      const [index, check] = next
      findings[index] = findingOf(check, await askAws(check.aws))
    }
  }
  await Promise.all(Array.from({ length: parallel }, worker))
  return findings
}

const asked = ({ aws }: Check): string => `aws ${aws.join(' ')}`
const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? text
const notAsked = (check: Check): Finding => ({
  check: check.name,
  state: 'not asked',
  says: check.asks,
  asked: asked(check),
})

function findingOf(check: Check, answer: Awaited<ReturnType<typeof askAws>>): Finding {
  const base = { check: check.name, asked: asked(check) }
  const judged = 'answer' in answer ? check.judge(answer.answer) : verdictOf(check, answer.error)
  if (judged !== undefined) {
    const { good, says, todo } = judged
    return { ...base, state: good ? 'ready' : 'to do', says, ...(todo === undefined ? {} : { todo }) }
  }
  const says = 'error' in answer ? lastLine(answer.error) : ''
  return {
    ...base,
    state: 'not known',
    says,
    todo: 'ask again with rights to look (the role of an administrator has them)',
  }
}

const verdictOf = ({ refusals = [] }: Check, error: string): Verdict | undefined =>
  refusals.find((refusal) => refusal.error.test(error))?.verdict

async function issuerFinding(cluster: Cluster): Promise<Finding> {
  const base = { check: 'OIDC issuer', asked: `curl ${discoveryUrl(cluster.oidc.issuer)}` }
  const answers = await askIssuer(cluster)
  if (cluster.oidc.private !== undefined && answers.discovery === undefined)
    return {
      ...base,
      state: 'not known',
      says: `it does not answer here (${answers.problem ?? 'no JSON'}), and is in the private network`,
      todo: 'ask from a machine there; NODE_EXTRA_CA_CERTS names a file with its authority',
    }
  const { good, says, todo } = judgeIssuer(cluster, answers)
  return { ...base, state: good ? 'ready' : 'to do', says, ...(todo === undefined ? {} : { todo }) }
}

const marks: Record<Finding['state'], string> = { ready: 'ok', 'to do': 'TO DO', 'not known': '?', 'not asked': '-' }

function print(cluster: Cluster, findings: readonly Finding[], problem: string | undefined, output: Output): void {
  if (problem !== undefined)
    output.log(
      `${problem}\nNothing was asked of AWS. With credentials of account ${cluster.account} these are asked:\n`,
    )
  const width = Math.max(...findings.map(({ check }) => check.length))
  for (const { check, state, says, todo, asked } of findings) {
    output.out(`${marks[state].padEnd(6)} ${check.padEnd(width)}  ${says}\n`)
    const more = state === 'not asked' ? asked : todo
    if (more !== undefined) output.out(`${' '.repeat(9 + width)}-> ${more}\n`)
  }
  const count = (state: Finding['state']): number => findings.filter((one) => one.state === state).length
  output.out(
    `\n${count('ready')} ready, ${count('to do')} to do, ${count('not known') + count('not asked')} not known: ${cluster.name} in ${cluster.region}\n`,
  )
}

await runAsProgram(command)

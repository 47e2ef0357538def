// What is known to be unsafe in the packages of the lock file: high and critical advisories fail, unless .github/audit-exceptions.yaml
// says why one does no harm here, and until when that holds.
import { spawnSync } from 'node:child_process'
import { readArguments, readRoot } from '../../generators/command-line/arguments.ts'
import { type Command, type ExitCode, type Output, UsageError } from '../../generators/command-line/command.ts'
import { readExceptions } from './audit-exceptions.ts'

export const audit: Command = {
  name: 'audit',
  summary: 'fail on high and critical advisories that .github/audit-exceptions.yaml does not explain',
  usage: `npm run workflow -- audit [--root DIR]

  Asks the registry that npm is set up for. Less than high is printed, and does not fail.
  An exception: {advisory: GHSA-…, package: NAME, until: YYYY-MM-DD, reason: TEXT}`,
  run,
}

interface Advisory {
  url: string
  title: string
  severity: string
}

export interface Finding extends Advisory {
  package: string
  id: string
}

const failing = ['high', 'critical']

async function run(args: readonly string[], output: Output): Promise<ExitCode> {
  const { values } = readArguments(args, {})
  const root = readRoot(values.root)
  const { exceptions, problems } = readExceptions(root)
  const findings = askNpm(root)
  const isExcepted = (one: Finding): boolean =>
    exceptions.some(({ advisory, package: name }) => advisory === one.id && name === one.package)
  const known = findings.filter(isExcepted)
  const open = findings.filter((one) => !isExcepted(one) && failing.includes(one.severity))
  for (const one of findings) {
    const verdict = open.includes(one) ? 'FAILS' : known.includes(one) ? 'excepted' : 'noted'
    output.out(`${verdict}  ${one.severity}  ${one.package}  ${one.id}  ${one.title}\n`)
  }
  const unused = exceptions.filter(({ advisory }) => !known.some(({ id }) => id === advisory))
  for (const { place, advisory } of unused)
    problems.push(`${place} ${advisory} is not found any more: remove its entry`)
  for (const problem of problems) output.log(`${problem}\n`)
  output.out(`${findings.length} advisories: ${open.length} fail, ${known.length} excepted\n`)
  return open.length + problems.length > 0 ? 1 : 0
}

/** Advisories of `npm audit`, each once for a package. */
function askNpm(root: string): Finding[] {
  const { stdout, stderr } = spawnSync('npm', ['audit', '--json'], { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 })
  const report = parseReport(stdout)
  if (report === undefined) throw new UsageError(`npm audit gave no report: ${(stderr || stdout).trim().slice(0, 300)}`)
  const found = Object.entries(report).flatMap(([name, { via }]) =>
    via
      .filter((one) => typeof one === 'object')
      .map((one) => ({ ...one, package: name, id: one.url.split('/').at(-1) ?? '' })),
  )
  return found.sort((a, b) => `${a.package} ${a.id}`.localeCompare(`${b.package} ${b.id}`))
}

type Report = Record<string, { via: (string | Advisory)[] }>

function parseReport(text: string): Report | undefined {
  try {
    return (JSON.parse(text) as { vulnerabilities?: Report }).vulnerabilities
  } catch {
    return undefined
  }
}

// `npm run platform:outputs`: writes clusters/C/infra.json from what the stack of cluster C exports.

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readArguments, readRoot } from '../generators/command-line/arguments.ts'
import { type Command, type ExitCode, type Output, UsageError } from '../generators/command-line/command.ts'
import { printDiagnostics } from '../generators/command-line/print-diagnostics.ts'
import { runAsProgram } from '../generators/command-line/run-program.ts'
import { Failure } from '../generators/diagnostics/failure.ts'
import { parseJson } from '../generators/load/parse-source.ts'
import { infraSchema } from '../generators/schema/infra.ts'
import { checkSchema } from '../generators/validate/check-schema.ts'
import { given } from './command-line.ts'
import { infraFile } from './infra-file.ts'

const command: Command = {
  name: 'outputs',
  summary: 'write clusters/C/infra.json from the outputs of the stack C',
  usage: `npm run platform:outputs -- --cluster C [--from FILE] [--root DIR]

  --cluster C   the cluster, which is also the stack's name
  --from FILE   outputs that \`pulumi stack output --json\` printed before, instead of asking the CLI`,
  run,
}

function run(args: readonly string[], output: Output): ExitCode {
  const { values } = readArguments(args, { cluster: { type: 'string' }, from: { type: 'string' } })
  const root = readRoot(values.root)
  const cluster = given(values.cluster)
  if (!existsSync(join(root, 'clusters', cluster, 'cluster.yaml')))
    throw new UsageError(`there is no clusters/${cluster}/cluster.yaml`)
  const { text, problems } = infraFile(
    parseOutputs(values.from === undefined ? askPulumi(root, cluster) : readGiven(values.from)),
  )
  for (const problem of problems) output.log(`${problem}\n`)
  if (problems.length > 0) return 1
  return check(root, cluster, text, output)
}

function check(root: string, cluster: string, text: string, output: Output): ExitCode {
  const path = `clusters/${cluster}/infra.json`
  const { file } = parseJson(path, text)
  const diagnostics = file === undefined ? [] : checkSchema(infraSchema, file)
  printDiagnostics(diagnostics, output)
  if (diagnostics.length > 0) {
    output.log(`${path} was not written: the stack’s outputs are not what it needs\n`)
    return 1
  }
  const full = join(root, path)
  const before = existsSync(full) ? readFileSync(full, 'utf8') : undefined
  if (before !== text) {
    writeFileSync(`${full}.new`, text)
    renameSync(`${full}.new`, full)
  }
  output.out(`${path} ${before === text ? 'is unchanged' : 'written; run npm run synth and commit both'}\n`)
  return 0
}

function askPulumi(root: string, cluster: string): string {
  const args = ['stack', 'output', '--json', '--stack', cluster, '--cwd', join(root, 'platform'), '--non-interactive']
  const { error, status, stdout, stderr } = spawnSync('pulumi', args, { encoding: 'utf8', timeout: 120_000 })
  if (error !== undefined && 'code' in error && error.code === 'ENOENT') {
    throw new UsageError(
      'the Pulumi CLI is not on PATH: install it (https://www.pulumi.com/docs/install/), or give --from FILE',
    )
  }
  if (error !== undefined) throw new Failure('pulumi stack output did not end', { cause: error })
  if (status !== 0) throw new UsageError(`pulumi stack output failed:\n${stderr.trim()}`)
  return stdout
}

function readGiven(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new UsageError(`cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function parseOutputs(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new UsageError('the outputs are not JSON; was the command `pulumi stack output --json`?')
  }
}

await runAsProgram(command)

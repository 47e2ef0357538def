// `npm run key`: makes an API key, shows it once, and writes its hash into the tenant file; replaces and withdraws keys.

import { readArguments, readRoot } from '../command-line/arguments.ts'
import { type Command, type ExitCode, type Output, UsageError } from '../command-line/command.ts'
import { jsonReport } from '../command-line/json-report.ts'
import { printDiagnostics } from '../command-line/print-diagnostics.ts'
import { didYouMean } from '../diagnostics/nearest.ts'
import { loadRepository } from '../load/load-repository.ts'
import { readText } from '../load/read-text.ts'
import type { Repository } from '../load/repository.ts'
import type { SourceFile } from '../load/source-file.ts'
import { tenantFileSchema } from '../schema/tenant.ts'
import { checkSchema } from '../validate/check-schema.ts'
import { writeTree } from '../write/write-tree.ts'
import { changeKeys, type KeyChange, type KeyOptions, usualLife, usualOverlap } from './key-change.ts'

export const key: Command = {
  name: 'key',
  summary: 'make, rotate or revoke an API key of a tenant',
  usage: `npm run -s key -- TENANT ID [--expires DATE] [--budget TOKENS] [--json] [--root DIR]
npm run -s key -- TENANT ID --rotate [--overlap DAYS] [--expires DATE]
npm run -s key -- TENANT ID --revoke

  TENANT          a file of apps/tenants
  ID              name of the key in logs; no two keys have the same
  --expires DATE  last day it is valid, YYYY-MM-DD in UTC (default: ${usualLife} days from now)
  --budget N      tokens it may use in total
  --rotate        make the key that follows ID; ID stays valid for the overlap
  --overlap DAYS  how long both are valid (default: ${usualOverlap})
  --revoke        take ID out of the tenant file

  The key alone goes to standard output, once: keep it in a password manager or a
  secret store. The file gets its SHA-256. It is valid when the change is in the cluster.`,
  run,
}

const options = {
  expires: { type: 'string' },
  budget: { type: 'string' },
  overlap: { type: 'string' },
  rotate: { type: 'boolean', default: false },
  revoke: { type: 'boolean', default: false },
} as const

async function run(args: readonly string[], output: Output): Promise<ExitCode> {
  const { values, positionals } = readArguments(args, options)
  const [tenant, id, ...rest] = positionals
  if (tenant === undefined || id === undefined || rest.length > 0) throw new UsageError('give a tenant and an id')
  checkOptions(values, id)
  if (process.env.GITHUB_ACTIONS === 'true' && !values.revoke)
    throw new UsageError('a workflow’s log would keep the key; run it where only you can read its output')
  const root = readRoot(values.root)
  const { repository, diagnostics } = loadRepository(root, { models: [], clusters: [] })
  const path = `apps/tenants/${tenant}.yaml`
  const file = fileOf(repository, tenant)
  const wrong = file
    ? checkSchema(tenantFileSchema, file)
    : diagnostics.filter(({ position }) => position.file === path)
  const before = file && readText(root, path)
  if (wrong.length > 0 || file === undefined || typeof before !== 'string') {
    printDiagnostics(wrong, output)
    return 1
  }
  const change = changeKeys(repository, { tenant, id, file, before }, values)
  if (!('text' in change)) {
    printDiagnostics([change], output)
    return 1
  }
  writeTree(
    root,
    { changed: [{ file: { path, text: change.text }, before }], stale: [], unchanged: 0, diagnostics: [] },
    () => {},
  )
  report(change, { tenant, path, json: values.json }, output)
  return 0
}

function checkOptions({ rotate, revoke, expires, budget, overlap }: KeyOptions, id: string): void {
  if (rotate && revoke) throw new UsageError('give --rotate or --revoke, not both')
  if (revoke && (expires !== undefined || budget !== undefined))
    throw new UsageError('--revoke takes the key away at once; it has no other option')
  if (overlap !== undefined && !rotate) throw new UsageError('--overlap is about --rotate')
  if (!rotate && !revoke && !/^[a-z0-9-]{1,40}$/.test(id))
    throw new UsageError(`${id} is no id of a key; write 1 to 40 lower-case letters, digits and dashes`)
}

function fileOf(repository: Repository, tenant: string): SourceFile | undefined {
  const found = repository.tenants.find(({ name }) => name === tenant)
  if (found || repository.broken.has(`apps/tenants/${tenant}.yaml`)) return found?.file
  const names = repository.tenants.map(({ name }) => name)
  throw new UsageError(
    `apps/tenants has no ${tenant}.yaml; ${didYouMean(tenant, names)}there are: ${names.join(', ') || 'none'}`,
  )
}

interface Reported {
  tenant: string
  path: string
  json: boolean
}

/** The key is all that standard output gets, so that it can be piped into a secret store. */
function report({ made, says }: KeyChange, { tenant, path, json }: Reported, output: Output): void {
  if (json) {
    const result = made && { tenant, id: made.key.id, key: made.secret, expires: made.key.expires }
    output.out(jsonReport({ ok: true, result: { changed: [path], ...result } }))
  } else if (made) output.out(`${made.secret}\n`)
  output.log(`written: ${path}\n${says}.\n`)
  if (made) output.log('Nobody can read the key again: keep it now.\n')
  output.log('Run `npm run synth` and commit both; it holds once the cluster has them.\n')
}

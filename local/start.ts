// `npm start`: validates the repository, starts what can run here, says how to reach it, and ends everything at the end.

import { UsageError } from '../generators/command-line/command.ts'
import { jsonReport } from '../generators/command-line/json-report.ts'
import { countDiagnostics, printDiagnostics } from '../generators/command-line/print-diagnostics.ts'
import type { Diagnostic } from '../generators/diagnostics/diagnostic.ts'
import { Failure } from '../generators/diagnostics/failure.ts'
import { nearest } from '../generators/diagnostics/nearest.ts'
import { planRepositoryForMachine } from '../generators/machine.ts'
import type { MachinePlan } from '../generators/plan/plan-machine.ts'
import { chooseModels } from './choose-models.ts'
import { freePort } from './free-port.ts'
import { DevelopmentIssuer } from './issuer.ts'
import { LocalRun } from './local-run.ts'
import { help, type Options, readOptions, stateFolder } from './options.ts'
import { consoleUrl, modelFacts, openaiUrl, overview, type Ready } from './overview.ts'
import { takeRunLock } from './run-lock.ts'
import { makeLog, painter } from './terminal.ts'

/** As in a cluster, 8080 and 9090. Runs with ports of their own look for admin ports of their own, and do not race for one. */
const adminDistance = 1010
const lastPort = 65_535

const log = makeLog(process.stderr, painter(process.stderr, process.env))

/** Resolves when all is ready; undefined: there is nothing to wait for. @throws UsageError, Failure, ChildFailure */
export async function start(args: readonly string[], onRun: (run: LocalRun, end: () => void) => void): Promise<void> {
  if (args.includes('--help') || args.includes('-h')) return void process.stdout.write(help)
  const options = readOptions(args)
  const { machine, diagnostics } = planRepositoryForMachine(options.root)
  if (machine === undefined) return refuse(options, diagnostics)
  const choices = chooseModels(machine, options)
  const tenant = chooseTenant(machine, options.tenant)
  const issuer = await DevelopmentIssuer.start()
  const folder = stateFolder(options.root)
  const unlock = await takeRunLock(folder, issuer.url).catch((error: unknown) => {
    issuer.close()
    throw error
  })
  const token = await issuer.sign(tenant.claims)
  const ports = await choosePorts(options)
  const run = new LocalRun({
    machine,
    choices,
    issuer,
    token,
    tenant,
    stateFolder: folder,
    ports,
    log,
    verbose: options.verbose,
    terminal: process.stderr.isTTY === true,
    env: process.env,
  })
  onRun(run, () => {
    issuer.close()
    unlock()
  })
  await run.start()
  const seconds = performance.now() / 1000
  report(
    { url: run.url, token, tenant: tenant.name, models: machine.models, servers: run.servers, seconds },
    diagnostics,
    options,
  )
}

function refuse({ json }: Options, diagnostics: readonly Diagnostic[]): void {
  process.exitCode = 1
  if (json) {
    printJson(false, diagnostics, {}, null)
    return
  }
  const terminal = process.stderr.isTTY === true
  printDiagnostics(diagnostics, { out: writeLog, log: writeLog, status: writeLog, terminal })
  log.say(`${countDiagnostics(diagnostics)}; nothing was started`)
}

const writeLog = (text: string): void => void process.stderr.write(text)

function printJson(ok: boolean, diagnostics: readonly Diagnostic[], summary: object, result: object | null): void {
  process.stdout.write(jsonReport({ ok, diagnostics, summary, result }))
}

function chooseTenant({ tenants }: MachinePlan, wanted: string | undefined): MachinePlan['tenants'][number] {
  const names = tenants.map(({ name }) => name)
  const tenant = wanted === undefined ? tenants[0] : tenants.find(({ name }) => name === wanted)
  if (tenant !== undefined) return tenant
  if (wanted === undefined) throw new UsageError('apps/tenants has no tenant file: without one nobody may call')
  const near = nearest(wanted, names)
  throw new UsageError(
    `--tenant ${wanted}: there is no apps/tenants/${wanted}.yaml; ${near === undefined ? '' : `did you mean ${near}? `}tenants: ${names.join(', ')}`,
  )
}

async function choosePorts({ port }: Options): Promise<{ gateway: number; admin: number }> {
  const gateway = await freePort(port)
  if (gateway === undefined) throw new UsageError(`--port ${port}: this one and the hundred after it are taken`)
  if (gateway !== port) log.say(`Port ${port} is taken; the gateway listens on ${gateway}.`)
  const wanted = port + adminDistance <= lastPort ? port + adminDistance : port - adminDistance
  const admin = await freePort(wanted, [gateway])
  if (admin === undefined) throw new Failure(`no port from ${wanted} on is free for /readyz and /metrics`)
  if (admin !== wanted) log.say(`Port ${wanted} is taken; /readyz and /metrics listen on ${admin}.`)
  return { gateway, admin }
}

function report(ready: Ready, diagnostics: readonly Diagnostic[], { json }: Options): void {
  const models = modelFacts(ready)
  if (json) {
    const { seconds, servers, token } = ready
    const summary = { models: models.length, ready: servers.length, seconds: Math.round(seconds * 1000) / 1000 }
    printJson(true, diagnostics, summary, { url: openaiUrl(ready), token, console: consoleUrl(ready), models })
    return
  }
  if (diagnostics.length > 0)
    log.say(`${countDiagnostics(diagnostics)} about the clusters: npm run synth -- --check shows them`)
  process.stdout.write(overview(ready, painter(process.stdout, process.env)))
}

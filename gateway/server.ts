// The gateway's process: settings, telemetry, listening, and an end in which nothing is lost.
import { setTimeout as pause } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import type { FastifyInstance } from 'fastify'
import { type App, buildApp, listenBacklog } from './app.ts'
import { type Config, settings } from './config.ts'
import { ClusterClient } from './discovery/cluster-client.ts'
import type { Directory } from './discovery/directory.ts'
import { FileDirectory } from './discovery/file.ts'
import { KubernetesDirectory } from './discovery/kubernetes.ts'
import { outliveReaders } from './outlive-readers.ts'
import { readConfig } from './read-config.ts'
import { makeLog } from './telemetry/access-log.ts'

const usage = `Slipway's gateway: one endpoint for OpenAI, Anthropic and Hugging Face clients.

Usage: npm run gateway [-- --help | --check-config]

  --check-config  read the settings, say what is wrong with them, and stop
  --help          this text

Settings are environment variables:
`

function help(): string {
  const lines = settings.map(({ name, schema }) => {
    const value = schema.default === '' ? '(empty)' : String(schema.default)
    return `  ${name}=${value}\n      ${schema.description}`
  })
  return `${usage}\n${lines.join('\n')}\n`
}

/** Undefined outside of a pod, when the settings want the one of a cluster. */
function makeDirectory(config: Config): Directory | undefined {
  if (config.DISCOVERY === 'file') return new FileDirectory(config.DIRECTORY_FILE)
  const client = ClusterClient.inCluster(process.env)
  return client && new KubernetesDirectory({ client, namespace: config.POD_NAMESPACE })
}

async function main(): Promise<number> {
  outliveReaders()
  const { values } = parseArgs({ options: { help: { type: 'boolean' }, 'check-config': { type: 'boolean' } } })
  if (values.help) {
    process.stdout.write(help())
    return 0
  }
  const { config, issuers, problems } = readConfig(process.env)
  for (const { name, message } of problems) process.stderr.write(`${name}: ${message}\n`)
  if (problems.length > 0) return 1
  if (values['check-config']) {
    process.stdout.write('The settings are right.\n')
    return 0
  }
  const directory = makeDirectory(config)
  if (directory === undefined) {
    process.stderr.write('DISCOVERY: kubernetes works in a pod only: KUBERNETES_SERVICE_HOST is not set\n')
    return 1
  }
  const log = makeLog(config.LOG_LEVEL)
  const { logger } = log
  const app = await buildApp(config, { directory, issuers, log })
  app.gateway.start()
  // Clients first: /readyz must not say ready before somebody listens to them.
  const address = await listen(app.server, 'PORT', config.PORT, config.HOST)
  await listen(app.admin, 'ADMIN_PORT', config.ADMIN_PORT, config.HOST)
  logger.info({ event: 'listening', address, admin: config.ADMIN_PORT, startMs: Math.round(performance.now()) })
  let stopping: Promise<void> | undefined
  const stopOnce = (code: number): void => {
    stopping ??= stop(app, config, code)
  }
  process.once('SIGTERM', () => stopOnce(0))
  process.once('SIGINT', () => stopOnce(0))
  // A mistake of ours in one place must not cut the answers of all others; but nobody knows what state it left.
  const onBug = (err: unknown): void => {
    if (stopping === undefined) logger.fatal({ event: 'bug', err })
    stopOnce(2)
  }
  process.on('uncaughtException', onBug)
  process.on('unhandledRejection', onBug)
  return -1
}

/** What prevents a start, in one line. */
class StartError extends Error {}

async function listen(server: FastifyInstance, setting: string, port: number, host: string): Promise<string> {
  try {
    return await server.listen({ port, host, backlog: listenBacklog })
  } catch (error) {
    throw new StartError(`${setting}: cannot listen on ${host}:${port}: ${(error as Error).message}`)
  }
}

/** Ready no more, open calls to their end, then out. Connections end with the answers that they carry. */
async function stop(app: App, config: Config, code: number): Promise<void> {
  const { logger } = app.gateway
  const exit = () => process.exit(code)
  // Whatever hangs: the process ends before its pod is killed.
  setTimeout(exit, (config.DRAIN_SECONDS + 3 * closeSeconds) * 1000)
  try {
    await end(app, config)
    logger.info({ event: 'stopped' })
  } catch (err) {
    logger.error({ event: 'bug', err })
  }
  // The reader of the log may take nothing any more.
  setTimeout(exit, 1000)
  logger.flush(exit)
}

async function end({ server, admin, gateway }: App, config: Config): Promise<void> {
  gateway.logger.info({ event: 'draining', openCalls: gateway.openCalls })
  await gateway.drain(config.DRAIN_SECONDS)
  const closed = server.close()
  // Answers are all written; a client that does not take its last bytes must not keep the pod.
  const late = setTimeout(() => server.server.closeAllConnections(), closeSeconds * 1000)
  await closed
  clearTimeout(late)
  await Promise.race([gateway.stop(), pause(closeSeconds * 1000)])
  await admin.close()
}

/** For the last bytes of clients, and for the last spans of the collector. */
const closeSeconds = 3

main().then(
  (code) => {
    if (code >= 0) process.exitCode = code
  },
  (error: unknown) => {
    const isUsage = error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
    const isPlain = isUsage || error instanceof StartError
    process.stderr.write(
      `${isPlain ? (error as Error).message : error instanceof Error ? error.stack : String(error)}\n`,
    )
    // What was started, a watch of the directory for one, would keep the process alive.
    process.exit(isUsage ? 1 : 2)
  },
)

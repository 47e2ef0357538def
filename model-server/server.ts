// The process: options, one log line per event, loading, listening, and an end in which open answers are finished.
import { randomBytes } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { basename, resolve } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { shuttingDown } from './api-error.ts'
import { buildApp } from './app.ts'
import { Engine } from './engine/engine.ts'
import type { ModelInfo } from './engine/messages.ts'
import { modelInCache } from './hub/model-in-cache.ts'
import { serveProgress } from './hub/progress-server.ts'
import { Metrics } from './metrics.ts'
import { help, readServe, type ServeSettings } from './options.ts'
import { outliveReaders } from './outlive-readers.ts'
import { demoDescription } from './routes/status.ts'
import { UserMistake } from './user-mistake.ts'
import { version } from './version.ts'
import { readCopy, readFetch, readSweep } from './weight-options.ts'

/** The engine's port, which is free until it starts. */
const progressPort = 8000

/** One JSON object per line on standard output; prompts and answers are in none. */
function log(event: string, facts: object = {}): void {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), event, ...facts })}\n`)
}

function logError(event: string, error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  process.stderr.write(`${JSON.stringify({ time: new Date().toISOString(), event, error: text })}\n`)
}

/** Loaded when asked for: a server needs neither S3 nor the way to it. */
const weightCommands = {
  fetch: async (argv: string[]) => {
    const settings = readFetch(argv)
    const { fetchCommand } = await import('./fetch/fetch-command.ts')
    // In a pod the gateway asks how far it is.
    const progress = process.env.KUBERNETES_SERVICE_HOST ? serveProgress(settings.to, progressPort) : undefined
    await fetchCommand(settings, process.env)
    progress?.closeAllConnections()
    progress?.close()
  },
  copy: async (argv: string[]) => (await import('./store/copy-command.ts')).copyCommand(readCopy(argv), process.env),
  sweep: async (argv: string[]) =>
    (await import('./store/sweep-command.ts')).sweepCommand(readSweep(argv), process.env),
}

async function main(argv: readonly string[]): Promise<number | undefined> {
  outliveReaders()
  if (argv.includes('--help') || argv.includes('-h')) {
    process.stdout.write(help())
    return 0
  }
  const [command = 'serve', ...rest] = argv
  if (Object.hasOwn(weightCommands, command)) {
    await weightCommands[command as keyof typeof weightCommands](rest)
    return 0
  }
  if (command !== 'serve' && !command.startsWith('-'))
    throw new UserMistake(`${command}: unknown command; there are serve and fetch, copy and sweep`)
  await serve(readServe(command === 'serve' ? rest : argv))
  return undefined
}

async function serve(settings: ServeSettings): Promise<void> {
  const { model, revision } = settings
  const directory =
    settings.modelDirectory ??
    (await modelInCache({ model: model ?? '', revision, dtype: settings.dtype }, process.env))
  const root = model ?? resolve(directory)
  const servedName = settings.servedName ?? basename(root)
  log('loading', { model: servedName, root })
  const metrics = { current: undefined as Metrics | undefined }
  const engine = await Engine.start(
    {
      modelDirectory: directory,
      dtype: settings.dtype,
      maxModelLen: settings.maxModelLen,
      mostRunning: settings.mostRunning,
      threads: settings.threads ?? usualThreads(),
    },
    settings.mostPlaces,
    (info) => {
      metrics.current = new Metrics(servedName, info.maxModelLen * settings.mostRunning)
      return metrics.current
    },
    (error) => void dead(error),
  )
  logModel(engine.info, servedName)
  const serving = {
    engine,
    servedName,
    root,
    version,
    forcesUsage: settings.forcesUsage,
    now: () => Math.floor(Date.now() / 1000),
    newId: () => randomBytes(8).toString('hex'),
  }
  const app = buildApp(serving, metrics.current as Metrics, { bug: (error) => logError('bug', error) })
  await listen(app, settings)
  const stop = onceThenKill(() => void end(app, engine, settings.shutdownSeconds))
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}

/** Half the cores: the other half may be the second thread of each, and the HTTP server wants some. */
const usualThreads = (): number => Math.max(1, Math.min(4, Math.floor(availableParallelism() / 2)))

function logModel(info: ModelInfo, model: string): void {
  log('loaded', { model, kind: info.kind, graph: info.graph, maxModelLen: info.maxModelLen, demo: info.demo })
  if (info.demo) log('demo-model', { model, message: demoDescription })
}

async function listen(app: FastifyInstance, { host, port }: ServeSettings): Promise<void> {
  try {
    await app.listen({ host, port })
  } catch (error) {
    const { code } = error as { code?: string }
    if (code === 'EADDRINUSE') throw new UserMistake(`--port ${port}: taken on ${host}; give another one, or 0 for any`)
    if (code === 'EACCES') throw new UserMistake(`--port ${port}: needs more rights; give one above 1023`)
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
      throw new UserMistake(`--host ${host}: no address of this machine`)
    throw error
  }
  const address = app.server.address()
  const real = typeof address === 'object' && address ? address.port : port
  log('listening', { host, port: real, startMs: Math.round(performance.now()) })
}

/** Open answers to their end, but not forever; what is still open then ends with an error, never in silence. */
async function end(app: FastifyInstance, engine: Engine, seconds: number): Promise<void> {
  log('draining', { openCalls: engine.openCalls, seconds })
  const late = setTimeout(() => engine.abortAll(shuttingDown()), seconds * 1000)
  await engine.drain()
  clearTimeout(late)
  await app.close()
  await engine.stop()
  log('stopped')
  process.exit(0)
}

/** The first signal asks, the second one insists. Any softer exit would wait for onnxruntime, or fail inside of it. */
function onceThenKill(ask: () => void): () => void {
  let asked = false
  return () => {
    if (asked) process.kill(process.pid, 'SIGKILL')
    asked = true
    ask()
  }
}

/** As vLLM: open calls had their error, and soon the process is gone, so that somebody starts another. */
async function dead(error: unknown): Promise<void> {
  logError('engine-dead', error)
  setTimeout(() => process.exit(2), 1000)
}

main(process.argv.slice(2)).then(
  (code) => {
    if (code !== undefined) process.exitCode = code
  },
  (error: unknown) => {
    if (error instanceof UserMistake) process.stderr.write(`${error.message}\n`)
    else logError('failed', error)
    process.exit(error instanceof UserMistake ? 1 : 2)
  },
)

// All parts of the gateway put together, without HTTP: what a request needs on its way, and what happens when it ended.
import type { SpanExporter } from '@opentelemetry/sdk-trace'
import type { Logger } from 'pino'
import { Authenticator } from './auth/identity.ts'
import type { Asked, Call, CallRecord } from './call/call.ts'
import { Exchange } from './call/exchange.ts'
import { Ticker } from './clock.ts'
import type { Config, Issuer } from './config.ts'
import type { Directory, Problem } from './discovery/directory.ts'
import { LastWakes } from './metrics/last-wakes.ts'
import { Metrics } from './metrics/metrics.ts'
import { Samples } from './metrics/samples.ts'
import { PlatformReader } from './operator/platform-view.ts'
import { BodyRooms } from './quota/body-rooms.ts'
import { ByteBudget } from './quota/byte-budget.ts'
import { LingeringConnections } from './quota/lingering-connections.ts'
import { MemoryQuota, type QuotaStore, type Reservation } from './quota/quota.ts'
import { ReadingTurns } from './quota/reading-turns.ts'
import type { EngineRequest } from './request/engine-request.ts'
import { Runtimes } from './serving/runtimes.ts'
import { AccessLog, type Log, type Refusal } from './telemetry/access-log.ts'
import { Tracing } from './telemetry/tracing.ts'
import { fetchedBytes } from './waking/fetch-progress.ts'
import { WeightsWatch } from './waking/weights-watch.ts'

export interface GatewayDeps {
  directory: Directory
  issuers: readonly Issuer[]
  log: Log
  /** In place of the collector. */
  spanExporter?: SpanExporter
  /** In place of the counts in memory. */
  quota?: QuotaStore
}

export class Gateway {
  readonly config: Config
  readonly directory: Directory
  readonly logger: Logger
  readonly authenticator: Authenticator
  readonly quota: QuotaStore
  readonly bodies: ByteBudget
  readonly answers: ByteBudget
  readonly rooms = new BodyRooms()
  readonly turns = new ReadingTurns()
  readonly lingering = new LingeringConnections()
  readonly metrics: Metrics
  readonly tracing: Tracing
  readonly accessLog: AccessLog
  readonly samples = new Samples()
  readonly wakes = new LastWakes()
  readonly platform: PlatformReader
  readonly ticker: Ticker
  readonly runtimes: Runtimes
  readonly #open = new Set<Exchange>()
  /** Requests whose answer has not ended, those included whose body still comes. */
  #requests = 0
  #draining = false
  #drained = false
  #reportedProblems: ReadonlySet<string> = new Set()

  constructor(config: Config, { directory, issuers, log, spanExporter, quota }: GatewayDeps) {
    this.config = config
    this.directory = directory
    this.logger = log.logger
    this.ticker = new Ticker(config.TICK_SECONDS * 1000)
    this.quota = quota ?? new MemoryQuota(config.QUOTA_SLACK, this.ticker.now)
    this.bodies = new ByteBudget(config.BODY_BUDGET, {
      what: 'sends too many large bodies',
      reason: 'quota_body_bytes',
    })
    this.answers = new ByteBudget(config.ANSWER_BUDGET, {
      what: 'is given too many large answers',
      reason: 'quota_answer_bytes',
    })
    this.authenticator = new Authenticator({
      issuers,
      keysOnApiLane: config.API_KEYS_ON_API_LANE,
      onKeys: (event, issuer, problem) => this.logger.warn({ event, issuer, problem }),
    })
    const resource = {
      'service.name': 'slipway-gateway',
      'service.instance.id': config.POD_NAME,
      'k8s.pod.name': config.POD_NAME,
      'k8s.namespace.name': config.POD_NAMESPACE,
    }
    this.metrics = new Metrics(resource)
    const report = (problem: string | undefined): void => {
      if (problem === undefined) this.logger.info({ event: 'spans_taken_again' })
      else this.logger.warn({ event: 'spans_lost', problem })
    }
    this.tracing = new Tracing(resource, config.OTLP_ENDPOINT, config.TRACE_SAMPLE_RATIO, report, spanExporter)
    this.accessLog = new AccessLog(log, config.AUDIT_LOG)
    this.runtimes = new Runtimes(config, this.ticker, {
      onWake: (model) => {
        this.metrics.woke(model)
        this.wakes.add(model)
      },
      onEject: (model) => {
        this.metrics.ejected(model)
        this.logger.warn({ event: 'ejected', model })
      },
    })
    this.platform = new PlatformReader(config.PROMETHEUS_URL, this.ticker.now, (problem) =>
      this.logger.warn({ event: 'prometheus_unread', problem }),
    )
    this.ticker.add(new WeightsWatch(this.runtimes, fetchedBytes))
    this.metrics.observe({
      runtimes: this.runtimes,
      discoveryStaleSeconds: () => directory.staleSeconds(),
      discoveryProblems: () => directory.snapshot.problems.length,
      jwksStale: () => this.authenticator.staleSeconds().map(({ issuer, seconds }) => [issuer, seconds]),
    })
  }

  get draining(): boolean {
    return this.#draining
  }

  /** The drain is over: a request that comes now, on a connection that was open, must go elsewhere. */
  get drained(): boolean {
    return this.#drained
  }

  /** Calls that have not ended. */
  get openCalls(): number {
    return this.#open.size
  }

  start(): void {
    this.directory.onChange((snapshot) => {
      this.#reportProblems(snapshot.problems)
      this.authenticator.setSnapshot(snapshot)
      this.quota.setReplicas(snapshot.gatewayReplicas)
      this.#followModels()
    })
    this.authenticator.start()
    this.directory.start()
  }

  /** Models that are gone leave with their last request. */
  #followModels(): void {
    const { snapshot } = this.directory
    this.runtimes.update(snapshot)
    this.metrics.showModels(snapshot.models.keys())
    this.metrics.forgetModels((model) => snapshot.models.has(model))
  }

  /** Reports a problem when it appears, not with every change of the directory after it. */
  #reportProblems(problems: readonly Problem[]): void {
    const now = new Set<string>()
    for (const { object, message } of problems) {
      const text = `${object} ${message}`
      if (!this.#reportedProblems.has(text)) this.logger.warn({ event: 'directory_problem', object, problem: message })
      now.add(text)
    }
    this.#reportedProblems = now
  }

  /** Runs a call to its end; `reservation` is settled with what it really cost. */
  run(call: Call, reservation: Reservation): void {
    const exchange = new Exchange(call, {
      config: this.config,
      ticker: this.ticker,
      answers: this.answers,
      onRetry: (model) => this.metrics.retried(model),
      onBug: (error) => this.logger.error({ event: 'bug', requestId: call.received.id, err: error }),
      onEnd: (_, record) => {
        this.#open.delete(exchange)
        reservation.settle(costOf(call.request, record))
        this.account(call, record)
      },
    })
    this.#open.add(exchange)
    void exchange.run()
  }

  /** Counts a request from its headers on, until `closed`. */
  began(): void {
    this.#requests += 1
  }

  /** The answer of a request that began has left, or its connection is gone. */
  closed(): void {
    this.#requests -= 1
  }

  /** Reports a request that ended before it became a call. */
  refused(refusal: Refusal): void {
    this.metrics.refusedRequest(refusal)
    this.accessLog.refused(refusal)
  }

  /** Reports all telemetry of a request that ended. */
  account(asked: Asked, record: CallRecord): void {
    const { identity, request } = asked
    this.metrics.ended(asked, record)
    this.tracing.ended(asked, record)
    this.samples.ended(identity.tenant.name, record)
    this.accessLog.ended(asked, record)
    if (!this.directory.snapshot.models.has(request.entry.name)) this.#followModels()
  }

  /** From now on answers end their connections, and /readyz says 503. */
  beginDrain(): void {
    this.#draining = true
  }

  /** Waits until all requests have ended; after `seconds` the rest get an error and end. */
  async drain(seconds: number): Promise<void> {
    this.beginDrain()
    const until = performance.now() + seconds * 1000
    while ((this.#open.size > 0 || this.#requests > 0) && performance.now() < until) await pause(20)
    this.#drained = true
    for (const exchange of this.#open) exchange.shutDown()
    const last = performance.now() + 1000
    while (this.#open.size > 0 && performance.now() < last) await pause(5)
  }

  async stop(): Promise<void> {
    this.authenticator.stop()
    await this.directory.stop()
    this.runtimes.close()
    this.ticker.stop()
    await this.tracing.stop()
    await this.metrics.stop()
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/**
 * Tokens that a call cost: as counted by the engine, else estimated. A client that leaves before the first byte pays for the prompt
 * that an engine may have read, and for what it made meanwhile of an answer that is no stream; an engine that could not be
 * reached or refused cost nothing.
 */
function costOf(request: EngineRequest, record: CallRecord): number {
  if (record.usage) return record.usage.inputTokens + record.usage.outputTokens
  if (!record.taken) return 0
  if (record.firstByteAt === 0) return request.promptTokens + madeUnseen(request, record)
  return request.promptTokens + (request.stream ? record.events : request.maxTokens)
}

/** Tokens a second that one answer grows by: an assumption, about what an 8B model makes on one L4 while others are served too. */
const tokensPerSecond = 20

function madeUnseen({ stream, maxTokens }: EngineRequest, { dispatchedAt, endedAt }: CallRecord): number {
  return stream ? 0 : Math.min(maxTokens, Math.floor(((endedAt - dispatchedAt) / 1000) * tokensPerSecond))
}

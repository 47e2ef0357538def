// The gateway's metrics on OpenTelemetry, pulled by Prometheus from the second port.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { MeterProvider } from '@opentelemetry/sdk-metrics'
import type { Asked, CallRecord } from '../call/call.ts'
import { metricNames as names } from '../metric-names.ts'
import type { Runtimes } from '../serving/runtimes.ts'
import type { Refusal } from '../telemetry/access-log.ts'
import { attributes, buckets } from '../telemetry/span-names.ts'
import { HistogramProducer } from './histogram.ts'
import { Tally } from './tally.ts'
import { type Emit, ValueProducer } from './value-producer.ts'

/** gen_ai.provider.name of every model here. */
const provider = 'slipway'

/** Values that are read when Prometheus asks. */
export interface Observed {
  runtimes: Runtimes
  discoveryStaleSeconds(): number
  discoveryProblems(): number
  jwksStale(): Iterable<[issuer: string, seconds: number]>
}

export class Metrics {
  readonly #histograms = new HistogramProducer()
  readonly #values = new ValueProducer()
  readonly #exporter = new PrometheusExporter({
    preventServerStart: true,
    withoutScopeInfo: true,
    withoutTargetInfo: true,
    metricProducers: [this.#histograms, this.#values],
  })
  readonly #provider: MeterProvider
  readonly #tallies: Tally[] = []
  readonly #requests
  readonly #tokens
  readonly #retries
  readonly #wakes
  readonly #ejections
  readonly #refusals
  readonly #authFailures
  readonly #clientRetries
  readonly #http
  readonly #duration
  readonly #firstToken
  readonly #perToken

  constructor(resource: Record<string, string>) {
    this.#provider = new MeterProvider({ resource: resourceFromAttributes(resource), readers: [this.#exporter] })
    const histogram = (name: string, description: string, bounds: readonly number[], attributes: readonly string[]) =>
      this.#histograms.create({ name, description, bounds, attributes })
    const { httpMethod, httpRoute, httpStatus, operation, provider, requestModel } = attributes
    this.#http = histogram('http.server.request.duration', 'Seconds until the whole answer.', buckets.http, [
      httpMethod,
      httpRoute,
      httpStatus,
    ])
    const genAi = [operation, provider, requestModel]
    this.#duration = histogram('gen_ai.server.request.duration', 'Seconds of a model request.', buckets.duration, genAi)
    this.#firstToken = histogram(
      'gen_ai.server.time_to_first_token',
      'Seconds until the first token of a stream.',
      buckets.timeToFirstToken,
      genAi,
    )
    this.#perToken = histogram(
      'gen_ai.server.time_per_output_token',
      'Seconds per token after the first.',
      buckets.timePerOutputToken,
      genAi,
    )
    this.#requests = this.#counter(names.requests, 'Requests by how they ended.', [
      'model',
      'tenant',
      'route',
      'outcome',
      'reason',
    ])
    this.#tokens = this.#counter(names.tokens, 'Tokens by direction.', ['model', 'tenant', 'type'])
    this.#retries = this.#counter(names.retries, 'Second tries at another endpoint.', ['model'])
    this.#wakes = this.#counter(names.wakes, 'Times a sleeping model was asked for.', ['model'])
    this.#ejections = this.#counter(names.ejections, 'Endpoints taken out after failures.', ['model'])
    this.#refusals = this.#counter(names.refusals, 'Requests that ended before they became a call.', [
      'model',
      'tenant',
      'route',
      'status',
      'reason',
    ])
    this.#authFailures = this.#counter(names.authFailures, 'Refused tokens and keys.', ['reason'])
    this.#clientRetries = this.#counter(names.clientRetries, 'Requests that an SDK sent again.', [])
  }

  #counter(name: string, description: string, attributes: string[]): Tally {
    const tally = new Tally(...attributes)
    this.#tallies.push(tally)
    const read = (emit: Emit) => tally.observe(emit)
    this.#values.add({ name: name.replace(/_total$/, ''), description, isCounter: true, read })
    return tally
  }

  /** Connects the gauges to what they show. */
  observe(observed: Observed): void {
    const gauge = (name: string, description: string, read: (emit: Emit) => void) =>
      this.#values.add({ name, description, isCounter: false, read })
    const perModel = (name: string, description: string, read: (model: ModelRuntimeView) => number) =>
      gauge(name, description, (emit) => {
        for (const runtime of observed.runtimes.all()) emit(read(runtime), { model: runtime.entry.name })
      })
    perModel(names.waitingRequests, 'Requests held or queued.', ({ waiting }) => waiting)
    perModel(names.inflightRequests, 'Requests at engines now.', ({ inflight }) => inflight)
    gauge(names.lastUse, 'Unix time of the last request, its arrival or its end.', (emit) => {
      for (const { entry, lastUsedAt, now } of observed.runtimes.all())
        if (lastUsedAt !== undefined) emit((Date.now() - (now() - lastUsedAt)) / 1000, { model: entry.name })
    })
    perModel(
      names.endpoints,
      'Endpoints that take requests.',
      ({ endpoints }) => endpoints.filter(({ ready }) => ready).length,
    )
    perModel(names.ejectedEndpoints, 'Endpoints out after failures.', ({ endpoints }) => {
      const now = performance.now()
      return endpoints.filter(({ health }) => health.isEjected(now)).length
    })
    gauge(names.discoveryStale, 'Seconds since the directory was heard.', (emit) =>
      emit(observed.discoveryStaleSeconds(), {}),
    )
    gauge(names.discoveryProblems, 'Objects that could not be used.', (emit) => emit(observed.discoveryProblems(), {}))
    gauge(names.jwksStale, 'Seconds that an issuer’s keys are overdue.', (emit) => {
      for (const [issuer, seconds] of observed.jwksStale()) emit(seconds, { issuer })
    })
  }

  ended({ identity, request }: Asked, record: CallRecord): void {
    const { route, operation } = request
    const model = request.entry.name
    const tenant = identity.tenant.name
    const { outcome, reason, usage, startedAt, firstByteAt, endedAt } = record
    this.#requests.add(1, model, tenant, route, outcome, reason)
    if (usage) {
      this.#tokens.add(usage.inputTokens, model, tenant, 'input')
      if (usage.outputTokens > 0) this.#tokens.add(usage.outputTokens, model, tenant, 'output')
    }
    this.#duration.record((endedAt - startedAt) / 1000, operation, provider, model)
    if (!request.stream || firstByteAt === 0) return
    this.#firstToken.record((firstByteAt - startedAt) / 1000, operation, provider, model)
    const tokens = usage?.outputTokens || record.events
    if (tokens > 1) this.#perToken.record((endedAt - firstByteAt) / 1000 / (tokens - 1), operation, provider, model)
  }

  /** Any answered request, by method, template of the route and status. */
  http(method: string, route: string, status: number, seconds: number): void {
    this.#http.record(seconds, method, route, String(status))
  }

  retried(model: string): void {
    this.#retries.add(1, model)
  }

  woke(model: string): void {
    this.#wakes.add(1, model)
  }

  ejected(model: string): void {
    this.#ejections.add(1, model)
  }

  /** Names are from closed sets; a model or tenant that is not known is empty. */
  refusedRequest({ model = '', tenant = '', route, status, reason }: Refusal): void {
    this.#refusals.add(1, model, tenant, route, String(status), reason)
  }

  refused(reason: string): void {
    this.#authFailures.add(1, reason)
  }

  clientRetried(): void {
    this.#clientRetries.add(1)
  }

  /** Begins the counters of models at zero, so that their first increase can be seen. */
  showModels(names: Iterable<string>): void {
    for (const name of names) for (const tally of [this.#retries, this.#wakes, this.#ejections]) tally.add(0, name)
  }

  /** Drops the series of models that are gone. */
  forgetModels(isKnown: (model: string) => boolean): void {
    // Refusals without a model have the empty one.
    for (const tally of this.#tallies) tally.forget('model', (model) => model === '' || isKnown(model))
    this.#histograms.forget(attributes.requestModel, isKnown)
  }

  /** Writes the page that Prometheus reads. */
  serve(request: IncomingMessage, response: ServerResponse): void {
    this.#exporter.getMetricsRequestHandler(request, response)
  }

  async stop(): Promise<void> {
    await this.#provider.shutdown()
  }
}

interface ModelRuntimeView {
  waiting: number
  inflight: number
  endpoints: readonly { ready: boolean; health: { isEjected(now: number): boolean } }[]
}

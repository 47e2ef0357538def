// The gateway's metrics on OpenTelemetry, pulled by Prometheus from the second port.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Attributes, ValueType } from '@opentelemetry/api'
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { MeterProvider } from '@opentelemetry/sdk-metrics'
import { metricNames as names } from '../metric-names.ts'
import type { CallRecord } from '../upstream/call.ts'
import type { Runtimes } from '../upstream/runtimes.ts'
import type { CallInfo } from './call-info.ts'
import { attributes, buckets } from './span-names.ts'
import { Tally } from './tally.ts'

/** Values that are read when Prometheus asks. */
export interface Observed {
  runtimes: Runtimes
  discoveryStaleSeconds(): number
  discoveryProblems(): number
  jwksStale(): Iterable<[issuer: string, seconds: number]>
}

export class Metrics {
  readonly #exporter = new PrometheusExporter({
    preventServerStart: true,
    withoutScopeInfo: true,
    withoutTargetInfo: true,
  })
  readonly #provider: MeterProvider
  readonly #requests = new Tally()
  readonly #tokens = new Tally()
  readonly #retries = new Tally()
  readonly #wakes = new Tally()
  readonly #ejections = new Tally()
  readonly #authFailures = new Tally()
  readonly #clientRetries = new Tally()
  readonly #http
  readonly #duration
  readonly #firstToken
  readonly #perToken

  constructor(resource: Record<string, string>) {
    this.#provider = new MeterProvider({ resource: resourceFromAttributes(resource), readers: [this.#exporter] })
    const meter = this.#provider.getMeter('slipway-gateway')
    const histogram = (name: string, description: string, bounds: readonly number[]) =>
      meter.createHistogram(name, { description, unit: 's', advice: { explicitBucketBoundaries: [...bounds] } })
    this.#http = histogram('http.server.request.duration', 'Seconds until the whole answer.', buckets.http)
    this.#duration = histogram('gen_ai.server.request.duration', 'Seconds of a model request.', buckets.duration)
    this.#firstToken = histogram(
      'gen_ai.server.time_to_first_token',
      'Seconds until the first token of a stream.',
      buckets.timeToFirstToken,
    )
    this.#perToken = histogram(
      'gen_ai.server.time_per_output_token',
      'Seconds per token after the first.',
      buckets.timePerOutputToken,
    )
    const counter = (name: string, description: string, tally: Tally) =>
      meter
        .createObservableCounter(name.replace(/_total$/, ''), { description, valueType: ValueType.INT })
        .addCallback((result) => tally.observe((value, attrs) => result.observe(value, attrs)))
    counter(names.requests, 'Requests by how they ended.', this.#requests)
    counter(names.tokens, 'Tokens by direction.', this.#tokens)
    counter(names.retries, 'Second tries at another endpoint.', this.#retries)
    counter(names.wakes, 'Times a sleeping model was asked for.', this.#wakes)
    counter(names.ejections, 'Endpoints taken out after failures.', this.#ejections)
    counter(names.authFailures, 'Refused tokens and keys.', this.#authFailures)
    counter(names.clientRetries, 'Requests that an SDK sent again.', this.#clientRetries)
  }

  /** Connects the gauges to what they show. */
  observe(observed: Observed): void {
    const meter = this.#provider.getMeter('slipway-gateway')
    const gauge = (
      name: string,
      description: string,
      read: (emit: (value: number, attrs: Attributes) => void) => void,
    ) =>
      meter
        .createObservableGauge(name, { description })
        .addCallback((result) => read((value, attrs) => result.observe(value, attrs)))
    const perModel = (name: string, description: string, read: (model: ModelRuntimeView) => number) =>
      gauge(name, description, (emit) => {
        for (const runtime of observed.runtimes.all()) emit(read(runtime), { model: runtime.entry.name })
      })
    perModel(names.waitingRequests, 'Requests held or queued.', ({ waiting }) => waiting)
    perModel(names.inflightRequests, 'Requests at engines now.', ({ inflight }) => inflight)
    perModel(
      names.endpoints,
      'Endpoints that take requests.',
      ({ endpoints }) => endpoints.filter(({ ready }) => ready).length,
    )
    perModel(names.ejectedEndpoints, 'Endpoints out after failures.', ({ endpoints }) => {
      const now = performance.now()
      return endpoints.filter((one) => one.isEjected(now)).length
    })
    gauge(names.discoveryStale, 'Seconds since the directory was heard.', (emit) =>
      emit(observed.discoveryStaleSeconds(), {}),
    )
    gauge(names.discoveryProblems, 'Objects that could not be used.', (emit) => emit(observed.discoveryProblems(), {}))
    gauge(names.jwksStale, 'Seconds that an issuer’s keys are overdue.', (emit) => {
      for (const [issuer, seconds] of observed.jwksStale()) emit(seconds, { issuer })
    })
  }

  ended(info: CallInfo, record: CallRecord): void {
    const { model, tenant, route, operation } = info
    const { outcome, reason, usage, startedAt, firstByteAt, endedAt } = record
    this.#requests.add(1, model, { model, tenant, route, outcome, reason }, tenant, route, outcome, reason)
    if (usage) {
      this.#tokens.add(usage.inputTokens, model, { model, tenant, type: 'input' }, tenant, 'input')
      if (usage.outputTokens > 0)
        this.#tokens.add(usage.outputTokens, model, { model, tenant, type: 'output' }, tenant, 'output')
    }
    const seconds = (endedAt - startedAt) / 1000
    const about = genAiAttributes(operation, model)
    this.#duration.record(seconds, about)
    if (!info.stream || firstByteAt === 0) return
    this.#firstToken.record((firstByteAt - startedAt) / 1000, about)
    const tokens = usage?.outputTokens || record.events
    if (tokens > 1) this.#perToken.record((endedAt - firstByteAt) / 1000 / (tokens - 1), about)
  }

  /** Any answered request, by method, template of the route and status. */
  http(method: string, route: string, status: number, seconds: number): void {
    this.#http.record(seconds, httpAttributes(method, route, status))
  }

  retried(model: string): void {
    this.#retries.add(1, model, { model })
  }

  woke(model: string): void {
    this.#wakes.add(1, model, { model })
  }

  ejected(model: string): void {
    this.#ejections.add(1, model, { model })
  }

  refused(reason: string): void {
    this.#authFailures.add(1, reason, { reason })
  }

  clientRetried(): void {
    this.#clientRetries.add(1, '', {})
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
  endpoints: readonly { ready: boolean; isEjected(now: number): boolean }[]
}

const genAiCache = new Map<string, Attributes>()
const httpCache = new Map<string, Attributes>()

function genAiAttributes(operation: string, model: string): Attributes {
  const key = `${operation} ${model}`
  let found = genAiCache.get(key)
  if (!found) {
    found = {
      [attributes.operation]: operation,
      [attributes.provider]: 'slipway',
      [attributes.requestModel]: model,
    }
    genAiCache.set(key, found)
  }
  return found
}

function httpAttributes(method: string, route: string, status: number): Attributes {
  const key = `${method} ${route} ${status}`
  let found = httpCache.get(key)
  if (!found) {
    found = { [attributes.httpMethod]: method, [attributes.httpRoute]: route, [attributes.httpStatus]: status }
    httpCache.set(key, found)
  }
  return found
}

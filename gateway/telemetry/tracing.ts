// Spans made by hand when a call has ended: one of the server, one of the client side towards the engine. Calls that are
// not exported cost two ids; automatic instrumentation would cost more than the whole request.
import {
  type Attributes,
  context,
  type HrTime,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, type IdGenerator, type SpanExporter, TracerProvider } from '@opentelemetry/sdk-trace'
import type { Asked, CallRecord } from '../call/call.ts'
import type { EngineRequest } from '../request/engine-request.ts'
import { newSpanId, newTraceId } from './ids.ts'
import { ReportingExporter } from './reporting-exporter.ts'
import { attributes, genAiSchemaUrl } from './span-names.ts'

/** Hands out the ids that the engine already has. */
class PreparedIds implements IdGenerator {
  traceId = ''
  spanIds: string[] = []
  generateTraceId = (): string => this.traceId || newTraceId()
  generateSpanId = (): string => this.spanIds.shift() ?? newSpanId()
}

export class Tracing {
  readonly #ids = new PreparedIds()
  readonly #provider: TracerProvider | undefined
  readonly #ratio: number

  /**
   * @param endpoint OTLP/HTTP collector; empty and no exporter: nothing is traced
   * @param ratio share of calls that are exported; failed ones always are
   * @param report is given what the collector says when it does not take spans; undefined when it does again
   */
  constructor(
    resource: Record<string, string>,
    endpoint: string,
    ratio: number,
    report: (problem: string | undefined) => void,
    exporter?: SpanExporter,
  ) {
    this.#ratio = ratio
    const sink = exporter ?? (endpoint ? new OTLPTraceExporter({ url: `${endpoint}/v1/traces` }) : undefined)
    if (!sink) return
    this.#provider = new TracerProvider({
      resource: resourceFromAttributes(resource),
      idGenerator: this.#ids,
      spanProcessors: [new BatchSpanProcessor({ exporter: new ReportingExporter(sink, report) })],
    })
  }

  /** Whether a new call is exported even when all goes well. */
  sample(): boolean {
    return this.#ratio > 0 && Math.random() < this.#ratio
  }

  ended(asked: Asked, record: CallRecord): void {
    if (!this.#provider || !(asked.sampled || record.outcome === 'error')) return
    const tracer = this.#provider.getTracer('slipway-gateway', undefined, { schemaUrl: genAiSchemaUrl })
    const { received, request } = asked
    const at = (ms: number): HrTime => hrTime(received.epochMs + (ms - record.startedAt))
    this.#ids.traceId = received.traceId
    this.#ids.spanIds = [newSpanId()]
    const links = received.link && [{ context: { ...received.link, traceFlags: 1, isRemote: true } as SpanContext }]
    const server = tracer.startSpan(
      `POST ${request.route}`,
      { kind: SpanKind.SERVER, startTime: at(record.startedAt), attributes: serverAttributes(asked, record), links },
      context.active(),
    )
    if (record.dispatchedAt > 0) {
      this.#ids.spanIds = [received.spanId]
      const client = tracer.startSpan(
        `${request.operation} ${request.entry.name}`,
        { kind: SpanKind.CLIENT, startTime: at(record.dispatchedAt), attributes: clientAttributes(request, record) },
        trace.setSpan(context.active(), server),
      )
      if (record.firstByteAt > 0) client.addEvent('first_token', at(record.firstByteAt))
      if (record.outcome === 'error') client.setStatus({ code: SpanStatusCode.ERROR, message: record.reason })
      client.end(at(record.endedAt))
    }
    if (record.outcome === 'error') server.setStatus({ code: SpanStatusCode.ERROR, message: record.reason })
    server.end(at(record.endedAt))
    this.#ids.traceId = ''
  }

  /** Sends what waits for its batch. */
  async flush(): Promise<void> {
    await this.#provider?.forceFlush()
  }

  async stop(): Promise<void> {
    await this.#provider?.shutdown()
  }
}

const hrTime = (ms: number): HrTime => [Math.floor(ms / 1000), Math.round((ms % 1000) * 1e6)]

function serverAttributes({ received, identity, request }: Asked, record: CallRecord): Attributes {
  return {
    [attributes.httpMethod]: 'POST',
    [attributes.httpRoute]: request.route,
    [attributes.httpStatus]: record.status,
    [attributes.tenant]: identity.tenant.name,
    [attributes.lane]: received.lane,
    [attributes.requestId]: received.id,
    ...(received.edgeId !== undefined && { [attributes.edgeId]: received.edgeId }),
    ...(received.balancerId !== undefined && { [attributes.balancerId]: received.balancerId }),
    [attributes.outcome]: record.outcome,
    [attributes.attempts]: record.attempts,
    ...(record.outcome === 'error' && { [attributes.errorType]: record.reason }),
  }
}

function clientAttributes(request: EngineRequest, record: CallRecord): Attributes {
  const [address, port] = splitEndpoint(record.endpoint)
  return {
    [attributes.operation]: request.operation,
    [attributes.provider]: 'slipway',
    [attributes.requestModel]: request.entry.name,
    [attributes.responseModel]: request.entry.name,
    [attributes.maxTokens]: request.maxTokens,
    [attributes.serverAddress]: address,
    [attributes.serverPort]: port,
    ...(record.usage && {
      [attributes.inputTokens]: record.usage.inputTokens,
      [attributes.outputTokens]: record.usage.outputTokens,
    }),
    ...(record.outcome === 'error' && { [attributes.errorType]: record.reason }),
  }
}

function splitEndpoint(key: string): [address: string, port: number] {
  const colon = key.lastIndexOf(':')
  return [key.slice(0, colon), Number(key.slice(colon + 1))]
}

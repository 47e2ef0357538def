// What OpenTelemetry's exporter asks for metrics that its SDK does not hold.
import type { HrTime } from '@opentelemetry/api'
import { emptyResource } from '@opentelemetry/resources'
import type { CollectionResult, MetricData, MetricProducer } from '@opentelemetry/sdk-metrics'

export abstract class Producer implements MetricProducer {
  readonly #startTime = hrTime()

  /** @param startTime since when counts are counted */
  protected abstract metrics(startTime: HrTime, endTime: HrTime): MetricData[]

  async collect(): Promise<CollectionResult> {
    const metrics = this.metrics(this.#startTime, hrTime())
    const scope = { name: 'slipway-gateway' }
    return { resourceMetrics: { resource: emptyResource(), scopeMetrics: [{ scope, metrics }] }, errors: [] }
  }
}

function hrTime(): HrTime {
  const now = Date.now()
  return [Math.floor(now / 1000), (now % 1000) * 1e6]
}

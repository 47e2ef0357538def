// Counters and gauges as they are when an exporter asks. OpenTelemetry's own observable instruments repeat the last value of a series for
// ever, so that a model which left would have endpoints and waiting requests until the pod ends.
import { type Attributes, type HrTime, ValueType } from '@opentelemetry/api'
import { emptyResource } from '@opentelemetry/resources'
import {
  AggregationTemporality,
  type CollectionResult,
  type DataPoint,
  DataPointType,
  type MetricData,
  type MetricProducer,
} from '@opentelemetry/sdk-metrics'
import { hrTime } from './histogram.ts'

export type Emit = (value: number, attributes: Attributes) => void

interface Source {
  name: string
  description: string
  isCounter: boolean
  read(emit: Emit): void
}

export class ValueProducer implements MetricProducer {
  readonly #sources: Source[] = []
  readonly #startTime = hrTime()

  add(source: Source): void {
    this.#sources.push(source)
  }

  async collect(): Promise<CollectionResult> {
    const endTime = hrTime()
    const metrics = this.#sources.map((source) => this.#metric(source, endTime))
    const scope = { name: 'slipway-gateway' }
    return { resourceMetrics: { resource: emptyResource(), scopeMetrics: [{ scope, metrics }] }, errors: [] }
  }

  #metric({ name, description, isCounter, read }: Source, endTime: HrTime): MetricData {
    const dataPoints: DataPoint<number>[] = []
    read((value, attributes) => dataPoints.push({ startTime: this.#startTime, endTime, attributes, value }))
    const common = {
      descriptor: { name, description, unit: '', valueType: isCounter ? ValueType.INT : ValueType.DOUBLE },
      aggregationTemporality: AggregationTemporality.CUMULATIVE,
      dataPoints,
    }
    return isCounter
      ? { ...common, dataPointType: DataPointType.SUM, isMonotonic: true }
      : { ...common, dataPointType: DataPointType.GAUGE }
  }
}

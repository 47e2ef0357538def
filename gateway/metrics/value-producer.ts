// Counters and gauges as they are when an exporter asks. OpenTelemetry's own observable instruments repeat the last value of a series
// forever, so that a model which left would have endpoints and waiting requests until the pod ends.
import { type Attributes, type HrTime, ValueType } from '@opentelemetry/api'
import { AggregationTemporality, type DataPoint, DataPointType, type MetricData } from '@opentelemetry/sdk-metrics'
import { Producer } from './producer.ts'

export type Emit = (value: number, attributes: Attributes) => void

interface Source {
  name: string
  description: string
  isCounter: boolean
  read(emit: Emit): void
}

export class ValueProducer extends Producer {
  readonly #sources: Source[] = []

  add(source: Source): void {
    this.#sources.push(source)
  }

  protected metrics(startTime: HrTime, endTime: HrTime): MetricData[] {
    return this.#sources.map(({ name, description, isCounter, read }) => {
      const dataPoints: DataPoint<number>[] = []
      read((value, attributes) => dataPoints.push({ startTime, endTime, attributes, value }))
      const common = {
        descriptor: { name, description, unit: '', valueType: isCounter ? ValueType.INT : ValueType.DOUBLE },
        aggregationTemporality: AggregationTemporality.CUMULATIVE,
        dataPoints,
      }
      return isCounter
        ? { ...common, dataPointType: DataPointType.SUM, isMonotonic: true }
        : { ...common, dataPointType: DataPointType.GAUGE }
    })
  }
}

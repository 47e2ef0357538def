// Histograms that cost a map lookup and a binary search: those of OpenTelemetry's SDK sort and serialise the attributes at
// every record. What Prometheus reads is still written by OpenTelemetry's exporter, which takes these as one more producer.
import { type Attributes, type HrTime, ValueType } from '@opentelemetry/api'
import {
  AggregationTemporality,
  type DataPoint,
  DataPointType,
  type HistogramMetricData,
  type MetricData,
} from '@opentelemetry/sdk-metrics'
import { Producer } from './producer.ts'
import { Series } from './series.ts'

export interface HistogramOptions {
  name: string
  description: string
  /** Names of the attributes. */
  attributes: readonly string[]
  /** Upper bounds of the buckets in seconds, rising; one more bucket takes what is longer. */
  bounds: readonly number[]
}

type Value = HistogramMetricData['dataPoints'][number]['value']

class Point {
  readonly counts: number[]
  count = 0
  sum = 0
  min = Number.POSITIVE_INFINITY
  max = 0

  constructor(buckets: number) {
    this.counts = new Array<number>(buckets).fill(0)
  }
}

/** Seconds by bucket, for each set of attributes. */
export class Histogram {
  readonly options: HistogramOptions
  readonly #series: Series<Point>

  constructor(options: HistogramOptions) {
    this.options = options
    this.#series = new Series(() => new Point(options.bounds.length + 1))
  }

  /** @param values of the attributes, in the order of their names */
  record(seconds: number, ...values: string[]): void {
    const { attributes, bounds } = this.options
    const point = this.#series.of(attributes, values)
    const at = bucketOf(bounds, seconds)
    point.counts[at] = (point.counts[at] ?? 0) + 1
    point.count += 1
    point.sum += seconds
    if (seconds < point.min) point.min = seconds
    if (seconds > point.max) point.max = seconds
  }

  /** Drops the series whose attribute has a value that is no longer known. */
  forget(name: string, isKnown: (value: string) => boolean): void {
    this.#series.forget(name, isKnown)
  }

  *points(): Iterable<[Attributes, Value]> {
    for (const [attributes, { counts, count, sum, min, max }] of this.#series.all())
      yield [
        attributes,
        { buckets: { boundaries: [...this.options.bounds], counts: [...counts] }, count, sum, min, max },
      ]
  }
}

/** Index of the first bound that is not below the value; the number of bounds when all are. */
function bucketOf(bounds: readonly number[], value: number): number {
  let low = 0
  let high = bounds.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((bounds[middle] as number) < value) low = middle + 1
    else high = middle
  }
  return low
}

/** Hands the histograms to an exporter, beside what the SDK itself has. */
export class HistogramProducer extends Producer {
  readonly #histograms: Histogram[] = []

  create(options: HistogramOptions): Histogram {
    const histogram = new Histogram(options)
    this.#histograms.push(histogram)
    return histogram
  }

  forget(name: string, isKnown: (value: string) => boolean): void {
    for (const histogram of this.#histograms) histogram.forget(name, isKnown)
  }

  protected metrics(startTime: HrTime, endTime: HrTime): MetricData[] {
    return this.#histograms.map((histogram): HistogramMetricData => {
      const dataPoints = Array.from(
        histogram.points(),
        ([attributes, value]): DataPoint<Value> => ({ startTime, endTime, attributes, value }),
      )
      const { name, description } = histogram.options
      return {
        descriptor: { name, description, unit: 's', valueType: ValueType.DOUBLE },
        aggregationTemporality: AggregationTemporality.CUMULATIVE,
        dataPointType: DataPointType.HISTOGRAM,
        dataPoints,
      }
    })
  }
}

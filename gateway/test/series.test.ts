// Metrics stay bounded whatever clients send and however long a pod lives.
import { assert, describe } from '../../test/spec.ts'
import { Histogram, HistogramProducer } from '../metrics/histogram.ts'
import { Metrics } from '../metrics/metrics.ts'
import { Tally } from '../metrics/tally.ts'
import type { Runtimes } from '../serving/runtimes.ts'

const read = (tally: Tally) => {
  const found: [number, unknown][] = []
  tally.observe((value, attributes) => found.push([value, attributes]))
  return found
}

describe('a counter', (test) => {
  test('counts each set of attributes apart', () => {
    const tally = new Tally('model', 'tenant')
    tally.add(1, 'a', 'x')
    tally.add(2, 'a', 'x')
    tally.add(1, 'a', 'y')
    assert.equal(read(tally), [
      [3, { model: 'a', tenant: 'x' }],
      [1, { model: 'a', tenant: 'y' }],
    ])
  })

  test('puts what comes after 2,000 series into one, and loses nothing', () => {
    const tally = new Tally('reason')
    for (let index = 0; index < 5000; index += 1) tally.add(1, `r${index}`)
    const found = read(tally)
    assert.is(found.length, 2001)
    assert.equal(found.at(-1), [3000, { 'otel.metric.overflow': true }])
    assert.is(
      found.reduce((sum, [value]) => sum + value, 0),
      5000,
    )
  })

  test('forgets the models that left', () => {
    const tally = new Tally('model')
    tally.add(1, 'stays')
    tally.add(1, 'left')
    tally.forget('model', (model) => model === 'stays')
    assert.equal(read(tally), [[1, { model: 'stays' }]])
  })
})

describe('a histogram', (test) => {
  test('puts a value that equals a bound into that bucket, as Prometheus’ le says', () => {
    const histogram = new Histogram({ name: 'h', description: '', attributes: ['a'], bounds: [0.1, 1, 10] })
    for (const seconds of [0, 0.1, 0.11, 1, 9, 10, 11, 1000]) histogram.record(seconds, 'x')
    const [[attributes, value] = []] = histogram.points()
    assert.equal(attributes, { a: 'x' })
    assert.equal(value?.buckets, { boundaries: [0.1, 1, 10], counts: [2, 2, 2, 2] })
    assert.equal([value?.count, value?.min, value?.max], [8, 0, 1000])
  })

  test('of models that left is gone from what the exporter reads', async () => {
    const producer = new HistogramProducer()
    const histogram = producer.create({ name: 'h', description: '', attributes: ['model'], bounds: [1] })
    histogram.record(1, 'stays')
    histogram.record(1, 'left')
    producer.forget('model', (model) => model === 'stays')
    const [scope] = (await producer.collect()).resourceMetrics.scopeMetrics
    assert.equal(
      scope?.metrics[0]?.dataPoints.map((point) => point.attributes),
      [{ model: 'stays' }],
    )
  })
})

describe('the metrics of the gateway', (test) => {
  test('forget a model in counters and histograms alike', async () => {
    const metrics = new Metrics({ 'service.name': 'x' })
    metrics.refusedRequest({
      requestId: 'r',
      route: '/x',
      status: 401,
      reason: 'no_token',
      tenant: undefined,
      model: undefined,
    })
    metrics.retried('left')
    metrics.woke('stays')
    const runtimes = new Map([
      ['left', { entry: { name: 'left' }, waiting: 5, inflight: 0, endpoints: [] }],
      ['stays', { entry: { name: 'stays' }, waiting: 0, inflight: 0, endpoints: [] }],
    ])
    metrics.observe({
      runtimes: { all: () => runtimes.values() } as unknown as Runtimes,
      discoveryStaleSeconds: () => 0.5,
      discoveryProblems: () => 0,
      jwksStale: () => [],
    })
    const read = () =>
      new Promise<string>((resolve) => {
        metrics.serve({} as never, { setHeader: () => {}, end: resolve } as never)
      })
    // An exporter that has seen a series must not repeat it.
    const before = await read()
    assert.match(before, /waiting_requests\{model="left"[^}]*\} 5/)
    assert.match(before, /^# TYPE slipway_gateway_retries_total counter$/m)
    assert.match(before, /^# TYPE slipway_gateway_waiting_requests gauge$/m)
    assert.match(before, /discovery_stale_seconds(?:\{[^}]*\})? 0\.5/)
    runtimes.delete('left')
    metrics.forgetModels((model) => model === 'stays')
    const page = await read()
    assert.match(page, /model="stays"/)
    // One without a model is of none that left.
    assert.match(page, /refusals_total\{model="",tenant="",route="\/x",status="401",reason="no_token"[^}]*\} 1/)
    assert.not.match(page, /model="left"/)
    await metrics.stop()
  })
})

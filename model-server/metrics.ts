// vLLM's metrics under vLLM's names and with its buckets, for the part of them that means something here.
import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Meter } from './engine/call-meter.ts'

const requestBuckets = [0.3, 0.5, 0.8, 1, 1.5, 2, 2.5, 5, 10, 15, 20, 30, 40, 50, 60, 120, 240, 480, 960, 1920, 7680]
const firstTokenBuckets = [
  0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80, 160, 640, 2560,
]
const interTokenBuckets = [
  0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 20, 40, 80,
]

export const metricNames = {
  running: 'vllm:num_requests_running',
  waiting: 'vllm:num_requests_waiting',
  cacheUsage: 'vllm:kv_cache_usage_perc',
  promptTokens: 'vllm:prompt_tokens_total',
  generationTokens: 'vllm:generation_tokens_total',
  success: 'vllm:request_success_total',
  rejections: 'vllm:admission_rejections_total',
  timeToFirstToken: 'vllm:time_to_first_token_seconds',
  interTokenLatency: 'vllm:inter_token_latency_seconds',
  endToEnd: 'vllm:e2e_request_latency_seconds',
  queueTime: 'vllm:request_queue_time_seconds',
} as const

export class Metrics implements Meter {
  readonly registry = new Registry()
  readonly #cacheTokens: number
  readonly #running: Gauge
  readonly #waiting: Gauge
  readonly #cacheUsage: Gauge
  readonly #promptTokens: Counter
  readonly #generationTokens: Counter
  readonly #success: Counter<'finished_reason'>
  readonly #rejections: Counter<'reason'>
  readonly #timeToFirstToken: Histogram
  readonly #interTokenLatency: Histogram
  readonly #endToEnd: Histogram
  readonly #queueTime: Histogram
  #cached = 0

  /** @param cacheTokens tokens that fit in the caches of all answers that may run at once */
  constructor(modelName: string, cacheTokens: number) {
    this.#cacheTokens = cacheTokens
    this.registry.setDefaultLabels({ engine: '0', model_name: modelName })
    const registers = [this.registry]
    const gauge = (name: string, help: string) => new Gauge({ name, help, registers })
    const counter = (name: string, help: string) => new Counter({ name, help, registers })
    const histogram = (name: string, help: string, buckets: number[]) =>
      new Histogram({ name, help, buckets, registers })
    this.#running = gauge(metricNames.running, 'Number of requests in model execution batches.')
    this.#waiting = gauge(metricNames.waiting, 'Number of requests waiting to be processed.')
    this.#cacheUsage = gauge(metricNames.cacheUsage, 'KV-cache usage. 1 means 100 percent usage.')
    this.#promptTokens = counter(metricNames.promptTokens, 'Number of prefill tokens processed.')
    this.#generationTokens = counter(metricNames.generationTokens, 'Number of generation tokens processed.')
    this.#success = new Counter({
      name: metricNames.success,
      help: 'Count of successfully processed requests.',
      labelNames: ['finished_reason'],
      registers,
    })
    this.#rejections = new Counter({
      name: metricNames.rejections,
      help: 'Count of requests refused because the queue was full.',
      labelNames: ['reason'],
      registers,
    })
    this.#timeToFirstToken = histogram(
      metricNames.timeToFirstToken,
      'Histogram of time to first token in seconds.',
      firstTokenBuckets,
    )
    this.#interTokenLatency = histogram(
      metricNames.interTokenLatency,
      'Histogram of inter-token latency in seconds.',
      interTokenBuckets,
    )
    this.#endToEnd = histogram(metricNames.endToEnd, 'Histogram of e2e request latency in seconds.', requestBuckets)
    this.#queueTime = histogram(
      metricNames.queueTime,
      'Histogram of time spent in WAITING phase for request.',
      requestBuckets,
    )
    // As vLLM, which never counts a client that went away: abort and error are there and stay 0.
    for (const reason of ['stop', 'length', 'abort', 'error']) this.#success.inc({ finished_reason: reason }, 0)
    this.#rejections.inc({ reason: 'queue_full' }, 0)
  }

  waiting(change: number): void {
    this.#waiting.inc(change)
  }
  running(change: number): void {
    this.#running.inc(change)
  }
  cached(change: number): void {
    this.#cached += change
    this.#cacheUsage.set(Math.min(1, this.#cached / this.#cacheTokens))
  }
  promptTokens(count: number): void {
    this.#promptTokens.inc(count)
  }
  generationTokens(count: number): void {
    this.#generationTokens.inc(count)
  }
  queueTime(seconds: number): void {
    this.#queueTime.observe(seconds)
  }
  timeToFirstToken(seconds: number): void {
    this.#timeToFirstToken.observe(seconds)
  }
  interTokenLatency(seconds: number): void {
    this.#interTokenLatency.observe(seconds)
  }
  finished(reason: 'stop' | 'length', seconds: number): void {
    this.#success.inc({ finished_reason: reason })
    this.#endToEnd.observe(seconds)
  }
  rejected(): void {
    this.#rejections.inc({ reason: 'queue_full' })
  }
}

// A span exporter whose failures are told and end there: a collector that refuses spans is no reason to stop, or not to stop.
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace'
import { failureNews } from './failure-news.ts'

type ExportDone = Parameters<SpanExporter['export']>[1]

/** ExportResultCode.SUCCESS */
const succeeded = 0

export class ToldExporter implements SpanExporter {
  readonly #inner: SpanExporter
  readonly #news: ReturnType<typeof failureNews>

  /** @param tell is given the problem; undefined when spans are taken again */
  constructor(inner: SpanExporter, tell: (problem: string | undefined) => void) {
    this.#inner = inner
    this.#news = failureNews(tell, () => performance.now())
  }

  export(spans: ReadableSpan[], done: ExportDone): void {
    this.#inner.export(spans, (result) => {
      if (result.code === succeeded) this.#news.onSuccess()
      else this.#news.onFailure(result.error ?? 'no reason was given')
      done({ code: succeeded })
    })
  }

  async forceFlush(): Promise<void> {
    await this.#inner.forceFlush?.()
  }

  async shutdown(): Promise<void> {
    await this.#inner.shutdown()
  }
}

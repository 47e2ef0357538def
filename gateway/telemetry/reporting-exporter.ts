// A span exporter whose failures are reported and go no further: a collector that refuses spans neither ends the gateway nor keeps it
// from ending.
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace'
import { failureReporter } from './failure-reporter.ts'

type ExportDone = Parameters<SpanExporter['export']>[1]

/** ExportResultCode.SUCCESS */
const succeeded = 0

export class ReportingExporter implements SpanExporter {
  readonly #inner: SpanExporter
  readonly #failures: ReturnType<typeof failureReporter>

  /** @param report gets the problem; undefined when spans are taken again */
  constructor(inner: SpanExporter, report: (problem: string | undefined) => void) {
    this.#inner = inner
    this.#failures = failureReporter(report, () => performance.now())
  }

  export(spans: ReadableSpan[], done: ExportDone): void {
    this.#inner.export(spans, (result) => {
      if (result.code === succeeded) this.#failures.onSuccess()
      else this.#failures.onFailure(result.error ?? 'no reason was given')
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

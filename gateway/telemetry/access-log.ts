// One structured line for each request, and one of token usage for audits. Sizes, counts and names: never a prompt, an
// answer, a token, a key, a query string or a body.
import { type DestinationStream, type Logger, pino } from 'pino'
import type { CallRecord } from '../upstream/call.ts'
import type { CallInfo } from './call-info.ts'

/** A logger that writes JSON lines. @param destination standard output when not given */
export function makeLogger(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  }
  // Buffered: a write for each line costs more than the line. It is flushed every second and at the end.
  return pino(options, destination ?? pino.destination({ dest: 1, minLength: 8192, periodicFlush: 1000, sync: false }))
}

export class AccessLog {
  readonly #logger: Logger
  readonly #audit: boolean

  constructor(logger: Logger, audit: boolean) {
    this.#logger = logger
    this.#audit = audit
  }

  ended(info: CallInfo, record: CallRecord): void {
    const { usage } = record
    this.#logger.info({
      event: 'request',
      requestId: info.requestId,
      traceId: info.traceId,
      tenant: info.tenant,
      keyId: info.keyId,
      model: info.model,
      route: info.route,
      lane: info.lane,
      stream: info.stream,
      status: record.status,
      outcome: record.outcome,
      reason: record.reason || undefined,
      attempts: record.attempts,
      endpoint: record.endpoint || undefined,
      durationMs: Math.round((record.endedAt - record.startedAt) * 100) / 100,
      firstByteMs: record.firstByteAt ? Math.round((record.firstByteAt - record.startedAt) * 100) / 100 : undefined,
      bodyBytes: info.bodyBytes,
      answerBytes: record.answerBytes,
      inputTokens: usage?.inputTokens,
      outputTokens: usage?.outputTokens,
      // The same line serves audits: who used how much of what.
      audit: this.#audit || undefined,
    })
  }

  /** A request that ended before it became a call. */
  refused(requestId: string, route: string, status: number, reason: string): void {
    this.#logger.info({ event: 'refused', requestId, route, status, reason })
  }
}

// One structured line for each request, which also serves audits. Sizes, counts and names: never a prompt, an answer, a token,
// a key, a query string or a body.
import { type DestinationStream, type Logger, pino } from 'pino'
import type { Asked, CallRecord } from '../call/call.ts'

/** Where log lines go: those of events through pino, those of requests ready made. */
export interface Log {
  logger: Logger
  /** A line of JSON with its end. */
  write(line: string): void
}

/** Log lines are JSON. @param destination standard output when not given */
export function makeLog(level: string, destination?: DestinationStream): Log {
  // Buffered: a write for each line costs more than the line. It is flushed every second and at the end.
  const stream = destination ?? pino.destination({ dest: 1, minLength: 8192, periodicFlush: 1000, sync: false })
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  }
  return { logger: pino(options, stream), write: destination ? (line) => void stream.write(line) : lineBatch(stream) }
}

/** Lines of one turn of the event loop leave together: the stream measures all that it holds with each write. */
function lineBatch(stream: DestinationStream): Log['write'] {
  let held = ''
  const leave = (): void => {
    const text = held
    held = ''
    stream.write(text)
  }
  return (line) => {
    if (held === '') setImmediate(leave)
    held += line
  }
}

/** What is known of a request that ended before it became a call. */
export interface Refusal {
  requestId: string
  route: string
  status: number
  reason: string
  tenant: string | undefined
  model: string | undefined
}

const text = (name: string, value: string | undefined): string =>
  value === undefined || value === '' ? '' : `,"${name}":${JSON.stringify(value)}`

/** Numbers that are no numbers are left out; fractions to two digits. */
const number = (name: string, value: number | undefined): string =>
  value === undefined || !Number.isFinite(value) ? '' : `,"${name}":${Math.round(value * 100) / 100}`

const begin = (event: string): string => `{"level":"info","time":"${new Date().toISOString()}","event":"${event}"`

/** Writes its lines itself: pino took twice as long for the one line that every request has. */
export class AccessLog {
  readonly #write: Log['write']
  readonly #requests: boolean
  readonly #refusals: boolean
  readonly #audit: string

  /** An audit line is written whatever the level: it is a record, not a message. */
  constructor({ logger, write }: Log, audit: boolean) {
    this.#write = write
    this.#refusals = logger.isLevelEnabled('info')
    this.#requests = audit || this.#refusals
    this.#audit = audit ? ',"audit":true' : ''
  }

  ended({ received, identity, request }: Asked, record: CallRecord): void {
    if (!this.#requests) return
    const { usage, startedAt, firstByteAt, endedAt } = record
    this.#write(
      begin('request') +
        text('requestId', received.id) +
        text('traceId', received.traceId) +
        text('tenant', identity.tenant.name) +
        text('keyId', identity.keyId) +
        text('model', request.entry.name) +
        text('route', request.route) +
        text('lane', received.lane) +
        `,"stream":${request.stream}` +
        number('status', record.status) +
        text('outcome', record.outcome) +
        text('reason', record.reason) +
        number('attempts', record.attempts) +
        text('endpoint', record.endpoint) +
        number('durationMs', endedAt - startedAt) +
        number('firstByteMs', firstByteAt === 0 ? undefined : firstByteAt - startedAt) +
        number('bodyBytes', request.body.length) +
        number('answerBytes', record.answerBytes) +
        number('inputTokens', usage?.inputTokens) +
        number('outputTokens', usage?.outputTokens) +
        `${this.#audit}}\n`,
    )
  }

  refused({ requestId, route, status, reason, tenant, model }: Refusal): void {
    if (!this.#refusals) return
    this.#write(
      begin('refused') +
        text('requestId', requestId) +
        text('route', route) +
        number('status', status) +
        text('reason', reason) +
        text('tenant', tenant) +
        `${text('model', model)}}\n`,
    )
  }
}

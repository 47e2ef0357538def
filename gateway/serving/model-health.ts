// What the endpoints of one model show about each other: whose failures are its own, and which is too slow to be well.
import type { AnswerKind, EndpointHealth, HealthConfig, Verdict, Waiting } from './health.ts'

/** An answer that takes this many times the slowest of late is not expected any more; and least milliseconds of that. */
const patience = 3
/** The same, of an endpoint at which one has taken that long. */
const suspectPatience = 2
const leastPatienceMs = 500
/** Share of the slowest answer that is remembered after each one that was faster. */
const memory = 0.98

export class ModelHealth {
  readonly #config: HealthConfig
  /** Milliseconds of the slowest answer of late, to its first byte. */
  readonly #slowest: Record<AnswerKind, number> = { stream: 0, whole: 0 }
  #members: readonly EndpointHealth[] = []
  /** Whether any of them has failures that are not confirmed. */
  #isAccused = false

  constructor(config: HealthConfig) {
    this.#config = config
  }

  set members(members: readonly EndpointHealth[]) {
    this.#members = members
  }

  /** The first of an answer came. */
  answers(one: EndpointHealth, kind: AnswerKind, sentAt: number, now: number): void {
    this.#slowest[kind] = Math.max(now - sentAt, this.#slowest[kind] * memory)
    one.answers(kind, sentAt, now)
  }

  /** A request of a tenant ended at an endpoint; how many are ejected by what that shows of them. */
  ended(one: EndpointHealth, verdict: Verdict, tenant: string, isProbe: boolean, now: number): number {
    if (one.end(verdict, tenant, isProbe, now)) return 1
    if (verdict === 'failed') this.#isAccused = true
    if (verdict !== 'answered' || !this.#isAccused) return 0
    this.#isAccused = this.#members.some((other) => other.standing(now) !== 'well')
    return this.#members.filter((other) => other !== one && other.confirm(tenant, now)).length
  }

  /** Looks at a request that still waits for the first of its answer: whether it has been overtaken for too long. */
  waits(one: EndpointHealth, kind: AnswerKind, sentAt: number, now: number): Waiting {
    const allowed = one.isSuspect(kind)
      ? Math.max(leastPatienceMs, this.#slowest[kind] * suspectPatience)
      : Math.max(this.#config.SILENT_SECONDS * 1000, this.#slowest[kind] * patience)
    if (one.silence(kind, sentAt, now) < allowed) return 'stays'
    const isOvertaken = this.#members.some((other) => other !== one && other.hasAnswered(kind, sentAt))
    return isOvertaken ? one.overdue(kind, sentAt, now) : 'stays'
  }

  /** A request ended while it waited for the first of its answer, by its client or by its own limit. */
  left(one: EndpointHealth, kind: AnswerKind, sentAt: number, now: number): Waiting {
    const waiting = this.waits(one, kind, sentAt, now)
    if (waiting !== 'stays') return waiting
    one.left(kind, sentAt, now)
    return 'stays'
  }
}

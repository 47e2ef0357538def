// How well an endpoint is, as far as its answers show: the one model behind the choice. It has no clock; what endpoints say
// about each other is in model-health.ts.
//
// Each endpoint has one of four standings. `well` gets its share. `busy` said so itself, and is the last choice until its
// time is over. `out` failed, and gets nothing while another can serve. `due` was out, and gets one request that looks.
//
// A failure takes an endpoint out for a moment, whatever caused it. It counts towards an ejection, which lasts, only when the
// tenant that met it is answered elsewhere: a request that fails everywhere is at fault itself. An endpoint that says nothing
// is silent when requests that came later are answered elsewhere, and one more that looks is not answered either. Streams and
// whole answers are silent apart, and a refusal is no life: an engine that hangs may still refuse.
import { Silence } from './silence.ts'

/**
 * How a request ended at an endpoint, as far as that says something of the endpoint; or for how long it says that it is busy. One that
 * is `unreachable` was not sent the request, which cannot be at fault then.
 */
export type Verdict = 'answered' | 'failed' | 'unreachable' | 'neutral' | { busyMs: number }

export type Standing = 'well' | 'busy' | 'due' | 'out'

/** A whole answer comes when all of it was made, the first event of a stream at once: they are compared apart. */
export type AnswerKind = 'stream' | 'whole'

/** What a request that waits should do; `ejected`: it moves, and its endpoint is ejected for it. */
export type Waiting = 'stays' | 'moves' | 'ejected'

export interface HealthConfig {
  EJECT_FAILURES: number
  EJECT_SECONDS: number
  EJECT_MAX_SECONDS: number
  SILENT_SECONDS: number
}

/** First time out after a failure, in milliseconds; doubles with each in a row until the endpoint is ejected. */
const firstPauseMs = 250
const longestPauseMs = 1000
/** An endpoint without a failure that long is steady. */
const steadyMs = 10_000

export class EndpointHealth {
  readonly #config: HealthConfig
  #busyUntil = 0
  #outUntil = 0
  #ejectedUntil = 0
  /** In a row, and those of them that others did not meet. */
  #failures = 0
  #confirmed = 0
  #ejections = 0
  /** Failures by tenant that may still be the tenant's own fault. */
  readonly #accusers = new Map<string, number>()
  /** One request looks whether it does better. */
  #isProbed = false
  #failedAt = Number.NEGATIVE_INFINITY
  #answeredSince = false
  #isAcquittable = false
  readonly #silence: Record<AnswerKind, Silence> = { stream: new Silence(), whole: new Silence() }

  constructor(config: HealthConfig) {
    this.#config = config
  }

  standing(now: number): Standing {
    if (now < this.#outUntil || this.isEjected(now)) return 'out'
    const isBusy = now < this.#busyUntil
    // One failure alone does not make it prove itself: answers may take a minute.
    const hasToProve = this.#failures > 1 || this.isSuspect('stream') || this.isSuspect('whole')
    if (hasToProve) return this.#isProbed || isBusy ? 'out' : 'due'
    return isBusy ? 'busy' : 'well'
  }

  isEjected(now: number): boolean {
    const { stream, whole } = this.#silence
    return now < this.#ejectedUntil || now < stream.ejectedUntil || now < whole.ejectedUntil
  }

  /** The last that is known of it is an answer. */
  get hasProven(): boolean {
    return this.#failures === 0 && this.#answeredSince
  }

  /** One that fails now and then may answer between. */
  isSteady(now: number): boolean {
    return this.hasProven && now - this.#failedAt >= steadyMs
  }

  /** A request is sent; whether it is the one that looks. */
  begin(now: number): boolean {
    if (this.standing(now) !== 'due') return false
    this.#isProbed = true
    return true
  }

  /** @param isProbe what `begin` said of the request. @returns whether it ejects the endpoint */
  end(verdict: Verdict, tenant: string, isProbe: boolean, now: number): boolean {
    if (isProbe) this.#isProbed = false
    if (verdict === 'answered') this.#recover()
    else if (verdict === 'failed') this.#fail(tenant, now)
    else if (verdict === 'unreachable') return this.#miss(now)
    else if (verdict !== 'neutral') {
      this.#failedAt = now
      this.#busyUntil = Math.max(this.#busyUntil, now + verdict.busyMs)
    }
    return false
  }

  /** Something of an answer came. Tokens of a stream show that the engine works at whole answers, too. */
  lives(kind: AnswerKind, now: number): void {
    this.#silence.whole.lives(now)
    if (kind === 'stream') this.#silence.stream.lives(now)
  }

  /** An answer began, of a request that was sent at that time. */
  answers(kind: AnswerKind, sentAt: number, now: number): void {
    const silence = this.#silence[kind]
    silence.answered = Math.max(silence.answered, sentAt)
    // The next may look while the answer goes on.
    this.#isProbed = false
    this.lives(kind, now)
  }

  /** Whether a request that was sent so late has its answer. */
  hasAnswered(kind: AnswerKind, sentAt: number): boolean {
    return this.#silence[kind].answered >= sentAt
  }

  /** The same request failed at another endpoint too: it may be at fault itself, if others were answered here since the last one. */
  acquit(): void {
    if (!this.#isAcquittable) return
    this.#clear()
  }

  /** A tenant that met failures here was answered elsewhere; true when the endpoint is ejected for it. */
  confirm(tenant: string, now: number): boolean {
    const count = this.#accusers.get(tenant)
    if (count === undefined) return false
    this.#accusers.delete(tenant)
    this.#isAcquittable = false
    return this.#convict(count, now)
  }

  /** A client left, or its time was over, while it waited for the first of its answer since then. */
  left(kind: AnswerKind, sentAt: number, now: number): void {
    const silence = this.#silence[kind]
    // Those that were sent before made it suspect; the proof is another one.
    if (sentAt >= silence.suspectAt) silence.unanswered += silence.since(sentAt, now)
  }

  /** Milliseconds for which nothing came, for a request that waits since then. */
  silence(kind: AnswerKind, sentAt: number, now: number): number {
    const silence = this.#silence[kind]
    return silence.unanswered + silence.since(sentAt, now)
  }

  isSuspect(kind: AnswerKind): boolean {
    return this.#silence[kind].suspectAt > 0
  }

  /**
   * A request that was sent then has waited too long. The first makes the endpoint suspect; one that was sent after that is
   * the proof.
   */
  overdue(kind: AnswerKind, sentAt: number, now: number): Waiting {
    const silence = this.#silence[kind]
    const isSuspect = silence.suspectAt > 0
    // Ejected it gets no request that could be the proof.
    if (isSuspect && this.isEjected(now)) return 'moves'
    if (isSuspect && sentAt < silence.suspectAt) return 'stays'
    silence.unanswered = 0
    if (isSuspect) {
      silence.ejectedUntil = this.#ejection(now)
      return 'ejected'
    }
    silence.suspectAt = now
    // One that looked before waits too, and is no proof.
    this.#isProbed = false
    return 'stays'
  }

  #recover(): void {
    this.#clear()
    this.#ejections = 0
    this.#answeredSince = true
  }

  #clear(): void {
    this.#failures = 0
    this.#confirmed = 0
    this.#outUntil = 0
    this.#ejectedUntil = 0
    this.#isAcquittable = false
    this.#accusers.clear()
  }

  #fail(tenant: string, now: number): void {
    this.#failedAt = now
    // What was sent before it went out says nothing new.
    if (this.isEjected(now)) return
    this.#isAcquittable = this.#failures === 0 && this.#answeredSince
    this.#answeredSince = false
    this.#failures += 1
    this.#accusers.set(tenant, (this.#accusers.get(tenant) ?? 0) + 1)
    const pauseMs = Math.min(
      firstPauseMs * 2 ** (this.#failures - 1),
      longestPauseMs,
      this.#config.EJECT_SECONDS * 1000,
    )
    this.#outUntil = now + pauseMs
  }

  #miss(now: number): boolean {
    this.#failedAt = now
    if (this.isEjected(now)) return false
    this.#failures += 1
    return this.#convict(1, now)
  }

  /** This many failures are its own; whether they eject it. */
  #convict(count: number, now: number): boolean {
    this.#confirmed += count
    if (this.#confirmed < this.#config.EJECT_FAILURES || this.isEjected(now)) return false
    this.#ejectedUntil = this.#ejection(now)
    return true
  }

  /** Until when an ejection that begins now lasts. */
  #ejection(now: number): number {
    const { EJECT_FAILURES, EJECT_SECONDS, EJECT_MAX_SECONDS } = this.#config
    const seconds = Math.min(EJECT_SECONDS * 2 ** this.#ejections, EJECT_MAX_SECONDS)
    this.#ejections += 1
    // Back from it the next failure that is confirmed ejects it again.
    this.#confirmed = EJECT_FAILURES - 1
    return now + seconds * 1000
  }
}

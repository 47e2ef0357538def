// How well an endpoint is, as far as its answers tell: the one model behind the choice. It has no clock; what endpoints say
// about each other is in model-health.ts.
//
// Each endpoint has one of four standings. `well` gets its share. `busy` said so itself, and is the last choice until its
// time is over. `out` failed, and gets nothing while another can serve. `due` was out, and gets one request that looks.
//
// A failure takes an endpoint out for a moment, whoever caused it. It counts towards an ejection, which lasts, only when the
// tenant that met it is answered elsewhere: a request that fails everywhere is at fault itself. An endpoint that says nothing
// is silent when requests that came later are answered elsewhere, and one more that looks is not answered either.

/**
 * How a request ended at an endpoint, as far as that tells of the endpoint; or for how long it says that it is busy. One that
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
  #answeredSince = false
  #isAcquittable = false
  /** When something of an answer last came. */
  #lifeAt = Number.NEGATIVE_INFINITY
  /** When requests were first found to wait too long; 0: they are not. */
  #suspectAt = 0
  /** Milliseconds that requests waited in vain whose clients left. */
  #unanswered = 0
  #isSilent = false
  /** Of the newest request that was answered: when it was sent. */
  readonly #answered: Record<AnswerKind, number> = { stream: -1, whole: -1 }

  constructor(config: HealthConfig) {
    this.#config = config
  }

  standing(now: number): Standing {
    if (now < this.#outUntil || now < this.#ejectedUntil) return 'out'
    // One failure alone does not make it prove itself: answers may take a minute.
    if (this.#failures > 1 || this.#suspectAt > 0) return this.#isProbed ? 'out' : 'due'
    return now < this.#busyUntil ? 'busy' : 'well'
  }

  isEjected(now: number): boolean {
    return now < this.#ejectedUntil
  }

  /** The last that is known of it is an answer. */
  get hasProven(): boolean {
    return this.#failures === 0 && this.#answeredSince
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
    if (verdict === 'answered') this.#recover(now)
    else if (verdict === 'failed') this.#fail(tenant, now)
    else if (verdict === 'unreachable') return this.#miss(now)
    else if (verdict !== 'neutral') {
      this.lives(now)
      this.#busyUntil = Math.max(this.#busyUntil, now + verdict.busyMs)
    }
    return false
  }

  /** Something of an answer came. */
  lives(now: number): void {
    this.#lifeAt = now
    this.#unanswered = 0
    if (this.#suspectAt === 0) return
    this.#suspectAt = 0
    if (this.#isSilent) this.#ejectedUntil = 0
    this.#isSilent = false
  }

  /** An answer began, of a request that was sent at that time. */
  answers(kind: AnswerKind, sentAt: number, now: number): void {
    this.#answered[kind] = Math.max(this.#answered[kind], sentAt)
    // The next may look while the answer goes on.
    this.#isProbed = false
    this.lives(now)
  }

  /** Whether a request that was sent so late has its answer. */
  hasAnswered(kind: AnswerKind, sentAt: number): boolean {
    return this.#answered[kind] >= sentAt
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
  left(sentAt: number, now: number): void {
    // Those that were sent before made it suspect; the proof is another one.
    if (sentAt >= this.#suspectAt) this.#unanswered += now - Math.max(sentAt, this.#lifeAt)
  }

  /** Milliseconds for which nothing came, for a request that waits since then. */
  silence(sentAt: number, now: number): number {
    return this.#unanswered + Math.max(0, now - Math.max(sentAt, this.#lifeAt))
  }

  get isSuspect(): boolean {
    return this.#suspectAt > 0
  }

  /**
   * A request that was sent then has waited too long. The first makes the endpoint suspect; one that was sent after that is
   * the proof.
   */
  overdue(sentAt: number, now: number): Waiting {
    if (this.#isSilent && this.isEjected(now)) return 'moves'
    if (this.#suspectAt > 0 && sentAt < this.#suspectAt) return 'stays'
    this.#unanswered = 0
    if (this.#suspectAt === 0) {
      this.#suspectAt = now
      return 'stays'
    }
    this.#isSilent = true
    this.#eject(now)
    return 'ejected'
  }

  #recover(now: number): void {
    this.lives(now)
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
    // What was sent before it went out tells nothing new.
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
    if (this.isEjected(now)) return false
    this.#failures += 1
    return this.#convict(1, now)
  }

  /** So many failures are its own; whether they eject it. */
  #convict(count: number, now: number): boolean {
    this.#confirmed += count
    if (this.#confirmed < this.#config.EJECT_FAILURES || this.isEjected(now)) return false
    this.#eject(now)
    return true
  }

  #eject(now: number): void {
    const { EJECT_FAILURES, EJECT_SECONDS, EJECT_MAX_SECONDS } = this.#config
    this.#ejectedUntil = now + Math.min(EJECT_SECONDS * 2 ** this.#ejections, EJECT_MAX_SECONDS) * 1000
    this.#ejections += 1
    // Back from it the next failure that is confirmed ejects it again.
    this.#confirmed = EJECT_FAILURES - 1
  }
}

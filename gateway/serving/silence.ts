// How long an endpoint has said nothing to requests of one kind; part of the model in health.ts.

export class Silence {
  /** When something of an answer last came. */
  #lifeAt = Number.NEGATIVE_INFINITY
  /** Milliseconds that requests waited in vain whose clients left. */
  unanswered = 0
  /** When requests were first found to wait too long; 0: they are not. */
  suspectAt = 0
  ejectedUntil = 0
  /** When the newest request was sent that was answered. */
  answered = -1

  lives(now: number): void {
    this.#lifeAt = now
    this.unanswered = 0
    if (this.suspectAt === 0) return
    this.suspectAt = 0
    this.ejectedUntil = 0
  }

  since(sentAt: number, now: number): number {
    return Math.max(0, now - Math.max(sentAt, this.#lifeAt))
  }
}

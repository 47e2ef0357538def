// Bytes in memory for requests that are under way, which a pod runs out of first: bodies, received in part or held until their
// answer has ended, and answers that are held whole to be translated.
import { ApiError } from '../api-error.ts'

/** What one request holds. */
export interface Charge {
  /**
   * It holds more or less than was thought; without effect when it has been given back.
   * @throws ApiError 429 when there is no room for more; it stays as it was then
   */
  resize(bytes: number): void
  /** Of effect once. */
  giveBack(): void
}

export interface Refusal {
  /** What a tenant does too much of: `<tenant> <what> at once`. */
  what: string
  reason: string
}

export class ByteBudget {
  readonly #limit: number
  readonly #refusal: Refusal
  readonly #byTenant = new Map<string, number>()
  #held = 0

  /** @param limit bytes of all tenants; one tenant may hold half of them */
  constructor(limit: number, refusal: Refusal) {
    this.#limit = limit
    this.#refusal = refusal
  }

  /** Bytes held now. */
  get held(): number {
    return this.#held
  }

  /** @throws ApiError 429 */
  take(tenant: string, bytes: number): Charge {
    let charged = 0
    let isHeld = true
    const resize = (size: number): void => {
      if (!isHeld) return
      this.#add(tenant, size - charged)
      charged = size
    }
    resize(bytes)
    return {
      resize,
      giveBack: () => {
        resize(0)
        isHeld = false
      },
    }
  }

  #add(tenant: string, bytes: number): void {
    const held = this.#byTenant.get(tenant) ?? 0
    const own = held + bytes
    // An eighth is kept for tenants who hold nothing.
    const most = held === 0 ? this.#limit : (this.#limit * 7) / 8
    if (bytes > 0 && (own > this.#limit / 2 || this.#held + bytes > most)) throw this.#refuse(tenant)
    if (own === 0) this.#byTenant.delete(tenant)
    else this.#byTenant.set(tenant, own)
    this.#held += bytes
  }

  #refuse(tenant: string): ApiError {
    return new ApiError({
      status: 429,
      code: 'rate_limit_exceeded',
      message: `${tenant} ${this.#refusal.what} at once; retry in 1s.`,
      retryAfter: 1,
      reason: this.#refusal.reason,
    })
  }
}

// Bytes of request bodies that are under way: received in part, or held until their answer has ended. A body is charged by what its
// headers announce, before a byte of it is read, since whole bodies in memory are what a pod runs out of first.
import { ApiError } from '../api-error.ts'

export class BodyBudget {
  readonly #limit: number
  readonly #byTenant = new Map<string, number>()
  #held = 0

  /** @param limit bytes of all tenants; one tenant may hold half of them */
  constructor(limit: number) {
    this.#limit = limit
  }

  /** Bytes held now. */
  get held(): number {
    return this.#held
  }

  /**
   * Charges a body; the result gives it back, once.
   * @throws ApiError 429
   */
  take(tenant: string, bytes: number): () => void {
    const own = this.#byTenant.get(tenant) ?? 0
    if (own + bytes > this.#limit / 2 || this.#held + bytes > this.#limit)
      throw new ApiError({
        status: 429,
        code: 'rate_limit_exceeded',
        message: `${tenant} sends too many large bodies at once; retry in 1s.`,
        retryAfter: 1,
        reason: 'quota_body_bytes',
      })
    this.#add(tenant, bytes)
    let isHeld = true
    return () => {
      if (isHeld) this.#add(tenant, -bytes)
      isHeld = false
    }
  }

  #add(tenant: string, bytes: number): void {
    const own = (this.#byTenant.get(tenant) ?? 0) + bytes
    if (own === 0) this.#byTenant.delete(tenant)
    else this.#byTenant.set(tenant, own)
    this.#held += bytes
  }
}

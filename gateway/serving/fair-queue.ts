// Requests that wait for one model: first come first served within a tenant, and the tenants take turns.

export interface Waiter {
  readonly tenant: string
}

export class FairQueue<T extends Waiter> {
  /** Tenants in the order of their turns. */
  readonly #byTenant = new Map<string, T[]>()
  #length = 0

  get length(): number {
    return this.#length
  }

  push(waiter: T): void {
    const waiting = this.#byTenant.get(waiter.tenant)
    if (waiting) waiting.push(waiter)
    else this.#byTenant.set(waiter.tenant, [waiter])
    this.#length += 1
  }

  /** Takes out one that no longer waits; false when it was not there. */
  remove(waiter: T): boolean {
    const waiting = this.#byTenant.get(waiter.tenant)
    const index = waiting?.indexOf(waiter) ?? -1
    if (!waiting || index < 0) return false
    waiting.splice(index, 1)
    if (waiting.length === 0) this.#byTenant.delete(waiter.tenant)
    this.#length -= 1
    return true
  }

  /** The newest one of the tenant with the most waiting; undefined when that tenant would not have more than `newcomer`. */
  lastOfLongest(newcomer: string): T | undefined {
    let longest: T[] = []
    for (const waiting of this.#byTenant.values()) if (waiting.length > longest.length) longest = waiting
    const own = this.#byTenant.get(newcomer)?.length ?? 0
    return longest.length > own + 1 ? longest.at(-1) : undefined
  }

  /** The one whose turn it is; it stays until `shift`. */
  peek(): T | undefined {
    for (const [first] of this.#byTenant.values()) return first
    return undefined
  }

  /** Takes out the one whose turn it is; its tenant goes to the end. */
  shift(): T | undefined {
    for (const [tenant, waiting] of this.#byTenant) {
      const waiter = waiting.shift()
      this.#byTenant.delete(tenant)
      if (waiting.length > 0) this.#byTenant.set(tenant, waiting)
      this.#length -= 1
      return waiter
    }
    return undefined
  }
}

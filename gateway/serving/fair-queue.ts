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

  *[Symbol.iterator](): Iterator<T> {
    for (const waiting of this.#byTenant.values()) yield* waiting
  }

  /** The newest one of the tenant with the most waiting; undefined when that tenant would not have more than `newcomer`. */
  lastOfLongest(newcomer: string): T | undefined {
    let longest: T[] = []
    for (const waiting of this.#byTenant.values()) if (waiting.length > longest.length) longest = waiting
    const own = this.#byTenant.get(newcomer)?.length ?? 0
    return longest.length > own + 1 ? longest.at(-1) : undefined
  }

  /** The first whose turn it is and whose tenant may go; it stays until `shift`. */
  peek(mayGo: (tenant: string) => boolean): T | undefined {
    for (const [tenant, [first]] of this.#byTenant) if (mayGo(tenant)) return first
    return undefined
  }

  /** Takes out the first one of a tenant, who goes to the end. */
  shift({ tenant }: T): void {
    const waiting = this.#byTenant.get(tenant)
    if (!waiting) return
    waiting.shift()
    this.#byTenant.delete(tenant)
    if (waiting.length > 0) this.#byTenant.set(tenant, waiting)
    this.#length -= 1
  }

  has(tenant: string): boolean {
    return this.#byTenant.has(tenant)
  }
}

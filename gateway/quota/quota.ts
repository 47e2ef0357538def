// Each tenant's limits: requests a minute, tokens a minute, requests at once; for each model class apart.
// A call reserves what it may cost and settles what it did cost, so that calls at the same time cannot pass the limit.
import { ApiError } from '../api-error.ts'
import type { Now } from '../clock.ts'
import type { ApiKey, Tenant } from '../discovery/directory.ts'
import { TokenBucket } from './token-bucket.ts'

/** Models that generate and models that only read are limited apart: one kind of work must not starve the other. */
export type ModelClass = 'generate' | 'embed'

export interface Reservation {
  /**
   * Ends the call: `tokens` is what it really cost, 0 for a call that never reached an engine.
   * Only the first of several counts.
   */
  settle(tokens: number): void
}

export interface QuotaRequest {
  tenant: Tenant
  modelClass: ModelClass
  /** The API key, when it has a budget of its own. */
  key?: ApiKey
  /** Estimate: prompt and longest answer. */
  tokens: number
}

/** Where limits are counted. This one counts in memory, for one pod's share; a shared store can take its place. */
export interface QuotaStore {
  /** Whether a request has room, whatever it costs: known before it is read. @throws ApiError 429 */
  check(tenant: Tenant, modelClass: ModelClass): void
  /** @throws ApiError 429 */
  reserve(request: QuotaRequest): Reservation
  /** The six x-ratelimit headers for a tenant, as a flat list. */
  headers(tenant: Tenant, modelClass: ModelClass): string[]
  /** Requests at once and what is left, for the status page. */
  status(tenant: Tenant, modelClass: ModelClass): QuotaStatus
  /** Gateway pods that share the limits. */
  setReplicas(replicas: number): void
}

/** This pod's count, and its share of the limits. */
export interface QuotaStatus {
  concurrency: number
  concurrencyLimit: number
  requestsLeft: number
  requestsLimit: number
  tokensLeft: number
  tokensLimit: number
}

interface Account {
  requests: TokenBucket
  tokens: TokenBucket
  concurrency: number
}

export class MemoryQuota implements QuotaStore {
  readonly #now: Now
  readonly #slack: number
  readonly #accounts = new Map<string, Account>()
  readonly #spentByKey = new Map<string, number>()
  #replicas = 1

  /** @param slack added to a pod's share when there are several */
  constructor(slack: number, now: Now) {
    this.#slack = slack
    this.#now = now
  }

  setReplicas(replicas: number): void {
    this.#replicas = replicas
  }

  check(tenant: Tenant, modelClass: ModelClass): void {
    const now = this.#now()
    const account = this.#account(tenant, modelClass, now)
    this.#check(tenant, modelClass, account, Math.min(1, account.tokens.capacity), now)
  }

  reserve({ tenant, modelClass, key, tokens }: QuotaRequest): Reservation {
    const now = this.#now()
    const account = this.#account(tenant, modelClass, now)
    const wanted = Math.min(tokens, account.tokens.capacity)
    this.#check(tenant, modelClass, account, wanted, now)
    const budget = key && this.#takeBudget(key, tokens)
    account.requests.take(1, now)
    account.tokens.take(wanted, now)
    account.concurrency += 1
    let isOpen = true
    return {
      settle: (used) => {
        if (!isOpen) return
        isOpen = false
        account.concurrency -= 1
        account.tokens.take(used - wanted, this.#now())
        budget?.(used)
      },
    }
  }

  headers(tenant: Tenant, modelClass: ModelClass): string[] {
    const now = this.#now()
    const { requests, tokens } = this.#account(tenant, modelClass, now)
    return [
      'x-ratelimit-limit-requests',
      String(Math.floor(requests.capacity)),
      'x-ratelimit-remaining-requests',
      String(Math.max(0, Math.floor(requests.level(now)))),
      'x-ratelimit-reset-requests',
      goDuration(requests.waitFor(requests.capacity, now)),
      'x-ratelimit-limit-tokens',
      String(Math.floor(tokens.capacity)),
      'x-ratelimit-remaining-tokens',
      String(Math.max(0, Math.floor(tokens.level(now)))),
      'x-ratelimit-reset-tokens',
      goDuration(tokens.waitFor(tokens.capacity, now)),
    ]
  }

  status(tenant: Tenant, modelClass: ModelClass): QuotaStatus {
    const now = this.#now()
    const { requests, tokens, concurrency } = this.#account(tenant, modelClass, now)
    return {
      concurrency,
      concurrencyLimit: this.#atOnce(tenant),
      requestsLeft: Math.max(0, Math.floor(requests.level(now))),
      requestsLimit: Math.floor(requests.capacity),
      tokensLeft: Math.max(0, Math.floor(tokens.level(now))),
      tokensLimit: Math.floor(tokens.capacity),
    }
  }

  #check(tenant: Tenant, modelClass: ModelClass, account: Account, tokens: number, now: number): void {
    const refuse = (what: string, waitMs: number, reason: string): never => {
      throw new ApiError({
        status: 429,
        code: 'rate_limit_exceeded',
        message: `${tenant.name} reached its limit of ${what}; retry in ${Math.max(1, Math.ceil(waitMs / 1000))}s.`,
        retryAfter: waitMs / 1000,
        // A client that would give up on a long wait and try again at once must not.
        ...(waitMs > 60_000 && { retry: false }),
        headers: Object.fromEntries(pairs(this.headers(tenant, modelClass))),
        reason,
      })
    }
    if (account.concurrency >= this.#atOnce(tenant))
      refuse(`${tenant.limits.concurrency} requests at once`, 1000, 'quota_concurrency')
    const requestWait = account.requests.waitFor(1, now)
    if (requestWait > 0) refuse(`${tenant.limits.requestsPerMinute} requests/min`, requestWait, 'quota_requests')
    const tokenWait = account.tokens.waitFor(tokens, now)
    if (tokenWait > 0) refuse(`${tenant.limits.tokensPerMinute} tokens/min`, tokenWait, 'quota_tokens')
  }

  /** Reserves from a key's own budget; what comes back settles it. */
  #takeBudget(key: ApiKey, tokens: number): ((used: number) => void) | undefined {
    if (key.tokenBudget === undefined) return undefined
    const spent = this.#spentByKey.get(key.sha256) ?? 0
    if (spent >= key.tokenBudget)
      throw new ApiError({
        status: 429,
        code: 'insufficient_quota',
        message: `The budget of ${key.tokenBudget} tokens of the key ${key.id} is used up.`,
        retry: false,
      })
    this.#spentByKey.set(key.sha256, spent + tokens)
    return (used) => this.#spentByKey.set(key.sha256, (this.#spentByKey.get(key.sha256) ?? 0) + used - tokens)
  }

  /** A pod's share of a limit: at least one, so that a small limit does not become none. */
  #share(limit: number): number {
    return this.#replicas === 1 ? limit : Math.max(1, (limit / this.#replicas) * (1 + this.#slack))
  }

  /** Whole requests: a share of 1.1 must not admit two. */
  #atOnce(tenant: Tenant): number {
    return Math.floor(this.#share(tenant.limits.concurrency))
  }

  #account(tenant: Tenant, modelClass: ModelClass, now: number): Account {
    const name = modelClass === 'generate' ? tenant.name : `${tenant.name}/${modelClass}`
    const requests = this.#share(tenant.limits.requestsPerMinute)
    const tokens = this.#share(tenant.limits.tokensPerMinute)
    let account = this.#accounts.get(name)
    if (!account) {
      account = { requests: new TokenBucket(requests, now), tokens: new TokenBucket(tokens, now), concurrency: 0 }
      this.#accounts.set(name, account)
    }
    account.requests.resize(requests, now)
    account.tokens.resize(tokens, now)
    return account
  }
}

function pairs(flat: readonly string[]): [string, string][] {
  return flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1] ?? ''] as [string, string]] : []))
}

/** Go's duration text, as OpenAI's headers have it: 12ms, 1.5s, 6m0s. */
export function goDuration(ms: number): string {
  const rounded = Math.ceil(ms)
  if (rounded < 1000) return `${rounded}ms`
  const seconds = Math.round(rounded / 10) / 100
  if (seconds < 60) return `${seconds}s`
  return `${Math.floor(seconds / 60)}m${Math.floor(seconds % 60)}s`
}

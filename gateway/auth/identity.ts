// Who sends a request: an Authorization header becomes a tenant, or an error that says why not.
import type { Issuer } from '../config.ts'
import type { ApiKey, Snapshot, Tenant } from '../discovery/directory.ts'
import type { Lane } from '../request/received.ts'
import { smokeTenant } from '../smoke-key.ts'
import { apiKeyPrefix, isHardToGuess, looksLikeApiKey } from './api-key-form.ts'
import { ApiKeyIndex, type KeyOwner } from './api-keys.ts'
import { AuthError } from './auth-error.ts'
import { bearerToken } from './authorization.ts'
import { type JwksOptions, JwksStore } from './jwks.ts'
import { JwtVerifier, type VerifiedClaims } from './jwt.ts'
import { keyReporter, type ReportKeys } from './key-reporter.ts'
import { tenantOf } from './tenant-match.ts'
import { TokenCache, type TokenCacheOptions, tokenHash } from './token-cache.ts'

export interface Identity {
  tenant: Tenant
  kind: 'jwt' | 'key'
  /** A token with the operator scope of its tenant. A key never is: it is copied into programs. */
  isOperator: boolean
  keyId?: string
  key?: ApiKey
  /** `sub` of the token. */
  subject?: string
}

export interface AuthenticatorOptions {
  issuers: readonly Issuer[]
  /** Milliseconds since 1970. */
  now?: () => number
  /** Without an HTTP API in front, keys may be used on both lanes. */
  keysOnApiLane?: boolean
  /** When an issuer’s keys cannot be read, and when they can again. */
  onKeys?: ReportKeys
  jwks?: Partial<Omit<JwksOptions, 'now'>>
  cache?: Partial<TokenCacheOptions>
}

interface KnownToken {
  claims: VerifiedClaims
  /** Found among the tenants of `generation`. */
  identity?: Identity
  generation: number
}

export class Authenticator {
  readonly #stores: readonly { issuer: Issuer; keys: JwksStore }[]
  readonly #verifier: JwtVerifier
  readonly #known: TokenCache<KnownToken>
  readonly #now: () => number
  readonly #keysOnApiLane: boolean
  #tenants: readonly Tenant[] = []
  #apiKeys = new ApiKeyIndex([])
  #smokeTenants: readonly Tenant[] = []
  /** Grows with every change of the tenants: identities found among earlier ones are found anew. */
  #generation = 0

  constructor({
    issuers,
    now = Date.now,
    keysOnApiLane = false,
    onKeys = () => {},
    jwks,
    cache,
  }: AuthenticatorOptions) {
    if (new Set(issuers.map(({ issuer }) => issuer)).size < issuers.length) throw new Error('an issuer is given twice')
    this.#stores = issuers.map((issuer) => ({
      issuer,
      keys: new JwksStore(issuer, { ...keyReporter(issuer.issuer, onKeys, now), ...jwks, now }),
    }))
    this.#verifier = new JwtVerifier(this.#stores, now)
    this.#known = new TokenCache(cache)
    this.#now = now
    this.#keysOnApiLane = keysOnApiLane
  }

  /** Begins to read the issuers' keys. */
  start(): void {
    for (const { keys } of this.#stores) keys.start()
  }

  stop(): void {
    for (const { keys } of this.#stores) keys.stop()
  }

  /** For each issuer the age of its keys, 0 while they are read regularly. */
  staleSeconds(): { issuer: string; seconds: number }[] {
    return this.#stores.map(({ issuer, keys }) => ({ issuer: issuer.issuer, seconds: keys.staleSeconds() }))
  }

  /** Takes effect with the next request: a key or tenant that is gone is refused at once. */
  setSnapshot({ tenants }: Snapshot): void {
    // Most snapshots are about pods and bring the same tenants.
    const same = tenants.length === this.#tenants.length && tenants.every((tenant, at) => tenant === this.#tenants[at])
    if (same) return
    this.#tenants = tenants
    this.#apiKeys = new ApiKeyIndex([...tenants, ...this.#smokeTenants])
    this.#generation += 1
  }

  /** The smoke tests’ keys follow the origin secret. */
  setSmokeKeys(originSecrets: readonly string[]): void {
    this.#smokeTenants = [smokeTenant(originSecrets)]
    this.#apiKeys = new ApiKeyIndex([...this.#tenants, ...this.#smokeTenants])
  }

  /**
   * Who it is. API keys and tokens seen before are answered without a promise; AuthError is thrown or rejected
   * accordingly, so call it inside a `try` and `await` only what is a promise.
   */
  authenticate(authorization: string | readonly string[] | undefined, lane: Lane): Identity | Promise<Identity> {
    const token = bearerToken(authorization)
    const name = tokenHash(token)
    const owner = this.#apiKeys.find(token, name, this.#now())
    if (owner || isOpaque(token)) return this.#byApiKey(owner, token, lane)
    const known = this.#known.get(name, this.#now())
    return known ? this.#identityOf(known) : this.#verify(token, name)
  }

  #byApiKey(owner: KeyOwner | undefined, apiKey: string, lane: Lane): Identity {
    if (lane === 'api' && !this.#keysOnApiLane) throw new AuthError('key_on_api_lane')
    // The checksum of our own keys finds those that were cut off or mistyped.
    if (!owner)
      throw new AuthError(apiKey.startsWith(apiKeyPrefix) && !looksLikeApiKey(apiKey) ? 'malformed' : 'unknown_key')
    const { tenant, key } = owner
    return { tenant, kind: 'key', isOperator: false, keyId: key.id, key }
  }

  async #verify(token: string, name: string): Promise<Identity> {
    const claims = await this.#verifier.verify(token)
    const known: KnownToken = { claims, generation: this.#generation }
    this.#known.set(name, known, claims.exp * 1000, this.#now())
    return this.#identityOf(known)
  }

  #identityOf(known: KnownToken): Identity {
    if (known.identity && known.generation === this.#generation) return known.identity
    const { sub } = known.claims
    const tenant = tenantOf(known.claims, this.#tenants)
    const { operatorScope: scope } = tenant
    const isOperator = scope !== undefined && this.#verifier.scopesOf(known.claims).has(scope)
    known.identity = { tenant, kind: 'jwt', isOperator, subject: sub }
    known.generation = this.#generation
    return known.identity
  }
}

/** No token of an issuer, whole or cut off: those begin with the JSON of their header in base64. */
const isOpaque = (text: string): boolean =>
  text.startsWith(apiKeyPrefix) || (!text.startsWith('eyJ') && !text.includes('.') && isHardToGuess(text))

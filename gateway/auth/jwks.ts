// The keys of one issuer, kept current in the background and kept in use while the issuer is away.
import { AuthError } from './auth-error.ts'
import { type FetchText, fetchText } from './fetch-text.ts'
import { type Algorithm, importKeySet, type KeySet } from './key-set.ts'

export interface JwksOptions {
  /** Milliseconds since 1970. */
  now: () => number
  fetchText: FetchText
  timeoutMs: number
  maxBytes: number
  refreshMs: number
  /** Share by which each wait differs, so that pods that started together do not ask together. */
  jitter: number
  /** The last good set is used for this long. */
  maxAgeMs: number
  /** Unknown key ids cause at most one refresh in this time; anybody can invent key ids. */
  unknownKidMs: number
  onFailure: (error: unknown) => void
  onRead: () => void
}

const defaults: JwksOptions = {
  now: Date.now,
  fetchText,
  timeoutMs: 5000,
  maxBytes: 1_048_576,
  refreshMs: 300_000,
  jitter: 0.1,
  maxAgeMs: 86_400_000,
  unknownKidMs: 30_000,
  onFailure: () => {},
  onRead: () => {},
}

export class JwksStore {
  readonly #uri: string
  readonly #options: JwksOptions
  #keys: KeySet | undefined
  /** When the set in use was read; before the first one, when the store was made. */
  #readAt: number
  #askedAt = -Infinity
  #running: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  #started = false

  constructor({ jwksUri }: { jwksUri: string }, options: Partial<JwksOptions> = {}) {
    this.#uri = jwksUri
    this.#options = { ...defaults, ...options }
    this.#readAt = this.#options.now()
  }

  /** Begins to read and keeps reading. Returns at once; a token that comes earlier waits for the first answer. */
  start(): void {
    this.#started = true
    void this.#keepCurrent()
  }

  stop(): void {
    this.#started = false
    clearTimeout(this.#timer)
  }

  /** Age of the keys in use once it is more than the regular refresh explains, otherwise 0. */
  staleSeconds(): number {
    const { now, refreshMs, jitter, timeoutMs } = this.#options
    const age = now() - this.#readAt
    return age <= refreshMs * (1 + jitter) + timeoutMs ? 0 : Math.floor(age / 1000)
  }

  /** The key that must have signed; refused with AuthError when there is none. */
  async find(kid: string | undefined, algorithm: Algorithm): Promise<CryptoKey> {
    const known = this.#current()?.find(kid, algorithm)
    if (known) return known
    await this.#refreshForUnknown()
    const keys = this.#current()
    if (!keys) throw new AuthError('jwks_unavailable')
    const key = keys.find(kid, algorithm)
    if (!key) throw new AuthError('unknown_key')
    return key
  }

  /** Reads the set; never rejects. Callers at the same time share one request. */
  refresh(): Promise<void> {
    this.#running ??= this.#read().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  #current(): KeySet | undefined {
    return this.#options.now() - this.#readAt <= this.#options.maxAgeMs ? this.#keys : undefined
  }

  #refreshForUnknown(): Promise<void> | undefined {
    if (this.#running) return this.#running
    const now = this.#options.now()
    if (now - this.#askedAt < this.#options.unknownKidMs) return undefined
    this.#askedAt = now
    return this.refresh()
  }

  async #read(): Promise<void> {
    const { fetchText: read, timeoutMs, maxBytes, now, onFailure, onRead } = this.#options
    try {
      this.#keys = await importKeySet(await read(this.#uri, { timeoutMs, maxBytes }))
      this.#readAt = now()
      onRead()
    } catch (error) {
      onFailure(error)
    }
  }

  async #keepCurrent(): Promise<void> {
    await this.refresh()
    if (!this.#started) return
    const { refreshMs, jitter } = this.#options
    const wait = refreshMs * (1 + jitter * (2 * Math.random() - 1))
    this.#timer = setTimeout(() => void this.#keepCurrent(), wait)
    this.#timer.unref()
  }
}

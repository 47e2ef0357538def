// Which tenant an API key belongs to. Git and the gateway hold only its SHA-256.
import { timingSafeEqual } from 'node:crypto'
import type { ApiKey, Tenant } from '../discovery/directory.ts'
import { isHardToGuess } from './api-key-form.ts'
import { AuthError } from './auth-error.ts'

const dayMs = 86_400_000

export interface KeyOwner {
  tenant: Tenant
  key: ApiKey
}

interface IndexedKey {
  digest: Buffer
  /** Found out at its first use. */
  isHardToGuess?: boolean
  /** More than one only when two tenants list the same key. */
  owners: KeyOwner[]
}

/** All keys of a set of tenants. Built anew for each set, so a key that is gone from it is refused at once. */
export class ApiKeyIndex {
  readonly #byHash = new Map<string, IndexedKey>()

  constructor(tenants: readonly Tenant[]) {
    for (const tenant of tenants) for (const key of tenant.apiKeys) this.#add({ tenant, key })
  }

  /**
   * The owner of a key that is valid at `now` (milliseconds); undefined when no tenant has it, AuthError when it may not be used.
   * @param name SHA-256 of the key in base64
   */
  find(apiKey: string, name: string, now: number): KeyOwner | undefined {
    const entry = this.#byHash.get(name)
    // The Map compares with an early end; this decides.
    if (!entry || !timingSafeEqual(entry.digest, Buffer.from(name, 'base64'))) return undefined
    entry.isHardToGuess ??= isHardToGuess(apiKey)
    if (!entry.isHardToGuess) throw new AuthError('weak_key')
    const [owner, another] = entry.owners
    if (!owner || another) throw new AuthError('several_tenants')
    if (!(now < endOf(owner.key.expires))) throw new AuthError('key_expired')
    return owner
  }

  #add(owner: KeyOwner): void {
    const digest = Buffer.from(owner.key.sha256, 'hex')
    const name = digest.toString('base64')
    const owners = this.#byHash.get(name)?.owners.filter(({ tenant }) => tenant !== owner.tenant) ?? []
    this.#byHash.set(name, { digest, owners: [...owners, owner] })
  }
}

/** Milliseconds at which the day ends in UTC; not a number, and so never later than now, for what is no date. */
const endOf = (day: string): number => Date.parse(`${day}T00:00:00Z`) + dayMs

// API keys: how they look, and which tenant a key belongs to. Git and the gateway hold only their SHA-256.
import { hash, randomBytes, timingSafeEqual } from 'node:crypto'
import { crc32 } from 'node:zlib'
import type { ApiKey, Tenant } from '../discovery/directory.ts'
import { AuthError } from './auth-error.ts'

export const apiKeyPrefix = 'sk-'

const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
/** 32 bytes are at most 43 digits of base 62. */
const secretBytes = 32
const secretLength = 43
const shape = /^(sk-[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?-[0-9A-Za-z]{43})-([0-9a-f]{8})$/
const dayMs = 86_400_000

/** A new key: `sk-<tenant>-<43 base62 characters>-<CRC-32 of all before it>`. */
export function makeApiKey(tenant: string, random: Uint8Array = randomBytes(secretBytes)): string {
  if (random.length !== secretBytes) throw new Error(`an API key needs ${secretBytes} random bytes`)
  let rest = BigInt(`0x${Buffer.from(random).toString('hex')}`)
  let secret = ''
  for (let index = 0; index < secretLength; index++) {
    secret = digits[Number(rest % 62n)] + secret
    rest /= 62n
  }
  const body = `${apiKeyPrefix}${tenant}-${secret}`
  return `${body}-${checksum(body)}`
}

/** Whether the shape and the checksum are right: keys that were cut off or mistyped are told apart from unknown ones. */
export function looksLikeApiKey(text: string): boolean {
  const [, body = '', sum] = shape.exec(text) ?? []
  return sum !== undefined && checksum(body) === sum
}

const checksum = (text: string): string => crc32(text).toString(16).padStart(8, '0')

export interface KeyOwner {
  tenant: Tenant
  key: ApiKey
}

interface IndexedKey {
  digest: Buffer
  /** More than one only when two tenants list the same key. */
  owners: KeyOwner[]
}

/** All keys of a set of tenants. Built anew for each set, so a key that is gone from it is refused at once. */
export class ApiKeyIndex {
  readonly #byHash = new Map<string, IndexedKey>()

  constructor(tenants: readonly Tenant[]) {
    for (const tenant of tenants) for (const key of tenant.apiKeys) this.#add({ tenant, key })
  }

  /** The owner of a key that is valid at `now` (milliseconds); any other key is refused with AuthError. */
  find(apiKey: string, now: number): KeyOwner {
    if (!looksLikeApiKey(apiKey)) throw new AuthError('malformed')
    const digest = hash('sha256', apiKey, 'buffer')
    const entry = this.#byHash.get(digest.toString('hex'))
    // The Map compares with an early end; this decides.
    if (!entry || !timingSafeEqual(entry.digest, digest)) throw new AuthError('unknown_key')
    const [owner, another] = entry.owners
    if (!owner || another) throw new AuthError('several_tenants')
    if (!(now < endOf(owner.key.expires))) throw new AuthError('key_expired')
    return owner
  }

  #add(owner: KeyOwner): void {
    const digest = Buffer.from(owner.key.sha256, 'hex')
    const name = digest.toString('hex')
    const owners = this.#byHash.get(name)?.owners.filter(({ tenant }) => tenant !== owner.tenant) ?? []
    this.#byHash.set(name, { digest, owners: [...owners, owner] })
  }
}

/** Milliseconds at which the day ends in UTC; not a number, and so never later than now, for what is no date. */
const endOf = (day: string): number => Date.parse(`${day}T00:00:00Z`) + dayMs

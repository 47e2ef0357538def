// The public keys of one JWK set, each imported once for the algorithm it verifies.
import { importJWK, type JWK } from 'jose'

/** Fixed here and never taken from a token: the choice of the algorithm is the classic forgery. */
export const algorithms = ['RS256', 'PS256', 'ES256', 'EdDSA'] as const

export type Algorithm = (typeof algorithms)[number]

export const isAlgorithm = (name: unknown): name is Algorithm => algorithms.includes(name as Algorithm)

const minRsaBits = 2048

export class KeySet {
  readonly #byAlgorithm = new Map<Algorithm, Map<string | undefined, CryptoKey>>()
  size = 0

  /** Of two keys with the same id and algorithm the first stays. */
  add(kid: string | undefined, algorithm: Algorithm, key: CryptoKey): void {
    const keys = this.#byAlgorithm.get(algorithm) ?? new Map<string | undefined, CryptoKey>()
    if (keys.has(kid)) return
    this.#byAlgorithm.set(algorithm, keys.set(kid, key))
    this.size += 1
  }

  /** The key of that id; for a token without an id, the only key of its algorithm. */
  find(kid: string | undefined, algorithm: Algorithm): CryptoKey | undefined {
    const keys = this.#byAlgorithm.get(algorithm)
    if (kid !== undefined || !keys) return keys?.get(kid)
    return keys.size === 1 ? keys.values().next().value : undefined
  }
}

/** Keys that cannot be used here are left out; a set without any usable key is an error. */
export async function importKeySet(json: string): Promise<KeySet> {
  const set: unknown = JSON.parse(json)
  const list = typeof set === 'object' && set !== null && 'keys' in set && Array.isArray(set.keys) ? set.keys : []
  const keys = new KeySet()
  for (const jwk of list) {
    for (const algorithm of algorithmsOf(jwk)) {
      const key = await importKey(jwk, algorithm)
      if (key) keys.add(jwk.kid, algorithm, key)
    }
  }
  if (keys.size === 0) throw new Error('the JWK set has no usable key')
  return keys
}

/** What a key of the set may verify; nothing for symmetric keys, which prove nothing once they are public. */
function algorithmsOf(jwk: unknown): Algorithm[] {
  if (typeof jwk !== 'object' || jwk === null) return []
  const { kty, crv, alg, kid, use } = jwk as Record<string, unknown>
  if (kid !== undefined && typeof kid !== 'string') return []
  if (use !== undefined && use !== 'sig') return []
  const fitting = fittingAlgorithms(kty, crv)
  return alg === undefined ? fitting : fitting.filter((name) => name === alg)
}

function fittingAlgorithms(kty: unknown, crv: unknown): Algorithm[] {
  if (kty === 'RSA') return ['RS256', 'PS256']
  if (kty === 'EC' && crv === 'P-256') return ['ES256']
  return kty === 'OKP' && crv === 'Ed25519' ? ['EdDSA'] : []
}

async function importKey(jwk: JWK, algorithm: Algorithm): Promise<CryptoKey | undefined> {
  try {
    const key = await importJWK(jwk, algorithm)
    // The same holds for a private key in a public set.
    if (key instanceof Uint8Array || key.type !== 'public') return undefined
    const { modulusLength = minRsaBits } = key.algorithm as { modulusLength?: number }
    return modulusLength < minRsaBits ? undefined : key
  } catch {
    // One broken key must not take the others along.
    return undefined
  }
}

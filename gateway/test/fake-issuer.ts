// An identity provider on loopback: it counts what is asked, signs tokens, rotates keys and can be away.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, type JWK, type JWTHeaderParameters, type JWTPayload, SignJWT } from 'jose'
import type { AuthError } from '../auth/auth-error.ts'
import type { Algorithm } from '../auth/key-set.ts'
import { emptySnapshot, type Snapshot, type Tenant } from '../discovery/directory.ts'

export class FakeIssuer {
  readonly issuer = 'https://issuer.test/pool'
  /** What the JWKS address serves. */
  keys: JWK[] = []
  status = 200
  requests: string[] = []
  readonly #private = new Map<string, CryptoKey>()
  readonly #server: Server

  constructor() {
    this.#server = createServer((request, response) => {
      this.requests.push(request.url ?? '')
      const location = this.status === 302 ? { location: '/elsewhere' } : {}
      response.writeHead(this.status, { 'content-type': 'application/json', ...location })
      response.end(JSON.stringify({ keys: this.keys }))
    })
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  get jwksUri(): string {
    return `${this.url}/jwks.json`
  }

  async addKey(kid: string, alg: Algorithm): Promise<JWK> {
    const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
    const jwk: JWK = { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' }
    this.#private.set(kid, privateKey)
    this.keys.push(jwk)
    return jwk
  }

  /** A token of that key; `claims` and `header` add to or replace what a good one has. */
  sign(kid: string, alg: Algorithm, claims: JWTPayload, header: Partial<JWTHeaderParameters> = {}): Promise<string> {
    const key = this.#private.get(kid)
    if (!key) throw new Error(`no key ${kid}`)
    return new SignJWT({ iss: this.issuer, ...claims }).setProtectedHeader({ alg, kid, ...header }).sign(key)
  }
}

/** A clock that moves only when asked. */
export class FakeClock {
  ms = Date.UTC(2027, 0, 15, 12)
  readonly now = (): number => this.ms

  /** Seconds since 1970, for claims. */
  get seconds(): number {
    return Math.floor(this.ms / 1000)
  }

  pass(seconds: number): void {
    this.ms += seconds * 1000
  }
}

export const tenant = (name: string, more: Partial<Tenant> = {}): Tenant => ({
  name,
  claims: { client_id: name },
  limits: { requestsPerMinute: 60, tokensPerMinute: 1000, concurrency: 4 },
  apiKeys: [],
  ...more,
})

export const snapshotOf = (...tenants: Tenant[]): Snapshot => ({ ...emptySnapshot, tenants })

/** The reason of the refusal, or what came instead of one. */
export async function refusalOf(attempt: () => unknown): Promise<string> {
  try {
    await attempt()
    return 'accepted'
  } catch (error) {
    return (error as Partial<AuthError>).reason ?? String(error)
  }
}

export const base64url = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')

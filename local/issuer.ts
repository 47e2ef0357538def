// A development issuer: OpenID discovery and key set on loopback, one key that lives in memory alone, and the tokens it signs.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'

/** Long enough for a working day; a new start gives a new key and a new token. */
export const tokenHours = 8

const algorithm = 'ES256'
const keyId = 'local'

export interface TrustedIssuer {
  issuer: string
  audiences: string[]
  jwksUri: string
  scopes: string[]
}

export class DevelopmentIssuer {
  readonly #key: CryptoKey
  readonly #public: JWK
  readonly #server: Server

  private constructor(key: CryptoKey, publicKey: JWK) {
    this.#key = key
    this.#public = { ...publicKey, kid: keyId, alg: algorithm, use: 'sig' }
    this.#server = createServer((request, response) => {
      const answer = this.#answers().get(request.url ?? '')
      response.writeHead(answer === undefined ? 404 : 200, { 'content-type': 'application/json' })
      response.end(answer === undefined ? undefined : JSON.stringify(answer))
    })
  }

  static async start(): Promise<DevelopmentIssuer> {
    const { privateKey, publicKey } = await generateKeyPair(algorithm)
    const issuer = new DevelopmentIssuer(privateKey, await exportJWK(publicKey))
    await new Promise<void>((resolve) => issuer.#server.listen(0, '127.0.0.1', resolve))
    return issuer
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** As the gateway takes it in OIDC_ISSUERS. */
  get trusted(): TrustedIssuer {
    return { issuer: this.url, audiences: ['slipway'], jwksUri: `${this.url}/jwks.json`, scopes: ['slipway/invoke'] }
  }

  #answers(): ReadonlyMap<string, object> {
    const { issuer, jwksUri, scopes } = this.trusted
    const discovery = {
      issuer,
      jwks_uri: jwksUri,
      scopes_supported: scopes,
      response_types_supported: ['token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: [algorithm],
    }
    return new Map<string, object>([
      ['/.well-known/openid-configuration', discovery],
      ['/jwks.json', { keys: [this.#public] }],
    ])
  }

  /** A token with these claims; of a list that means "one of" the first value is taken. */
  sign(claims: Readonly<Record<string, string | readonly string[]>>): Promise<string> {
    const { issuer, audiences, scopes } = this.trusted
    const own = Object.entries(claims).map(([name, value]) => [name, typeof value === 'string' ? value : value[0]])
    return new SignJWT({ ...Object.fromEntries(own), scope: scopes.join(' ') })
      .setProtectedHeader({ alg: algorithm, kid: keyId })
      .setIssuer(issuer)
      .setAudience(audiences)
      .setIssuedAt()
      .setExpirationTime(`${tokenHours}h`)
      .sign(this.#key)
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }
}

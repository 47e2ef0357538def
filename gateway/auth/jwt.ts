// One token of a configured issuer: everything is checked here, from its length to its scopes.
import { errors, type JWTPayload, jwtVerify } from 'jose'
import type { Issuer } from '../config.ts'
import { AuthError } from './auth-error.ts'
import type { JwksStore } from './jwks.ts'
import { type Algorithm, algorithms, isAlgorithm } from './key-set.ts'

export interface IssuerKeys {
  issuer: Issuer
  keys: Pick<JwksStore, 'find'>
}

/** Claims whose signature, times, audience and scopes hold. */
export type VerifiedClaims = JWTPayload & { exp: number }

export const maxTokenLength = 8192
const clockToleranceSeconds = 30
const compactJws = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/

export class JwtVerifier {
  readonly #issuers: ReadonlyMap<unknown, IssuerKeys>
  readonly #now: () => number

  constructor(issuers: readonly IssuerKeys[], now: () => number) {
    this.#issuers = new Map(issuers.map((entry) => [entry.issuer.issuer, entry]))
    this.#now = now
  }

  /** The claims of a good token; any other is refused with AuthError. */
  async verify(token: string): Promise<VerifiedClaims> {
    if (token.length > maxTokenLength) throw new AuthError('too_long')
    if (!compactJws.test(token)) throw new AuthError('malformed')
    const [header = '', payload = ''] = token.split('.')
    const { kid, algorithm } = readHeader(header)
    // The issuer is only picked by this; jwtVerify compares it again once the signature holds.
    const unverified = parseObject(payload)
    const trusted = this.#issuers.get(unverified.iss)
    if (!trusted) throw new AuthError('wrong_issuer')
    const key = await trusted.keys.find(kid, algorithm)
    const claims = await this.#checkSignature(token, key, trusted.issuer, Object.hasOwn(unverified, 'aud'))
    checkScopesAndAudience(claims, trusted.issuer)
    return claims
  }

  /** What a verified token may do, as its issuer says it. */
  scopesOf(claims: VerifiedClaims): ReadonlySet<unknown> {
    return scopesOf(claims, this.#issuers.get(claims.iss)?.issuer.scopeClaims)
  }

  async #checkSignature(
    token: string,
    key: CryptoKey,
    { issuer, audiences }: Issuer,
    hasAudience: boolean,
  ): Promise<VerifiedClaims> {
    try {
      const { payload } = await jwtVerify<VerifiedClaims>(token, key, {
        algorithms: [...algorithms],
        issuer,
        ...(hasAudience && { audience: audiences }),
        requiredClaims: ['exp'],
        clockTolerance: clockToleranceSeconds,
        currentDate: new Date(this.#now()),
      })
      return payload
    } catch (error) {
      throw refusalFor(error)
    }
  }
}

/** `jwk`, `jku`, `x5c` and `x5u` are not looked at: a token does not say which key proves it. */
function readHeader(part: string): { kid: string | undefined; algorithm: Algorithm } {
  const { alg, kid, typ, crit } = parseObject(part)
  if (!isAlgorithm(alg)) throw new AuthError('bad_algorithm')
  // No extension is understood here, so none may be critical.
  if (crit !== undefined || (kid !== undefined && typeof kid !== 'string')) throw new AuthError('malformed')
  if (typ !== undefined && !isTokenType(typ)) throw new AuthError('malformed')
  return { kid, algorithm: alg }
}

const isTokenType = (typ: unknown): boolean =>
  typeof typ === 'string' && /^(?:application\/)?(?:jwt|at\+jwt)$/i.test(typ)

function parseObject(part: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch {
    // Refused below like every other thing that is not an object.
  }
  throw new AuthError('malformed')
}

/**
 * One of the scopes is enough, as for the HTTP API. Access tokens of Cognito have no `aud`: such a token is accepted only when it
 * says `token_use: access` and has a scope, since Cognito’s scopes begin with the name of the resource server.
 */
function checkScopesAndAudience(claims: JWTPayload, { scopes, scopeClaims }: Issuer): void {
  const granted = scopesOf(claims, scopeClaims)
  const hasScope = scopes.some((scope) => granted.has(scope))
  // jwtVerify has compared an `aud` that is there.
  if (!Object.hasOwn(claims, 'aud') && !(claims.token_use === 'access' && hasScope))
    throw new AuthError('wrong_audience')
  if (!hasScope && scopes.length > 0) throw new AuthError('missing_scope')
}

/** `scope` as in RFC 8693, or `scp` of Entra ID and Okta; an Entra ID token of a program has only `roles`. */
function scopesOf(claims: JWTPayload, names: readonly string[] = ['scope', 'scp']): Set<unknown> {
  return new Set(
    names
      .map((name) => claims[name])
      .flatMap((claim) => (typeof claim === 'string' ? claim.split(' ') : (claim ?? []))),
  )
}

function refusalFor(error: unknown): unknown {
  if (error instanceof errors.JWSSignatureVerificationFailed) return new AuthError('bad_signature')
  if (error instanceof errors.JWTExpired) return new AuthError('expired')
  if (error instanceof errors.JWTClaimValidationFailed) {
    if (error.claim === 'aud') return new AuthError('wrong_audience')
    if (error.claim === 'nbf' && error.reason === 'check_failed') return new AuthError('not_yet_valid')
  }
  // Anything but a fault of the token is a fault of the program and must be seen as one.
  return error instanceof errors.JOSEError ? new AuthError('malformed') : error
}

// Why a request is not let in: one closed list of words for metrics, each with the sentence that the client reads.
import { ApiError } from '../api-error.ts'

// No sentence holds a part of a token, a key or a claim: answers and logs keep them.
const messages = {
  missing: 'No credentials. Send the header "Authorization: Bearer <token>", or "x-api-key: <key>".',
  malformed: 'The Authorization header is not one well-formed bearer token or API key.',
  too_long: 'The token is longer than 8192 bytes.',
  bad_algorithm: 'The token is not signed with RS256, PS256, ES256 or EdDSA.',
  bad_signature: 'The signature of the token is wrong.',
  expired: 'The token has expired.',
  not_yet_valid: 'The token is not valid yet.',
  unknown_key: 'The API key, or the key that signed the token, is not known.',
  wrong_issuer: 'The issuer of the token is not accepted here.',
  wrong_audience: 'The token is for another audience.',
  missing_scope: 'The token lacks a scope that is needed here.',
  no_tenant: 'The token belongs to no tenant.',
  several_tenants: 'The credentials belong to several tenants.',
  key_expired: 'The API key has expired.',
  weak_key: 'The API key is too easy to guess; ask for another one.',
  key_on_api_lane: 'API keys are accepted under /stream only; use a token of the identity provider here.',
  jwks_unavailable: 'The keys of the token’s issuer cannot be read at the moment.',
} as const

export type AuthReason = keyof typeof messages

export const authReasons = Object.keys(messages) as AuthReason[]

/**
 * 401; only while no key of the issuer is known it is 502, which SDKs repeat, since the token may well be good.
 * Never 503: some clients repeat that without a pause.
 */
export class AuthError extends ApiError {
  declare readonly reason: AuthReason

  constructor(reason: AuthReason) {
    const message = messages[reason]
    if (reason === 'jwks_unavailable') super({ status: 502, code: 'auth_unavailable', message, reason, retryAfter: 5 })
    else {
      // RFC 6750: no error code for a request without credentials.
      const challenge = reason === 'missing' ? 'Bearer' : 'Bearer error="invalid_token"'
      super({ status: 401, code: 'invalid_api_key', message, reason, headers: { 'www-authenticate': challenge } })
    }
  }
}

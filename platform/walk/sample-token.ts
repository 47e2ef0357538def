// Credentials of the right form for a walk on which nobody checks a signature.
import type { Credentials } from './credential-cases.ts'
import { type Declared, walkingTenant } from './declared.ts'
import { canaryClaims, type IssuedToken, issuedToken, strangerClaims } from './issuer-tokens.ts'

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

const unsigned = ({ header, claims }: IssuedToken, alg: string): string =>
  `${encoded({ ...header, alg, kid: 'sample' })}.${encoded(claims)}.unsigned`

export function sampleCredentials(declared: Declared): Credentials {
  const tenant = walkingTenant(declared)
  const token = issuedToken(declared.cluster, tenant.claims)
  return {
    token: unsigned(token, 'RS256'),
    elliptic: unsigned(token, 'ES256'),
    canary: unsigned(issuedToken(declared.cluster, canaryClaims(declared.cluster, tenant.claims)), 'RS256'),
    stranger: unsigned(issuedToken(declared.cluster, strangerClaims), 'RS256'),
    apiKey: `sk-${tenant.name}-${'0'.repeat(43)}-00000000`,
  }
}

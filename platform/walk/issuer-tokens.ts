// Access tokens as each kind of issuer makes them for a program (OAuth client credentials), so that the walk is refused where a
// real caller would be. Sources beside generators/schema/oidc.ts, read 2026-11-30.
import type { Cluster } from '../../generators/schema/cluster.ts'
import { clientsOf, type IssuerKindName, kindOf } from '../../generators/schema/oidc.ts'

type Claims = Record<string, unknown>
type TenantClaims = Readonly<Record<string, string | readonly string[]>>

interface Grant {
  issuer: string
  audience: string
  client: string
  scopes: readonly string[]
}

interface Shape {
  /** Beside `alg` and `kid`. */
  header: Claims
  claims(grant: Grant): Claims
}

const spaced = (scopes: readonly string[]): string => scopes.join(' ')
const object = 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee'

const shapes: Record<IssuerKindName, Shape> = {
  // No `aud`, and no claim of a user.
  cognito: {
    header: {},
    claims: ({ issuer, client, scopes }) => ({
      sub: client,
      token_use: 'access',
      scope: spaced(scopes),
      auth_time: 1_764_500_000,
      iss: issuer,
      version: 2,
      jti: object,
      client_id: client,
    }),
  },
  auth0: {
    header: { typ: 'JWT' },
    claims: ({ issuer, audience, client, scopes }) => ({
      iss: issuer,
      sub: `${client}@clients`,
      aud: audience,
      azp: client,
      scope: spaced(scopes),
      gty: 'client-credentials',
    }),
  },
  okta: {
    header: {},
    claims: ({ issuer, audience, client, scopes }) => ({
      ver: 1,
      jti: 'AT.example',
      iss: issuer,
      aud: audience,
      cid: client,
      scp: scopes,
      sub: client,
    }),
  },
  // A program has roles; `scp` is for tokens of a person. An issuer with a slash at its end makes version 1.
  entra: {
    header: { typ: 'JWT' },
    claims: ({ issuer, audience, client, scopes }) => ({
      aud: audience,
      iss: issuer,
      [issuer.endsWith('/') ? 'appid' : 'azp']: client,
      azpacr: '1',
      oid: object,
      roles: scopes,
      sub: object,
      tid: issuer.split('/')[3],
      ver: issuer.endsWith('/v2.0') ? '2.0' : '1.0',
    }),
  },
  keycloak: {
    header: { typ: 'JWT' },
    claims: ({ issuer, audience, client, scopes }) => ({
      jti: object,
      iss: issuer,
      aud: [audience, 'account'],
      sub: object,
      typ: 'Bearer',
      azp: client,
      acr: '1',
      scope: spaced(['profile', 'email', ...scopes]),
      clientId: client,
      client_id: client,
    }),
  },
  generic: {
    header: { typ: 'at+jwt' },
    claims: ({ issuer, audience, client, scopes }) => ({
      iss: issuer,
      aud: audience,
      sub: `${client}-service`,
      client_id: client,
      jti: object,
      scope: spaced(scopes),
    }),
  },
}

const firstOf = (value: string | readonly string[] | undefined): string | undefined =>
  typeof value === 'object' ? value[0] : value

/** Of a client that no tenant names; the id has a form that every issuer could give. */
const stranger = '9example00000000stranger'
export const strangerClaims: TenantClaims = { client_id: stranger, azp: stranger, cid: stranger, appid: stranger }

/** Claims by which the canary’s client is found; without one, the tenant’s. */
export const canaryClaims = ({ oidc, monitoring: { canary } }: Cluster, tenant: TenantClaims): TenantClaims =>
  canary === undefined ? tenant : { [clientsOf(oidc)[0] ?? '']: canary.clientId }

export interface IssuedToken {
  header: Claims
  claims: Claims
}

/**
 * The token with which a program of that tenant comes: what the kind’s tokens say, and other claims of the tenant as somebody added
 * them. A claim by which another kind names clients is not added: no issuer does that.
 */
export function issuedToken({ oidc }: Cluster, tenant: TenantClaims): IssuedToken {
  const kind = kindOf(oidc)
  const { header, claims } = shapes[oidc.kind]
  const [audience = ''] = oidc.audiences
  const client = clientsOf(oidc)
    .map((claim) => firstOf(tenant[claim]))
    .find((id) => id !== undefined)
  const added = Object.entries(tenant)
    .filter(([claim]) => kind.added.includes(claim))
    .map(([claim, value]): [string, unknown] => [claim, firstOf(value)])
  const made = claims({ issuer: oidc.issuer, audience, client: client ?? stranger, scopes: oidc.scopes })
  return { header, claims: { ...made, ...Object.fromEntries(added) } }
}

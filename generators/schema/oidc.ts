// Issuers of tokens by kind: what their access tokens say, as far as a caller could be shut out by it.

/**
 * What the HTTP API compares (API Gateway Developer Guide, http-api-jwt-authorizer, http-api-troubleshooting-jwt and http-api-quotas,
 * read 2026-11-30): `iss` letter by letter; `aud`, or `client_id` only where a token has no `aud`; one of the route's scopes in
 * `scope` or `scp`; signatures of RSA alone.
 */
export const httpApiLimits = { audiences: 50, scopes: 10 } as const

export interface IssuerKind {
  /** As people call it. */
  title: string
  /** Form of the issuer, exactly as tokens have it in `iss`. */
  issuer: RegExp
  /** How an issuer of this kind is known, whatever else is wrong with it. */
  known?: RegExp
  example: string
  /** The key set, as the issuer’s discovery document names it. */
  jwksUri: (issuer: string) => string
  /** false: access tokens have no `aud`, so that the ids of all clients are audiences. */
  hasAudience: boolean
  /** Form of an audience in tokens of that issuer; anything where the kind says nothing. */
  audience?: (issuer: string) => RegExp
  audienceExample: string
  /** Claims that name the client that asked for the token, the usual one first. */
  clients: readonly string[]
  /** Those that tokens of that issuer have, where the kind has several forms of tokens. */
  clientsOf?: (issuer: string) => readonly string[]
  /** Form of a client’s id; anything where the kind says nothing. */
  clientId?: RegExp
  /** The id of a sample’s client in that form. */
  sampleClient?: (sample: string) => string
  /** Claims that a program’s token has only when somebody adds them there. */
  added: readonly string[]
  /** Claims that hold what a token may do. */
  scopeClaims: readonly string[]
  /** Form of a scope as tokens have it. */
  scope: RegExp
  scopeExample: string
  /** What a program asks for at the token endpoint, beside grant and client. */
  tokenRequest: (wanted: { audience: string; scopes: readonly string[] }) => Record<string, string>
}

const wellKnown = (issuer: string): string => `${issuer.replace(/\/$/, '')}/.well-known/jwks.json`
const below = (path: string) => (issuer: string) => `${issuer.replace(/\/$/, '')}/${path}`

/** Claims by which some issuer names the client of a token. No token has those of another kind. */
export const clientClaims = ['client_id', 'azp', 'cid', 'appid'] as const

const scopeAlone = ({ scopes }: { scopes: readonly string[] }) => ({ scope: scopes.join(' ') })

const word = /^[^\s"\\]+$/
const guid = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'
/** Everywhere, for the government of the United States, in China (Microsoft identity platform, national clouds, read 2026-12-01). */
const entraLogin = /login\.(?:microsoftonline\.(?:com|us)|partner\.microsoftonline\.cn)/
const onlyGuid = new RegExp(`^${guid}$`)

/** Tokens of version 2 have the API’s application ID as audience and the client in `azp`; those of version 1 its URI too, and `appid`. */
const isSecondVersion = (issuer: string): boolean => issuer.endsWith('/v2.0')

/**
 * Sources, read 2026-11-30. Cognito: Developer Guide, amazon-cognito-user-pools-using-the-access-token and scopes of resource servers.
 * Auth0: docs, access-token-profiles. Okta: developer guide, OAuth access token payload (`cid`, `scp`). Entra ID: Microsoft identity
 * platform, access-token-claims-reference (`azp` in version 2, `appid` in version 1; a token without a user has `roles` and no `scp`).
 * Keycloak: server administration, audience support and client scopes. Any other: RFC 9068.
 */
export const issuerKinds = {
  cognito: {
    title: 'Amazon Cognito',
    issuer: /^https:\/\/cognito-idp\.([a-z0-9-]+)\.amazonaws\.com\/\1_[A-Za-z0-9]+$/,
    known: /^https:\/\/cognito-idp\./,
    example: 'https://cognito-idp.us-east-1.amazonaws.com/us-east-1_EXAMPLE01',
    jwksUri: wellKnown,
    hasAudience: false,
    audienceExample: 'slipway',
    clients: ['client_id'],
    clientId: /^[\w+]{1,128}$/,
    added: ['groups', 'roles', 'email', 'username', 'cognito:groups'],
    scopeClaims: ['scope', 'scp'],
    // Without the name of a resource server a scope says nothing about whom the token is for.
    scope: /^[^\s"\\/]+\/\S+$/,
    scopeExample: 'slipway/invoke',
    tokenRequest: scopeAlone,
  },
  auth0: {
    title: 'Auth0',
    issuer: /^https:\/\/[^/]+\/$/,
    known: /^https:\/\/[^/]+\.auth0\.com/,
    example: 'https://example.eu.auth0.com/',
    jwksUri: wellKnown,
    hasAudience: true,
    audienceExample: 'slipway',
    // The second one in the profile of RFC 9068.
    clients: ['azp', 'client_id'],
    added: ['groups', 'roles', 'email', 'permissions'],
    scopeClaims: ['scope', 'scp'],
    scope: word,
    scopeExample: 'invoke',
    tokenRequest: ({ audience, scopes }) => ({ audience, scope: scopes.join(' ') }),
  },
  okta: {
    title: 'Okta',
    issuer: /^https:\/\/[^/]+\/oauth2\/[^/]+$/,
    known: /^https:\/\/[^/]+\.okta(?:preview|-emea)?\.com/,
    example: 'https://example.okta.com/oauth2/default',
    jwksUri: below('v1/keys'),
    hasAudience: true,
    audienceExample: 'slipway',
    clients: ['cid'],
    added: ['groups', 'roles', 'email'],
    scopeClaims: ['scope', 'scp'],
    scope: word,
    scopeExample: 'invoke',
    tokenRequest: scopeAlone,
  },
  entra: {
    title: 'Microsoft Entra ID',
    issuer: new RegExp(
      `^https://(?:${entraLogin.source}/${guid}/v2\\.0|sts\\.(?:windows\\.net|chinacloudapi\\.cn)/${guid}/)$`,
    ),
    known: /^https:\/\/(?:login\.(?:partner\.)?microsoftonline\.|sts\.(?:windows\.net|chinacloudapi\.cn))/,
    example: 'https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0',
    jwksUri: (issuer) => {
      const [, , host = '', directory = ''] = issuer.split('/')
      const login =
        entraLogin.exec(host)?.[0] ??
        (host.endsWith('.cn') ? 'login.partner.microsoftonline.cn' : 'login.microsoftonline.com')
      return `https://${login}/${directory}/discovery/v2.0/keys`
    },
    hasAudience: true,
    audience: (issuer) => (isSecondVersion(issuer) ? onlyGuid : word),
    audienceExample: '66666666-7777-4888-9999-aaaaaaaaaaaa',
    clients: ['azp', 'appid'],
    clientsOf: (issuer) => [isSecondVersion(issuer) ? 'azp' : 'appid'],
    clientId: onlyGuid,
    sampleClient: (sample) =>
      `00000000-0000-4000-8000-${Buffer.from(sample).toString('hex').padEnd(12, '0').slice(0, 12)}`,
    added: ['groups', 'email'],
    // The HTTP API reads no roles, so there only the gateway asks for a scope.
    scopeClaims: ['scp', 'roles'],
    // A scope is asked for as api://…/invoke, and is in the token as invoke.
    scope: /^(?!\.default$)[^\s"\\/]+$/,
    scopeExample: 'invoke',
    tokenRequest: ({ audience }) => ({ scope: `${audience}/.default` }),
  },
  keycloak: {
    title: 'Keycloak',
    issuer: /^https:\/\/[^/]+\/(?:[^/]+\/)*realms\/[^/]+$/,
    known: /\/realms\//,
    example: 'https://id.example.com/realms/models',
    jwksUri: below('protocol/openid-connect/certs'),
    hasAudience: true,
    audienceExample: 'slipway',
    clients: ['azp', 'client_id'],
    added: ['groups', 'roles', 'email'],
    scopeClaims: ['scope', 'scp'],
    scope: word,
    scopeExample: 'invoke',
    tokenRequest: scopeAlone,
  },
  generic: {
    title: 'any other issuer',
    issuer: /^https:\/\//,
    example: 'https://issuer.example.com',
    jwksUri: wellKnown,
    hasAudience: true,
    audienceExample: 'slipway',
    clients: [...clientClaims],
    added: [],
    scopeClaims: ['scope', 'scp'],
    scope: word,
    scopeExample: 'slipway/invoke',
    tokenRequest: scopeAlone,
  },
} as const satisfies Record<string, IssuerKind>

export type IssuerKindName = keyof typeof issuerKinds

export const issuerKindNames = Object.keys(issuerKinds) as IssuerKindName[]

export const kindOf = ({ kind }: { kind: IssuerKindName }): IssuerKind => issuerKinds[kind]

/** Claims that name the client in tokens of that very issuer, the usual one first. */
export const clientsOf = (oidc: { kind: IssuerKindName; issuer: string }): readonly string[] =>
  kindOf(oidc).clientsOf?.(oidc.issuer) ?? kindOf(oidc).clients

/** The kind whose issuers look like this one; undefined for any other. */
export const recognised = (issuer: string): IssuerKindName | undefined =>
  issuerKindNames.find((name) => (issuerKinds[name] as IssuerKind).known?.test(issuer))

/** Whether the HTTP API can ask for a scope: it reads `scope` and `scp`, and programs may have theirs elsewhere. */
export const scopesAtTheApi = (kind: IssuerKindName): boolean => !kindOf({ kind }).scopeClaims.includes('roles')

type Claims = Readonly<Record<string, string | readonly string[]>>

/** What the HTTP API takes as audience: those of the cluster file, and where tokens have none each tenant’s clients. */
export function acceptedAudiences(
  oidc: { kind: IssuerKindName; audiences: readonly string[] },
  tenants: readonly { claims: Claims }[],
): string[] {
  const clients = kindOf(oidc).hasAudience ? [] : tenants.flatMap(({ claims }) => [claims.client_id ?? []].flat())
  return [...new Set([...oidc.audiences, ...clients])].sort()
}

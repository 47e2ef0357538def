// The HTTP API as data: routes, what it changes in a request, CORS, access log. Pure.
import { corsMaxAgeSeconds, corsMethods, corsRequestHeaders, exposedHeaders } from '../../gateway/security-headers.ts'
import type { Cluster } from '../../generators/schema/cluster.ts'
import { canaryPath } from '../../generators/schema/contract.ts'
import { clientsOf, scopesAtTheApi } from '../../generators/schema/oidc.ts'

/** The most an HTTP API takes; the gateway answers 3 s earlier, CloudFront waits twice as long. */
export const integrationTimeoutMs = 30_000

export type Access = 'token' | 'open'

/** Whether the HTTP API checks tokens: it reads the issuer’s documents from outside. Otherwise the gateway alone does, as on the stream lane. */
export const isAsked = ({ oidc }: Cluster): boolean => oidc.private === undefined

/**
 * Only a scope distinguishes an access token from an ID token. Where programs have roles in its place, which the HTTP API does not read, it
 * asks for the audience alone: an ID token has the client’s. The gateway asks for scope or role on both lanes.
 */
export const neededScopes = ({ oidc: { kind, scopes } }: Cluster) =>
  scopesAtTheApi(kind) ? { authorizationScopes: scopes } : {}

export interface PlannedRoute {
  /** Part of the resource’s name. */
  name: string
  key: string
  access: Access
}

/** Open is what browsers ask for without a token, files that are the same for everybody, and a canary that has no token. */
export const planRoutes = ({ monitoring }: Cluster): PlannedRoute[] => [
  ...routes,
  ...(monitoring.canary === undefined ? [{ name: 'canary', key: `POST ${canaryPath}`, access: 'open' as const }] : []),
]

const routes: readonly PlannedRoute[] = [
  { name: 'default', key: '$default', access: 'token' },
  // `$default` would take these too, and answer 401 before CORS.
  { name: 'preflight', key: 'OPTIONS /{proxy+}', access: 'open' },
  { name: 'console', key: 'GET /console', access: 'open' },
  { name: 'console-files', key: 'GET /console/{proxy+}', access: 'open' },
  { name: 'openapi', key: 'GET /openapi.json', access: 'open' },
  { name: 'docs', key: 'GET /docs', access: 'open' },
  { name: 'docs-files', key: 'GET /docs/{proxy+}', access: 'open' },
  // Clients look with these whether anybody is there.
  { name: 'root', key: 'GET /', access: 'open' },
  { name: 'root-head', key: 'HEAD /', access: 'open' },
]

/**
 * What the integration changes in a request. `overwrite`, not `append`: a value that the client sent must not survive. An open
 * route has no claims, and a mapping without a value might leave the client’s header, so there it is removed. x-origin-verify
 * stays as it came: set here, it would vouch for callers that went past CloudFront.
 */
export const requestParameters: Record<Access, Record<string, string>> = {
  token: requestChanges({ 'overwrite:header.x-auth-sub': '$context.authorizer.claims.sub' }),
  // The value of a removal is not used, but must not be missing.
  open: requestChanges({ 'remove:header.x-auth-sub': "''" }),
}

function requestChanges(identity: Record<string, string>): Record<string, string> {
  return {
    // Otherwise the stage comes before the path.
    'overwrite:path': '$request.path',
    'overwrite:header.x-request-id': '$context.requestId',
    ...identity,
  }
}

const list = (text: string): string[] => text.split(', ')

/** The gateway’s own lists: API Gateway replaces its CORS headers by these. */
export const corsConfiguration = ({ domain, edge: { corsOrigins } }: Cluster) => ({
  allowOrigins: [`https://${domain}`, ...corsOrigins],
  allowMethods: list(corsMethods),
  allowHeaders: list(corsRequestHeaders),
  exposeHeaders: list(exposedHeaders),
  // Tokens travel in a header; there are no cookies.
  allowCredentials: false,
  maxAge: corsMaxAgeSeconds,
})

/** Without query, headers and bodies; the caller is known by the token’s subject and client. */
const accessLogFields = (client: string) => ({
  requestId: '$context.requestId',
  sourceIp: '$context.identity.sourceIp',
  httpMethod: '$context.httpMethod',
  routeKey: '$context.routeKey',
  path: '$context.path',
  protocol: '$context.protocol',
  status: '$context.status',
  responseLength: '$context.responseLength',
  dataProcessed: '$context.dataProcessed',
  responseLatency: '$context.responseLatency',
  integrationStatus: '$context.integrationStatus',
  integrationLatency: '$context.integrationLatency',
  integrationError: '$context.integrationErrorMessage',
  authorizerError: '$context.authorizer.error',
  subject: '$context.authorizer.claims.sub',
  client: `$context.authorizer.claims.${client}`,
  error: '$context.error.message',
})

/** One line of JSON for each request; at most 3 KB. Every value is text: one that is missing is printed as a dash. */
export const accessLogFormat = ({ oidc }: Cluster): string =>
  JSON.stringify(accessLogFields(clientsOf(oidc)[0] ?? 'sub'))

/** What the API’s own domain asks of those who connect; nothing before the truststore is named, so that CloudFront can begin first. */
export const mutualTlsOf = (mutualTls: Cluster['edge']['mutualTls']) => {
  if (mutualTls?.truststore === undefined) return {}
  const { truststore: truststoreUri, truststoreVersion } = mutualTls
  return { mutualTlsAuthentication: { truststoreUri, ...(truststoreVersion && { truststoreVersion }) } }
}

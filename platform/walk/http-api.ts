// Step 3: the HTTP API chooses a route, asks for a token, and maps the request. The stream lane passes it by.
import { apiGatewayType, ofType, type Resource } from '../graph/graph.ts'
import { type Declared, theOnly } from './declared.ts'
import { BrokenPath, bodyBytes, own, type Passage, unreachable, type WalkRequest } from './request.ts'

/** 10 MB in both directions, not adjustable (API Gateway’s quotas for HTTP APIs). */
export const payloadLimitBytes = 10 * 1024 * 1024

interface Cors {
  allowOrigins: string[]
  allowMethods: string[]
  allowHeaders: string[]
  exposeHeaders: string[]
  maxAge: number
}

export const corsOf = (declared: Declared): Cors =>
  theOnly(declared, apiGatewayType('Api')).inputs.corsConfiguration as Cors

/** Full path before greedy path before `$default`, as HTTP APIs choose. */
function routeOf({ graph }: Declared, { method, path }: WalkRequest): Resource {
  const routes = ofType(graph, apiGatewayType('Route'))
  const key = ({ inputs }: Resource) => String(inputs.routeKey)
  const greedy = routes
    .filter((route) => key(route).endsWith('/{proxy+}'))
    .filter((route) => `${method} ${path}`.startsWith(key(route).slice(0, -'{proxy+}'.length)))
  const found =
    routes.find((route) => key(route) === `${method} ${path}`) ??
    greedy.toSorted((a, b) => key(b).length - key(a).length)[0] ??
    routes.find((route) => key(route) === '$default')
  if (found === undefined) throw new BrokenPath(`no route takes ${method} ${path}`)
  return found
}

/** Whether the API’s domain takes only those with a certificate. */
export const asksForCertificate = (declared: Declared): boolean =>
  theOnly(declared, apiGatewayType('DomainName')).inputs.mutualTlsAuthentication !== undefined

/** What CloudFront must show before a request gets to a route. @throws BrokenPath */
export function checkCertificate(declared: Declared, certificate: string | undefined): void {
  if (asksForCertificate(declared) && certificate === undefined)
    throw new BrokenPath('the HTTP API’s domain asks for a certificate, and CloudFront shows none')
}

/** Past CloudFront, straight to the API’s domain: the handshake ends it, before there is a request. */
export function refusesWithoutCertificate(declared: Declared): Passage {
  const { name } = theOnly(declared, apiGatewayType('DomainName'))
  const step = { number: 3, part: 'HTTP API', resource: name, changes: [], timeoutSeconds: undefined }
  const says = 'no certificate of its truststore: no connection'
  return { step: { ...step, says }, answer: unreachable }
}

const refused = (status: number, message: string) => own(status, JSON.stringify({ message }))

/**
 * Why the JWT authorizer refuses (generators/schema/oidc.ts names the pages); its signature check is left to AWS and, for real, to the
 * gateway.
 */
function refusal(declared: Declared, route: Resource, request: WalkRequest): string | undefined {
  if (route.inputs.authorizationType === 'NONE') return undefined
  const authorizer = theOnly(declared, apiGatewayType('Authorizer'))
  if (route.inputs.authorizerId !== authorizer.id) throw new BrokenPath(`${route.name} has no authorizer`)
  const { issuer, audiences } = authorizer.inputs.jwtConfiguration as { issuer: string; audiences: string[] }
  const token = tokenOf(request)
  if (token === undefined) return request.headers.authorization === undefined ? 'no token' : 'an API key is no token'
  const { header, claims } = token
  if (!/^RS/.test(String(header.alg))) return `signed with ${header.alg}, and only RSA is understood`
  if (claims.iss !== issuer) return 'another issuer'
  // `client_id` counts only for a token without `aud`.
  if (![claims.aud ?? claims.client_id].flat().some((one) => audiences.includes(String(one)))) return 'another audience'
  const wanted = route.inputs.authorizationScopes as string[] | undefined
  const scopes = [claims.scope ?? '', claims.scp ?? ''].flatMap((one) =>
    Array.isArray(one) ? one : String(one).split(' '),
  )
  return wanted === undefined || wanted.some((scope) => scopes.includes(scope)) ? undefined : 'no scope'
}

type Part = Record<string, unknown>

function tokenOf({ headers }: WalkRequest): { header: Part; claims: Part } | undefined {
  const [, ...parts] = /^Bearer ([\w-]+)\.([\w-]+)\./.exec(headers.authorization ?? '') ?? []
  const [header, claims] = parts.map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()) as Part)
  return header === undefined || claims === undefined ? undefined : { header, claims }
}

export function integrationOf({ graph }: Declared, route: Resource): Resource {
  const found = ofType(graph, apiGatewayType('Integration')).find(
    ({ id }) => route.inputs.target === `integrations/${id}`,
  )
  if (found === undefined) throw new BrokenPath(`${route.name} goes to ${route.inputs.target}, which is not there`)
  return found
}

/** Values of `$request.…` and `$context.…` that the integration writes. */
const valuesOf = (request: WalkRequest): Record<string, string> => ({
  '$request.path': request.path,
  '$context.requestId': 'JKJaXmPLvHcESHA=',
  '$context.authorizer.claims.sub': String(tokenOf(request)?.claims.sub ?? ''),
})

function mapped(integration: Resource, request: WalkRequest): { request: WalkRequest; changes: string[] } {
  const headers = { ...request.headers }
  const changes: string[] = []
  let { path } = request
  const values = valuesOf(request)
  for (const [change, source] of Object.entries(integration.inputs.requestParameters as Record<string, string>)) {
    const [verb, name = ''] = change.split(':header.')
    if (change === 'overwrite:path') path = values[source] ?? ''
    else if (verb === 'remove') {
      delete headers[name]
      changes.push(`-${name}`)
    } else if (verb === 'overwrite' && values[source] !== undefined) {
      headers[name] = values[source]
      changes.push(`=${name}`)
    } else throw new BrokenPath(`${integration.name}: ${change} is not understood`)
  }
  return { request: { ...request, path, headers }, changes }
}

export function passHttpApi(declared: Declared, request: WalkRequest): Passage {
  const domain = theOnly(declared, apiGatewayType('DomainName'))
  const api = theOnly(declared, apiGatewayType('Api'))
  const base = { number: 3, part: 'HTTP API', resource: api.name, changes: [], timeoutSeconds: undefined }
  if (request.host.includes('.execute-api.') && api.inputs.disableExecuteApiEndpoint === true)
    return { step: { ...base, says: 'its own name is switched off' }, answer: refused(404, 'Not Found') }
  if (request.host !== domain.inputs.domainName) throw new BrokenPath(`no API answers for ${request.host}`)
  const mapping = theOnly(declared, apiGatewayType('ApiMapping'))
  if (mapping.inputs.domainName !== request.host) throw new BrokenPath(`${request.host} leads to no stage`)
  const preflight = answerPreflight(declared, request)
  if (preflight !== undefined) return { step: { ...base, says: 'answers the preflight itself' }, answer: preflight }
  const route = routeOf(declared, request)
  const why = refusal(declared, route, request)
  const step = { ...base, resource: route.name }
  if (why !== undefined)
    return { step: { ...step, says: `${route.inputs.routeKey}: ${why}` }, answer: refused(401, 'Unauthorized') }
  if (bodyBytes(request) > payloadLimitBytes)
    return { step: { ...step, says: 'more than 10 MB' }, answer: refused(413, 'Request Entity Too Large') }
  const integration = integrationOf(declared, route)
  const { request: next, changes } = mapped(integration, request)
  const access = route.inputs.authorizationType === 'NONE' ? 'open' : 'token with scope'
  return {
    step: {
      ...step,
      says: `${route.inputs.routeKey}, ${access}`,
      changes,
      timeoutSeconds: Number(integration.inputs.timeoutMilliseconds) / 1000,
    },
    request: next,
  }
}

/** An HTTP API with CORS answers OPTIONS with an Origin by itself (API Gateway Developer Guide, CORS for HTTP APIs). */
function answerPreflight(declared: Declared, { method, headers }: WalkRequest) {
  const cors = corsOf(declared)
  if (method !== 'OPTIONS' || headers.origin === undefined) return undefined
  if (!cors.allowOrigins.includes(headers.origin)) return own(204, '')
  return own(204, '', {
    'access-control-allow-origin': headers.origin,
    'access-control-allow-methods': cors.allowMethods.join(','),
    'access-control-allow-headers': cors.allowHeaders.join(','),
    'access-control-max-age': String(cors.maxAge),
  })
}

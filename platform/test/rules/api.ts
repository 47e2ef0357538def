// Rules about HTTP APIs: nobody comes in past the edge, without a token, or as somebody else.
import { apiGatewayType, type Graph, ofType, type Resource } from '../../graph/graph.ts'
import { first, type Rule } from './rule.ts'

const all = (graph: Graph, name: string): Resource[] => ofType(graph, apiGatewayType(name))

/** Answers that are the same for everybody. */
const openRoutes =
  /^(?:OPTIONS \/\{proxy\+\}|(?:GET|HEAD) \/|GET \/(?:(?:console|docs)(?:\/\{proxy\+\})?|openapi\.json)|POST \/canary)$/

/** Microsoft gives programs roles in place of scopes, which an HTTP API does not read. */
const hasRoles = (graph: Graph, authorizerId: unknown): boolean =>
  all(graph, 'Authorizer').some(
    ({ id, inputs }) =>
      id === authorizerId &&
      /^https:\/\/(?:login\.(?:partner\.)?microsoftonline\.(?:com|us|cn)|sts\.(?:windows\.net|chinacloudapi\.cn))\//.test(
        (inputs.jwtConfiguration as { issuer: string }).issuer,
      ),
  )

const guarded = (graph: Graph, { inputs }: Resource): boolean =>
  inputs.authorizationType === 'JWT' &&
  inputs.authorizerId !== undefined &&
  (((inputs.authorizationScopes ?? []) as string[]).length > 0 || hasRoles(graph, inputs.authorizerId))

export const tokensAtTheApi: Rule = {
  sentence:
    'a route of an HTTP API wants a token, with a scope where there are scopes, unless it serves preflights or static files',
  check: (graph) =>
    all(graph, 'Route')
      .filter((route) => !guarded(graph, route) && !openRoutes.test(String(route.inputs.routeKey)))
      .map(({ name, inputs }) => `${name}: ${inputs.routeKey} without token`),
  breaks: {
    'no authorizer': (graph) => {
      defaultRoute(graph).inputs.authorizationType = 'NONE'
    },
    'ID tokens too': (graph) => {
      defaultRoute(graph).inputs.authorizationScopes = []
    },
    'inference for everybody': (graph) => {
      const open = all(graph, 'Route').find(({ inputs }) => inputs.authorizationType === 'NONE')
      if (open !== undefined) open.inputs.routeKey = 'POST /v1/{proxy+}'
    },
  },
}

function defaultRoute(graph: Graph): Resource {
  const found = all(graph, 'Route').find(({ inputs }) => inputs.routeKey === '$default')
  if (found === undefined) throw new Error('no $default')
  return found
}

/** Headers by which the gateway would take a caller for somebody. */
const identityHeader = 'x-auth-sub'

export const noForgedIdentity: Rule = {
  sentence: 'an integration replaces or removes the identity that a client sends, and vouches for nobody',
  check: (graph) =>
    all(graph, 'Integration').flatMap(({ name, inputs }) => {
      const changes = Object.keys((inputs.requestParameters ?? {}) as object)
      const [identity, ...more] = changes.filter((change) => change.endsWith(`:header.${identityHeader}`))
      const replaced = /^(?:overwrite|remove):/.test(identity ?? '') && more.length === 0
      return [
        ...(replaced ? [] : [`${name}: ${identityHeader} as the client sent it`]),
        ...(changes.some((change) => change.includes('x-origin-verify')) ? [`${name}: sets the origin secret`] : []),
      ]
    }),
  breaks: {
    'an identity that is appended': (graph) => {
      first(graph, apiGatewayType('Integration')).inputs.requestParameters = { 'append:header.x-auth-sub': 'x' }
    },
    'no mapping': (graph) => {
      first(graph, apiGatewayType('Integration')).inputs.requestParameters = undefined
    },
    'the secret for everybody': (graph) => {
      const { inputs } = first(graph, apiGatewayType('Integration'))
      inputs.requestParameters = { ...(inputs.requestParameters as object), 'overwrite:header.x-origin-verify': 'x' }
    },
  },
}

export const closedApis: Rule = {
  sentence: 'an HTTP API has no name of its own, and each stage has a throttle, an access log and metrics',
  check: (graph) => [
    ...all(graph, 'Api')
      .filter(({ inputs }) => inputs.disableExecuteApiEndpoint !== true)
      .map(({ name }) => `${name}: reached past CloudFront`),
    ...all(graph, 'Stage').flatMap(({ name, inputs }) => {
      const settings = (inputs.defaultRouteSettings ?? {}) as Record<string, unknown>
      return [
        ...(Number(settings.throttlingRateLimit) > 0 ? [] : [`${name}: no throttle`]),
        ...(settings.detailedMetricsEnabled === true ? [] : [`${name}: no metrics`]),
        ...(inputs.accessLogSettings === undefined ? [`${name}: no access log`] : []),
      ]
    }),
  ],
  breaks: {
    'the name that AWS gives': (graph) => {
      first(graph, apiGatewayType('Api')).inputs.disableExecuteApiEndpoint = false
    },
    'no throttle': (graph) => {
      first(graph, apiGatewayType('Stage')).inputs.defaultRouteSettings = { detailedMetricsEnabled: true }
    },
    'no metrics': (graph) => {
      const { inputs } = first(graph, apiGatewayType('Stage'))
      inputs.defaultRouteSettings = { ...(inputs.defaultRouteSettings as object), detailedMetricsEnabled: false }
    },
    'no log': (graph) => {
      first(graph, apiGatewayType('Stage')).inputs.accessLogSettings = undefined
    },
  },
}

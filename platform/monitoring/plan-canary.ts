// How the canary says who it is. Pure.
import type * as pulumi from '@pulumi/pulumi'
import type { Cluster } from '../../generators/schema/cluster.ts'
import { kindOf } from '../../generators/schema/oidc.ts'

/** What the client asks the issuer for, beside its id and secret, which EventBridge adds. */
function tokenRequest({ oidc }: Cluster): Record<string, string> {
  const [audience = ''] = oidc.audiences
  const byKind = kindOf(oidc).tokenRequest({ audience, scopes: oidc.scopes })
  return { grant_type: 'client_credentials', ...byKind }
}

export function canaryAuthorization(cluster: Cluster, clientSecret: pulumi.Input<string> | undefined) {
  const { canary } = cluster.monitoring
  // EventBridge wants a key even for what is open; it says who asks, and is no secret.
  if (canary === undefined || clientSecret === undefined)
    return { authorizationType: 'API_KEY', authParameters: { apiKey: { key: 'x-canary', value: 'slipway' } } }
  const bodies = Object.entries(tokenRequest(cluster)).map(([key, value]) => ({ key, value, isValueSecret: false }))
  const oauth = {
    authorizationEndpoint: canary.tokenUrl,
    httpMethod: 'POST',
    clientParameters: { clientId: canary.clientId, clientSecret },
    oauthHttpParameters: { bodies },
  }
  return { authorizationType: 'OAUTH_CLIENT_CREDENTIALS', authParameters: { oauth } }
}

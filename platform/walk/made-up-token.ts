// Credentials of the right form for a walk on which nobody checks a signature.
import type { Cluster } from '../../generators/schema/cluster.ts'
import type { Credentials } from './cases.ts'

/** What an access token of the cluster’s issuer says about the tenant `client`. */
export const claimsOf = ({ oidc: { issuer, audience, scopes } }: Cluster, client: string) => ({
  iss: issuer,
  aud: audience,
  sub: `${client}-service`,
  client_id: client,
  scope: scopes.join(' '),
})

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

export const madeUpCredentials = (cluster: Cluster): Credentials => ({
  token: `${encoded({ alg: 'ES256', kid: 'made-up' })}.${encoded(claimsOf(cluster, 'research'))}.unsigned`,
  apiKey: `sk-research-${'0'.repeat(43)}-00000000`,
})

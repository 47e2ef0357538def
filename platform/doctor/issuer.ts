// The issuer of tokens: its discovery document, and the keys that the HTTP API and the gateway verify tokens with.
import type { Cluster } from '../../generators/schema/cluster.ts'
import { hasHttpApi } from '../../generators/schema/edge-kinds.ts'
import { kindOf, recognised } from '../../generators/schema/oidc.ts'
import { bad, good, type Verdict } from './check.ts'

export interface IssuerAnswers {
  /** What `ISSUER/.well-known/openid-configuration` says; undefined: nothing that is JSON. */
  discovery: { issuer?: string; jwks_uri?: string } | undefined
  /** What the cluster file’s, or the kind’s, key set says. */
  keys: { keys?: { kty?: string; use?: string; alg?: string }[] } | undefined
  /** Why one of them could not be read. */
  problem?: string
}

export const discoveryUrl = (issuer: string): string => `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`

export function judgeIssuer(cluster: Cluster, { discovery, keys, problem }: IssuerAnswers): Verdict {
  const { name, oidc } = cluster
  const file = `oidc of clusters/${name}/cluster.yaml`
  const kind = recognised(oidc.issuer)
  if (kind !== undefined && kind !== oidc.kind)
    return bad(
      `${oidc.issuer} looks like ${kindOf({ kind }).title}, and the kind is ${oidc.kind}`,
      `kind: ${kind} in ${file}`,
    )
  if (discovery === undefined)
    return bad(
      `${discoveryUrl(oidc.issuer)} does not answer (${problem ?? 'no JSON'})`,
      `correct issuer in ${file}${hasHttpApi(cluster) ? '; API Gateway reads this document when the authorizer is made' : ''}`,
    )
  if (discovery.issuer !== oidc.issuer)
    return bad(
      `its document says issuer ${discovery.issuer}, letter by letter another than ${oidc.issuer}`,
      `issuer: ${discovery.issuer} in ${file}`,
    )
  if (discovery.jwks_uri !== oidc.jwksUri)
    return bad(
      `its keys are at ${discovery.jwks_uri}, not at ${oidc.jwksUri}`,
      `jwksUri: ${discovery.jwks_uri} in ${file}`,
    )
  const signing = (keys?.keys ?? []).filter(({ use = 'sig' }) => use === 'sig')
  // Where the gateway alone checks tokens, it takes other kinds of keys too.
  if ((oidc.private !== undefined || !hasHttpApi(cluster)) && signing.length > 0)
    return good(`${oidc.issuer}${oidc.private === undefined ? '' : ', in the private network'}, ${signing.length} keys`)
  const rsa = signing.filter(({ kty, alg = 'RS256' }) => kty === 'RSA' && alg.startsWith('RS'))
  return rsa.length > 0
    ? good(`${oidc.issuer}, ${kindOf(oidc).title}, ${rsa.length} RSA keys`)
    : bad(
        `${oidc.jwksUri} has no RSA key (${problem ?? 'other kinds alone'})`,
        'let the issuer sign with RS256: the HTTP API takes nothing else',
      )
}

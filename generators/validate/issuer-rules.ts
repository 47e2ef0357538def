// Rules about tokens: that the issuer is of its kind, and that each tenant can get one with which it is let in.
import type { SourceFile } from '../load/source-file.ts'
import type { Cluster } from '../schema/cluster.ts'
import {
  acceptedAudiences,
  clientClaims,
  clientsOf,
  httpApiLimits,
  issuerKinds,
  kindOf,
  recognised,
} from '../schema/oidc.ts'
import type { Tenant } from '../schema/tenant.ts'
import type { Findings } from './findings.ts'

/** What the cluster file says about its issuer, for itself. */
export function checkIssuer({ oidc }: Cluster, file: SourceFile, findings: Findings): void {
  const kind = kindOf(oidc)
  const seen = recognised(oidc.issuer)
  if (seen !== undefined && seen !== oidc.kind && !(kind.issuer.test(oidc.issuer) && oidc.kind !== 'generic')) {
    const message = `${oidc.issuer} is an issuer of ${issuerKinds[seen].title}, and oidc.kind is ${oidc.kind}`
    findings.add('OIDC_ISSUER', file.position(['oidc', 'issuer']), message, `write kind: ${seen}`)
  } else if (!kind.issuer.test(oidc.issuer)) {
    const message = `no token of ${kind.title} has the issuer ${oidc.issuer}`
    const hint = `as in the token’s iss, letter by letter: ${kind.example}`
    findings.add('OIDC_ISSUER', file.position(['oidc', 'issuer']), message, hint)
  }
  if (kind.hasAudience && oidc.audiences.length === 0) {
    const hint = `audiences: [${kind.audienceExample}], the name under which the issuer knows this API`
    findings.add(
      'OIDC_AUDIENCE',
      file.position(['oidc']),
      `tokens of ${kind.title} name an audience, and none is expected`,
      hint,
    )
  }
  for (const [index, audience] of oidc.audiences.entries()) {
    if (kind.audience?.(oidc.issuer).test(audience) !== false) continue
    const message = `no token of ${kind.title} has the audience ${audience} where the issuer is ${oidc.issuer}`
    const hint = `as in the token’s aud, of the form ${kind.audienceExample}`
    findings.add('OIDC_AUDIENCE', file.position(['oidc', 'audiences', index]), message, hint)
  }
  for (const [index, scope] of oidc.scopes.entries()) {
    if (kind.scope.test(scope)) continue
    const message = `no token of ${kind.title} has the scope ${scope}`
    findings.add('OIDC_SCOPE', file.position(['oidc', 'scopes', index]), message, `of the form ${kind.scopeExample}`)
  }
}

interface Source<T> {
  value: T
  file: SourceFile
}

/**
 * Whether tenants and issuers fit. A tenant counts for every cluster, so one that no cluster lets in is a mistake.
 * @param areAll whether these are all clusters there are
 */
export function checkTokens(
  clusters: readonly Source<Cluster>[],
  areAll: boolean,
  tenants: readonly Source<Tenant>[],
  findings: Findings,
): void {
  for (const { value: cluster, file } of clusters) {
    const audiences = acceptedAudiences(
      cluster.oidc,
      tenants.map(({ value }) => value),
    )
    if (audiences.length <= httpApiLimits.audiences) continue
    const message = `${audiences.length} audiences, and the HTTP API compares ${httpApiLimits.audiences}`
    const hint = 'let tenants share an app client, or bind tokens to a resource, whose name is then one audience'
    findings.add('OIDC_AUDIENCE', file.position(['oidc']), message, hint)
  }
  for (const { value: cluster, file } of clusters) checkCanary(cluster, file, tenants, findings)
  for (const { value: tenant, file } of tenants) {
    checkOperators(clusters, areAll, { value: tenant, file }, findings)
    const problems = clusters.map(({ value }) => ({ cluster: value, why: shutOut(value, tenant) }))
    const reasons = problems.filter(({ why }) => why !== undefined)
    if (reasons.length === 0) {
      for (const { value } of clusters) warnOfAdded(value, tenant, file, findings)
      continue
    }
    const code = areAll && reasons.length === clusters.length ? 'TENANT_SHUT_OUT' : 'TENANT_CLAIM_DOUBTFUL'
    for (const { cluster, why } of reasons)
      findings.add(code, file.position(why?.pointer ?? ['claims']), `${cluster.name}: ${why?.message}`, why?.hint ?? '')
  }
}

/** An operator is known by a scope, which some issuers never write as it was asked for: api://slipway/operator is operator in a token. */
function checkOperators(
  clusters: readonly Source<Cluster>[],
  areAll: boolean,
  { value: { operatorScope: scope }, file }: Source<Tenant>,
  findings: Findings,
): void {
  if (scope === undefined) return
  const without = clusters.filter(({ value }) => !kindOf(value.oidc).scope.test(scope))
  const code = areAll && without.length === clusters.length ? 'OPERATOR_SCOPE' : 'TENANT_CLAIM_DOUBTFUL'
  for (const { value: cluster } of without) {
    const kind = kindOf(cluster.oidc)
    const message = `${cluster.name}: no token of ${kind.title} has the scope ${scope}, so nobody is an operator there`
    const example = kind.scopeExample.replace('invoke', 'operator')
    findings.add(code, file.position(['operatorScope']), message, `as a token has it, of the form ${example}`)
  }
}

function checkCanary(
  { oidc, monitoring: { canary } }: Cluster,
  file: SourceFile,
  tenants: readonly Source<Tenant>[],
  findings: Findings,
): void {
  if (canary === undefined) return
  const clients = clientsOf(oidc)
  const isClient = ({ value: { claims } }: Source<Tenant>) =>
    clients.some((claim) => [claims[claim] ?? []].flat().includes(canary.clientId))
  if (tenants.some(isClient)) return
  const message = `no tenant has the client ${canary.clientId}`
  const hint = `a tenant file with claims: { ${clients[0]}: ${canary.clientId} }`
  findings.add('CANARY_CLIENT', file.position(['monitoring', 'canary', 'clientId']), message, hint)
}

interface Reason {
  pointer: string[]
  message: string
  hint: string
}

/** A claim that every token has with a value of the cluster file, or is refused before anybody asks whose it is. */
function refusedClaim({ issuer, audiences }: Cluster['oidc'], claims: Tenant['claims']): Reason | undefined {
  const checked: Record<string, readonly string[]> = { iss: [issuer], aud: audiences }
  for (const [claim, taken] of Object.entries(checked)) {
    const wanted = [claims[claim] ?? []].flat()
    if (wanted.length === 0 || wanted.some((value) => taken.includes(value))) continue
    const message = `a token with the ${claim} ${wanted.join(' or ')} is refused`
    const hint = claim === 'iss' ? `the issuer is ${issuer}` : 'one of oidc.audiences of the cluster file'
    return { pointer: ['claims', claim], message, hint }
  }
  return undefined
}

/** Why no token of the cluster’s issuer could belong to the tenant. */
function shutOut({ oidc }: Cluster, { claims }: Tenant): Reason | undefined {
  const kind = kindOf(oidc)
  const clients = clientsOf(oidc)
  const [client = 'client_id'] = clients
  const foreign = clientClaims.find((claim) => claim in claims && !clients.includes(claim))
  if (foreign !== undefined) {
    const message = `tokens of ${kind.title} have no ${foreign}${kind.clients.includes(foreign) ? ` where the issuer is ${oidc.issuer}` : ''}`
    return { pointer: ['claims', foreign], message, hint: `write ${client}: it names the client there` }
  }
  const wrong = [claims[client] ?? []].flat().find((id) => kind.clientId?.test(id) === false)
  if (wrong !== undefined) {
    const message = `${kind.title} makes no client with the id ${wrong}`
    return { pointer: ['claims', client], message, hint: 'the id that the issuer shows for the client' }
  }
  const refused = refusedClaim(oidc, claims)
  if (refused !== undefined) return refused
  if (kind.hasAudience || client in claims || oidc.audiences.length > 0) return undefined
  const message = `the HTTP API knows tokens of ${kind.title} by their client, and no client of this tenant is named`
  return {
    pointer: ['claims'],
    message,
    hint: `add ${client}, or name the client in oidc.audiences of the cluster file`,
  }
}

function warnOfAdded({ name, oidc }: Cluster, { claims }: Tenant, file: SourceFile, findings: Findings): void {
  const kind = kindOf(oidc)
  for (const claim of Object.keys(claims)) {
    if (!kind.added.includes(claim)) continue
    const message = `${name}: a program’s token of ${kind.title} has ${claim} only when somebody adds it there`
    const hint = `every token has ${clientsOf(oidc)[0]}; with both a program needs both`
    findings.add('TENANT_CLAIM_DOUBTFUL', file.position(['claims', claim]), message, hint)
  }
}

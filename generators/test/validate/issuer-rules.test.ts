// What the rules say of issuers by kind, and of tenants whose tokens no issuer makes.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { assert, describe } from '../../../test/spec.ts'
import { parseYaml } from '../../load/parse-source.ts'
import { clientsOf, type IssuerKind, type IssuerKindName, issuerKindNames, issuerKinds } from '../../schema/oidc.ts'
import type { Tenant, TenantFile } from '../../schema/tenant.ts'
import { checkClusterFile } from '../../validate/cluster-rules.ts'
import { Findings } from '../../validate/findings.ts'
import { checkTokens } from '../../validate/issuer-rules.ts'
import { validFixture } from '../fixture.ts'

const valid = readFileSync(join(validFixture, 'clusters/blue/cluster.yaml'), 'utf8').replace(/^oidc:[\s\S]*$/m, '')

interface Oidc {
  kind?: string
  issuer: string
  audiences?: readonly string[]
  scopes: readonly string[]
}

function clusterWith(oidc: Oidc, name = 'blue') {
  const { file } = parseYaml(`clusters/${name}/cluster.yaml`, `${valid}oidc: ${JSON.stringify(oidc)}\n`)
  if (file === undefined) throw new Error('the changed file is no YAML')
  const findings = new Findings()
  return { file, cluster: checkClusterFile(name, file, findings), findings }
}

const said = ({ diagnostics }: Findings): string[] =>
  diagnostics.map(({ code, message, hint }) => `${code} ${message} -> ${hint}`)

const exampleOf = (kind: IssuerKindName): Oidc => {
  const { example, hasAudience, audienceExample, scopeExample } = issuerKinds[kind] as IssuerKind
  return { kind, issuer: example, audiences: hasAudience ? [audienceExample] : [], scopes: [scopeExample] }
}

const firstVersion = { ...exampleOf('entra'), issuer: 'https://sts.windows.net/11111111-2222-3333-4444-555555555555/' }

/** A client as the kind has them. */
const teamOf = (kind: IssuerKindName): string => (issuerKinds[kind] as IssuerKind).sampleClient?.('team1') ?? 'team'

function tenantFindings(oidcs: readonly Oidc[], claims: TenantFile['claims'], operatorScope?: string): string[] {
  const clusters = oidcs.map((oidc, index) => clusterWith(oidc, ['blue', 'green'][index]))
  const limits = { requestsPerMinute: 1, tokensPerMinute: 1, concurrency: 1 }
  const written = { claims, limits, ...(operatorScope !== undefined && { operatorScope }) }
  const tenant: Tenant = { name: 'team', ...written }
  const { file } = parseYaml('apps/tenants/team.yaml', JSON.stringify(written))
  if (file === undefined) throw new Error('no YAML')
  const findings = new Findings()
  checkTokens(
    clusters.flatMap((one) => (one.cluster === undefined ? [] : [{ value: one.cluster, file: one.file }])),
    true,
    [{ value: tenant, file }],
    findings,
  )
  return said(findings)
}

describe('an issuer', (test) => {
  for (const kind of issuerKindNames)
    test(`of the kind ${kind} has the example’s form and a key set of its own`, () => {
      const { cluster, findings } = clusterWith(exampleOf(kind))
      assert.equal(said(findings), [])
      assert.match(cluster?.oidc.jwksUri ?? '', /^https:\/\/[^/]+\/.+/)
    })

  const directory = '11111111-2222-3333-4444-555555555555'
  for (const [host, login] of [
    ['login.microsoftonline.us', 'login.microsoftonline.us'],
    ['login.partner.microsoftonline.cn', 'login.partner.microsoftonline.cn'],
    ['sts.windows.net', 'login.microsoftonline.com'],
    ['sts.chinacloudapi.cn', 'login.partner.microsoftonline.cn'],
  ] as const)
    test(`of Microsoft at ${host} has its keys at ${login}`, () => {
      const issuer = `https://${host}/${directory}/${host.startsWith('sts.') ? '' : 'v2.0'}`
      const { cluster, findings } = clusterWith({ ...exampleOf('entra'), issuer })
      assert.equal(said(findings), [])
      assert.is(cluster?.oidc.jwksUri, `https://${login}/${directory}/discovery/v2.0/keys`)
    })

  const wrong: [what: string, oidc: Partial<Oidc>, finding: RegExp][] = [
    [
      'of Cognito without its kind',
      { issuer: issuerKinds.cognito.example, audiences: ['x'] },
      /^OIDC_ISSUER .*Amazon Cognito.* -> write kind: cognito$/,
    ],
    [
      'of Okta called Auth0',
      { kind: 'auth0', issuer: 'https://example.okta.com/oauth2/default', audiences: ['x'] },
      /^OIDC_ISSUER .*Okta.* -> write kind: okta$/,
    ],
    [
      'of Auth0 without its slash',
      { kind: 'auth0', issuer: 'https://example.auth0.com', audiences: ['x'] },
      /^OIDC_ISSUER no token of Auth0 .* -> .*https:\/\/example\.eu\.auth0\.com\/$/,
    ],
    [
      'of Okta’s own organisation, whose tokens nobody else can check',
      { kind: 'okta', issuer: 'https://example.okta.com', audiences: ['x'] },
      /^OIDC_ISSUER no token of Okta .* -> .*\/oauth2\/default$/,
    ],
    [
      'of all of Microsoft',
      { ...exampleOf('entra'), issuer: 'https://login.microsoftonline.com/common/v2.0' },
      /^OIDC_ISSUER no token of Microsoft Entra ID/,
    ],
    [
      'of Cognito in another region than its pool',
      { kind: 'cognito', issuer: 'https://cognito-idp.eu-west-1.amazonaws.com/us-east-1_EXAMPLE01' },
      /^OIDC_ISSUER no token of Amazon Cognito/,
    ],
    [
      'of Keycloak without a realm',
      { kind: 'keycloak', issuer: 'https://id.example.com', audiences: ['x'] },
      /^OIDC_ISSUER no token of Keycloak/,
    ],
    [
      'of nobody in particular, without audience',
      { issuer: 'https://issuer.example.com' },
      /^OIDC_AUDIENCE tokens of any other issuer name an audience/,
    ],
    [
      'of Cognito, with a scope of no resource server',
      { kind: 'cognito', issuer: issuerKinds.cognito.example, scopes: ['openid'] },
      /^OIDC_SCOPE no token of Amazon Cognito has the scope openid/,
    ],
    [
      'of Microsoft in version 2, with an audience that only version 1 has',
      { ...exampleOf('entra'), audiences: [issuerKinds.entra.audienceExample, 'api://slipway'] },
      /^OIDC_AUDIENCE no token of Microsoft Entra ID has the audience api:\/\/slipway where the issuer is .*v2\.0 -> .*form 66666666-/,
    ],
    [
      'of Microsoft, with a scope as it is asked for',
      { ...exampleOf('entra'), scopes: ['api://slipway/invoke'] },
      /^OIDC_SCOPE no token of Microsoft Entra ID has the scope api:\/\/slipway\/invoke -> of the form invoke$/,
    ],
  ]
  for (const [what, oidc, finding] of wrong)
    test(`${what}: is refused with what to write`, () => {
      const found = said(clusterWith({ scopes: ['slipway/invoke'], ...oidc } as Oidc).findings)
      assert.is(found.length, 1, found.join('\n'))
      assert.match(found[0] ?? '', finding)
    })
})

describe('a tenant', (test) => {
  for (const kind of issuerKindNames)
    test(`is let in by the claims of ${kind}, and not by those of another kind`, () => {
      const clients = clientsOf({ kind, issuer: issuerKinds[kind].example })
      for (const claim of clients) assert.equal(tenantFindings([exampleOf(kind)], { [claim]: teamOf(kind) }), [], claim)
      for (const claim of ['client_id', 'azp', 'cid', 'appid'].filter((one) => !clients.includes(one))) {
        const [found = '', ...more] = tenantFindings([exampleOf(kind)], { [claim]: teamOf(kind) })
        assert.is(more.length, 0)
        assert.match(found, `TENANT_SHUT_OUT blue: tokens of ${issuerKinds[kind].title} have no ${claim}`)
        assert.match(found, ` -> write ${clients[0]}`)
      }
    })

  test('of Microsoft is known by appid in version 1, by azp in version 2, both an application ID', () => {
    const id = teamOf('entra')
    assert.equal(tenantFindings([{ ...firstVersion, audiences: ['api://slipway'] }], { appid: id }), [])
    assert.match(
      tenantFindings([firstVersion], { azp: id }).join(),
      /^TENANT_SHUT_OUT blue: tokens of Microsoft Entra ID have no azp where the issuer is https:\/\/sts.* -> write appid/,
    )
    assert.match(
      tenantFindings([exampleOf('entra')], { azp: 'my-app' }).join(),
      /^TENANT_SHUT_OUT blue: Microsoft Entra ID makes no client with the id my-app/,
    )
  })

  for (const [claim, value, hint] of [
    ['aud', 'another', 'one of oidc.audiences'],
    ['iss', 'https://another.example.com', 'the issuer is https://example.okta.com/oauth2/default'],
  ] as const)
    test(`with an ${claim} that is taken nowhere is shut out, and not with one that is taken`, () => {
      const [found = '', ...more] = tenantFindings([exampleOf('okta')], { cid: 'team', [claim]: value })
      assert.equal(more, [])
      assert.ok(
        found.startsWith(`TENANT_SHUT_OUT blue: a token with the ${claim} ${value} is refused -> ${hint}`),
        found,
      )
      const right = claim === 'aud' ? 'slipway' : exampleOf('okta').issuer
      assert.equal(tenantFindings([exampleOf('okta')], { cid: 'team', [claim]: [value, right] }), [])
    })

  test('that fits one of two clusters is only warned of', () => {
    const found = tenantFindings([exampleOf('cognito'), exampleOf('okta')], { cid: 'team' })
    assert.is(found.length, 1)
    assert.match(found[0] ?? '', /^TENANT_CLAIM_DOUBTFUL blue: /)
  })

  test('of Cognito needs a client: its own, or one of the cluster file for people', () => {
    const people = { 'cognito:groups': 'team' }
    assert.match(
      tenantFindings([exampleOf('cognito')], people)[0] ?? '',
      /^TENANT_SHUT_OUT .* no client .* -> add client_id/,
    )
    const withApp = tenantFindings([{ ...exampleOf('cognito'), audiences: ['1example23456789'] }], people)
    assert.match(withApp.join(), /^TENANT_CLAIM_DOUBTFUL blue: a program’s token .* has cognito:groups only when/)
  })

  test('of Cognito has clients with ids that Cognito makes', () => {
    const [found = ''] = tenantFindings([exampleOf('cognito')], { client_id: ['1example23456789', 'my-app'] })
    assert.match(found, /^TENANT_SHUT_OUT .* makes no client with the id my-app/)
  })

  for (const [kind, scope, example] of [
    ['cognito', 'operator', 'slipway/operator'],
    ['cognito', 'openid', 'slipway/operator'],
    ['entra', 'api://slipway/operator', 'operator'],
    ['entra', 'slipway/operator', 'operator'],
    ['entra', '.default', 'operator'],
  ] as const)
    test(`of ${kind} has no operator by the scope ${scope}, which no token of it has`, () => {
      const claims = { [issuerKinds[kind].clients[0]]: teamOf(kind) }
      const [found = '', ...more] = tenantFindings([exampleOf(kind)], claims, scope)
      assert.equal(more, [])
      const { title } = issuerKinds[kind]
      assert.ok(found.startsWith(`OPERATOR_SCOPE blue: no token of ${title} has the scope ${scope}, `), found)
      assert.ok(found.endsWith(` -> as a token has it, of the form ${example}`), found)
      assert.equal(tenantFindings([exampleOf(kind)], claims, example), [])
    })

  test('whose operators can get into one of two clusters is only warned of', () => {
    const found = tenantFindings(
      [exampleOf('entra'), exampleOf('keycloak')],
      { azp: teamOf('entra') },
      'slipway/operator',
    )
    assert.is(found.length, 1)
    assert.match(found[0] ?? '', /^TENANT_CLAIM_DOUBTFUL blue: no token of Microsoft Entra ID has the scope/)
  })

  test('too many of Cognito do not fit the HTTP API', () => {
    const client_id = Array.from({ length: 51 }, (_, index) => `1example${index}`)
    assert.match(tenantFindings([exampleOf('cognito')], { client_id })[0] ?? '', /^OIDC_AUDIENCE 51 audiences/)
  })
})

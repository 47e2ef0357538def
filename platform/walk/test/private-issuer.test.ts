// An issuer that only the private network reaches, with a certificate of a private authority: rendered, walked, priced, and trusted for real.
import { execFile } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { stringify } from 'yaml'
import { renderRepository } from '../../../generators/pipeline.ts'
import { validFixture, withRepository } from '../../../generators/test/fixture.ts'
import { root } from '../../../test/source-files.ts'
import { assert, describe } from '../../../test/spec.ts'
import { costLines, totalUsd } from '../../cost/plan-cost.ts'
import { IssuerServer } from '../../doctor/test/issuer-server.ts'
import { apiGatewayType, ofType } from '../../graph/graph.ts'
import { argoValues } from '../../kubernetes/plan-argocd.ts'
import { casesOf } from '../cases.ts'
import { type Declared, ofKind } from '../declared.ts'
import { expectedGateway } from '../expected-answer.ts'
import { isOpen } from '../network-policy.ts'
import { BrokenPath } from '../request.ts'
import { sampleCredentials } from '../sample-token.ts'
import { walk } from '../walk.ts'
import { declareWith } from './declare-with.ts'
import { expectPredictedEnds, expectRealEnds } from './expect-ends.ts'

const issuer = new IssuerServer()
await issuer.start()
const authority = readFileSync(issuer.certificate, 'utf8')

const jwksUri = 'https://login.corp.example:8443/jwks.json'
const inside = { cidrs: ['10.20.30.0/28', '172.20.99.16/32'], certificateAuthority: authority }
const declared = await declareWith('keycloak', { jwksUri, private: inside })
const publicOne = await declareWith('keycloak', { jwksUri })

const gatewayPod = { namespace: 'gateway', labels: { 'app.kubernetes.io/name': 'gateway' } }
const labelsOf = ({ objects }: Declared): Record<string, string> => {
  const policy = objects.find(({ kind, metadata }) => kind === 'NetworkPolicy' && metadata.name === 'gateway')
  return (policy?.spec.podSelector as { matchLabels?: Record<string, string> } | undefined)?.matchLabels ?? {}
}

interface GatewayPods {
  template: {
    metadata: { annotations?: Record<string, string> }
    spec: { containers: { env: { name: string; value?: string }[] }[] }
  }
}

const podsOf = ({ objects }: Declared): GatewayPods =>
  objects.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === 'gateway')?.spec as never

const without = (kind: string, name: string): Declared => ({
  ...declared,
  objects: declared.objects.filter((one) => !(one.kind === kind && one.metadata.name === name)),
})

const chat = (one: Declared) => casesOf(one, sampleCredentials(one)).find(({ name }) => name === 'chat')

describe('an issuer in the private network', (test) => {
  test('is asked by the gateway alone: the HTTP API lets through, and every request ends as it must', async () => {
    assert.equal(ofType(declared.graph, apiGatewayType('Authorizer')), [])
    for (const { inputs } of ofType(declared.graph, apiGatewayType('Route')))
      assert.is(inputs.authorizationType, 'NONE')
    const cases = await expectPredictedEnds(declared)
    assert.is(cases.find(({ name }) => name === 'no-token')?.expected.by, 'gateway')
  })

  test('leads to the answers of a real gateway', () => expectRealEnds(declared), { timeoutSeconds: 60 })

  test('is all that the gateway reaches outside the cluster, at that port', () => {
    const policies = ofKind(declared, 'NetworkPolicy')
    const pod = { ...gatewayPod, labels: labelsOf(declared) }
    const opens = (address: string, port: number): boolean => isOpen(policies, pod, { address }, port)
    assert.equal([opens('10.20.30.14', 8443), opens('172.20.99.16', 8443)], [true, true])
    assert.equal(
      [opens('10.20.30.16', 8443), opens('10.20.30.14', 443), opens('203.0.113.9', 443)],
      [false, false, false],
    )
    assert.ok(isOpen(ofKind(publicOne, 'NetworkPolicy'), pod, { address: '203.0.113.9' }, 443))
  })

  test('costs what a public one costs', () =>
    assert.is(totalUsd(costLines(declared.graph)), totalUsd(costLines(publicOne.graph))))

  test('is found out when the way or the certificate is missing', async () => {
    const one = chat(declared)
    assert.ok(one)
    for (const [broken, says] of [
      [without('ConfigMap', 'issuer-authority'), /no certificate of the authority/],
      [{ ...declared, objects: publicOne.objects }, /close the gateway to https:\/\/login\.corp\.example:8443/],
    ] as const)
      try {
        await walk(broken, one.request, expectedGateway(broken))
        assert.unreachable(String(says))
      } catch (error) {
        assert.instance(error, BrokenPath)
        assert.match((error as Error).message, says)
      }
  })

  test('is trusted by the gateway’s own client with the rendered certificate, and by no other', async () => {
    const [map] = ofKind(declared, 'ConfigMap').filter(({ metadata }) => metadata.name === 'issuer-authority')
    const file = `${issuer.certificate}.rendered`
    writeFileSync(file, (map as unknown as { data: Record<string, string> }).data['ca.pem'] ?? '')
    const program = `
      import { fetchText } from ${JSON.stringify(join(root, 'gateway/auth/fetch-text.ts'))}
      console.log(await fetchText('${issuer.url}/.well-known/jwks.json', { timeoutMs: 5000, maxBytes: 100000 }))`
    const run = (env: object) =>
      promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program], {
        env: { ...process.env, ...env },
      })
    assert.match((await run({ NODE_EXTRA_CA_CERTS: file })).stdout, /"kty":"RSA"/)
    const refused = await run({ NODE_EXTRA_CA_CERTS: '' }).catch((error: Error & { stderr?: string }) => error)
    assert.match(String((refused as { stderr?: string }).stderr), /self-signed certificate/)
  })

  test('gives other pods when the certificate is another, the path to Node, and the authority to Argo CD', async () => {
    const other = await declareWith('keycloak', {
      private: { ...inside, certificateAuthority: `${authority}${authority}` },
    })
    const mark = (one: Declared) => podsOf(one).template.metadata.annotations?.['slipway.dev/issuer-authority']
    assert.match(mark(declared) ?? '', /^[0-9a-f]{16}$/)
    assert.is.not(mark(other), mark(declared))
    assert.is(mark(publicOne), undefined)
    const [container] = podsOf(declared).template.spec.containers
    assert.is(
      container?.env.find(({ name }) => name === 'NODE_EXTRA_CA_CERTS')?.value,
      '/var/run/slipway/issuer-authority/ca.pem',
    )
    const sso = { clientId: 'argocd', adminGroups: ['platform'] }
    const values = argoValues({ ...declared.cluster, gitops: { ...declared.cluster.gitops, sso } })
    const { cm } = (values as { configs: { cm: Record<string, string> } }).configs
    assert.is(JSON.parse(cm['oidc.config'] ?? '').rootCA, authority)
  })
})

describe('what a cluster file says of such an issuer', (test) => {
  test.after(() => issuer.stop())

  const problems = (oidc: object, more: object = {}): string[] =>
    withRepository(validFixture, ({ root: folder, read, write }) => {
      const path = 'clusters/blue/cluster.yaml'
      const [before = ''] = read(path).split('oidc:')
      const shared = { issuer: 'https://login.corp.example', audiences: ['slipway'], scopes: ['slipway/invoke'] }
      write(path, `${before}${stringify({ oidc: { ...shared, ...oidc }, ...more })}`)
      return renderRepository(folder, { models: [], clusters: ['blue'] }).diagnostics.map(
        ({ code, message, hint }) => `${code} ${message} -> ${hint}`,
      )
    })

  const notAuthority = authority.replace(/\n[A-Za-z0-9+/]{20}/, '\nAAAAAAAAAAAAAAAAAAAA')
  const cidrs = ['10.20.30.0/28']
  const cases: [what: string, oidc: object, says: RegExp | undefined, more?: object][] = [
    ['what is right', { private: { cidrs, certificateAuthority: authority } }, undefined],
    [
      'a range that is none',
      { private: { cidrs: ['10.20.30.1/28'] } },
      /^CIDR_INVALID .*did you mean 10\.20\.30\.0\/28/,
    ],
    [
      'a range of the internet',
      { private: { cidrs: ['0.0.0.0/0'] } },
      /^ISSUER_PRIVATE 0\.0\.0\.0\/0 is not in a private range/,
    ],
    [
      'an issuer of the internet',
      { kind: 'auth0', issuer: 'https://acme.eu.auth0.com/', scopes: ['invoke'], private: { cidrs } },
      /^ISSUER_PRIVATE Auth0 answers on the internet -> leave private out/,
    ],
    [
      'a certificate that cannot be read',
      { private: { cidrs, certificateAuthority: notAuthority } },
      /certificate cannot be read/,
    ],
    [
      'a key',
      { private: { cidrs, certificateAuthority: '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n' } },
      /^FIELD_VALUE /,
    ],
    [
      'a canary with a token',
      { private: { cidrs } },
      /^(?:ISSUER_PRIVATE EventBridge gets the canary’s token from outside|CANARY_CLIENT)/,
      { monitoring: { canary: { tokenUrl: 'https://login.corp.example/token', clientId: 'canary' } } },
    ],
  ]
  for (const [what, oidc, says, more] of cases)
    test(`${what} is ${says === undefined ? 'taken' : 'refused'}`, () => {
      const found = problems(oidc, more)
      if (says === undefined) assert.equal(found, [])
      else {
        assert.ok(found.length > 0)
        for (const one of found) assert.match(one, says)
      }
    })
})

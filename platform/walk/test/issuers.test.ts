// The walk with tokens as each kind of issuer makes them: predicted for every request, and before a real gateway.

import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { isError } from '../../../generators/diagnostics/diagnostic.ts'
import { everything, renderRepository } from '../../../generators/pipeline.ts'
import { type IssuerKind, type IssuerKindName, issuerKindNames, issuerKinds } from '../../../generators/schema/oidc.ts'
import { copyRepository } from '../../../generators/test/fixture.ts'
import { sampleRoot } from '../../../test/sample-tree.ts'
import { assert, describe } from '../../../test/spec.ts'
import { readCluster, readTenants } from '../../read-cluster.ts'
import { recordGraph } from '../../test/graphs.ts'
import { casesOf } from '../cases.ts'
import type { Declared, KubernetesObject } from '../declared.ts'
import { expectedGateway } from '../expected-answer.ts'
import { issuedToken } from '../issuer-tokens.ts'
import { startLive } from '../live.ts'
import { sampleCredentials } from '../sample-token.ts'
import { walk } from '../walk.ts'

const cluster = 'dev'

/** The committed repository with that issuer in the cluster file, and the tenants’ clients where its tokens name them. */
async function declareWith(kind: IssuerKindName): Promise<Declared> {
  const folder = copyRepository(sampleRoot)
  const change = (path: string, edit: (value: Record<string, unknown>) => void) => {
    const value = parse(readFileSync(join(folder, path), 'utf8')) as Record<string, unknown>
    edit(value)
    writeFileSync(join(folder, path), stringify(value))
  }
  const { example, hasAudience, scopeExample, clients } = issuerKinds[kind] as IssuerKind
  try {
    change(`clusters/${cluster}/cluster.yaml`, (file) => {
      file.oidc = { kind, issuer: example, scopes: [scopeExample], ...(hasAudience && { audiences: ['slipway'] }) }
    })
    for (const name of ['research', 'support'])
      change(`apps/tenants/${name}.yaml`, (file) => {
        const { client_id } = file.claims as Record<string, unknown>
        file.claims = { [clients[0] ?? '']: client_id }
      })
    const { files, diagnostics } = renderRepository(folder, { ...everything, clusters: [cluster] })
    assert.equal(diagnostics.filter(isError), [])
    const objects = files
      .filter(({ path }) => !/rendered\/(?:argocd|addons|monitoring)\//.test(path))
      .map(({ text }) => parse(text) as KubernetesObject)
    const read = readCluster(folder, cluster)
    const originSecret = { current: 'walk-'.repeat(8) }
    const graph = await recordGraph({ cluster: read, tenants: readTenants(folder), originSecret })
    return { cluster: read, graph, objects }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

for (const kind of issuerKindNames)
  describe(`tokens of ${kind}`, (test) => {
    test('lead every request to the end that it must have', async () => {
      const declared = await declareWith(kind)
      const cases = casesOf(declared, sampleCredentials(declared)).filter(({ absent }) => absent === undefined)
      for (const one of cases) {
        const { answer, answeredBy } = await walk(declared, one.request, expectedGateway(declared))
        assert.equal({ status: answer.status, by: answeredBy }, one.expected, one.name)
      }
    })

    test(
      'are let in and refused by the real gateway as the walk says',
      async () => {
        const declared = await declareWith(kind)
        const live = await startLive(declared)
        try {
          const names = /^(?:chat|streamed-chat|(?:no-token|stranger|elliptic|api-key|forged-identity)(?:-stream)?)$/
          const cases = casesOf(declared, live.credentials).filter(({ name }) => names.test(name))
          assert.is(cases.length, 12)
          for (const one of cases) {
            const { answer, answeredBy } = await walk(declared, one.request, live.gateway)
            assert.equal({ status: answer.status, by: answeredBy }, one.expected, `${one.name}: ${answer.body}`)
          }
        } finally {
          await live.stop()
        }
      },
      { timeoutSeconds: 60 },
    )
  })

describe('an issued token', (test) => {
  test('has no audience in Cognito, no scope in Entra ID, and a list of scopes in Okta', async () => {
    const claims = async (kind: IssuerKindName) =>
      issuedToken((await declareWith(kind)).cluster, { [clientClaimOf(kind)]: 'a' }).claims
    assert.not(Object.hasOwn(await claims('cognito'), 'aud'))
    const entra = await claims('entra')
    assert.equal([entra.roles, entra.scp, entra.scope], [['invoke'], undefined, undefined])
    assert.equal((await claims('okta')).scp, ['invoke'])
  })
})

const clientClaimOf = (kind: IssuerKindName): string => (issuerKinds[kind] as IssuerKind).clients[0] ?? ''

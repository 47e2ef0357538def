// The walk with tokens as each kind of issuer makes them: predicted for every request, and before a real gateway.

import { type IssuerKind, type IssuerKindName, issuerKindNames, issuerKinds } from '../../../generators/schema/oidc.ts'
import { assert, describe } from '../../../test/spec.ts'
import { casesOf } from '../cases.ts'
import { expectedGateway } from '../expected-answer.ts'
import { issuedToken } from '../issuer-tokens.ts'
import { startLive } from '../live.ts'
import { sampleCredentials } from '../sample-token.ts'
import { walk } from '../walk.ts'
import { declareWith } from './declare-with.ts'

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

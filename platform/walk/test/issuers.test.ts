// The walk with tokens as each kind of issuer makes them: predicted for every request, and before a real gateway.

import { type IssuerKind, type IssuerKindName, issuerKindNames, issuerKinds } from '../../../generators/schema/oidc.ts'
import { assert, describe } from '../../../test/spec.ts'
import { issuedToken } from '../issuer-tokens.ts'
import { declareWith } from './declare-with.ts'
import { expectPredictedEnds, expectRealEnds } from './expect-ends.ts'

/** Version 1 names client and audience otherwise than the example of the kind. */
const firstVersion = {
  issuer: 'https://sts.windows.net/11111111-2222-3333-4444-555555555555/',
  audiences: ['api://slipway'],
}

const issuers: [what: string, kind: IssuerKindName, oidc?: object][] = [
  ...issuerKindNames.map((kind): [string, IssuerKindName] => [kind, kind]),
  ['entra, version 1', 'entra', firstVersion],
]

for (const [what, kind, oidc] of issuers)
  describe(`tokens of ${what}`, (test) => {
    test('lead every request to the end that it must have', async () => {
      await expectPredictedEnds(await declareWith(kind, oidc))
    })

    test(
      'are let in and refused by the real gateway as the walk says',
      async () => expectRealEnds(await declareWith(kind, oidc)),
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

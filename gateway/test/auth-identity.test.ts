// Identities: which tenant a token belongs to, and how long an answer is remembered.
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { assert, describe } from '../../test/spec.ts'
import { authorizationValues, bearerToken } from '../auth/authorization.ts'
import { Authenticator, type Identity } from '../auth/identity.ts'
import { tenantOf } from '../auth/tenant-match.ts'
import { TokenCache } from '../auth/token-cache.ts'
import { FakeClock, FakeIssuer, refusalOf, snapshotOf, tenant } from './fake-issuer.ts'

const idp = new FakeIssuer()
const clock = new FakeClock()
const issuer = () => ({ issuer: idp.issuer, audiences: ['slipway'], jwksUri: idp.jwksUri, scopes: [] })
const authenticator = (cache = {}) => new Authenticator({ issuers: [issuer()], now: clock.now, cache })
const headerFor = async (claims = {}, seconds = 3600) =>
  `Bearer ${await idp.sign('k', 'ES256', { aud: 'slipway', client_id: 'team', exp: clock.seconds + seconds, ...claims })}`
const isSync = (value: Identity | Promise<Identity>): boolean => !(value instanceof Promise)

describe('identities', (test) => {
  test.before(async () => {
    await idp.listen()
    await idp.addKey('k', 'ES256')
  })
  test.after(() => idp.close())

  test('a token that was seen before is answered without a promise', async () => {
    const auth = authenticator()
    auth.setSnapshot(snapshotOf(tenant('team')))
    const header = await headerFor({ sub: 'me' })
    const first = auth.authenticate(header, 'api')
    assert.not.ok(isSync(first))
    assert.equal(await first, { tenant: tenant('team'), kind: 'jwt', isOperator: false, subject: 'me' })
    assert.ok(isSync(auth.authenticate(header, 'api')))
    assert.is(auth.authenticate([header], 'stream'), await first)
    assert.not.ok(isSync(auth.authenticate(await headerFor({ sub: 'you' }), 'api')))
  })

  test('a remembered token ends with its exp', async () => {
    const auth = authenticator()
    auth.setSnapshot(snapshotOf(tenant('team')))
    const header = await headerFor({}, 10)
    await auth.authenticate(header, 'api')
    clock.pass(9)
    assert.ok(isSync(auth.authenticate(header, 'api')))
    clock.pass(1)
    // Within the tolerance it is verified each time.
    for (let again = 0; again < 2; again += 1) {
      const answer = auth.authenticate(header, 'api')
      assert.not.ok(isSync(answer))
      assert.is((await answer).tenant.name, 'team')
    }
    clock.pass(31)
    assert.is(await refusalOf(() => auth.authenticate(header, 'api')), 'expired')
  })

  test('a remembered token is verified again after 5 min', async () => {
    const auth = authenticator()
    auth.setSnapshot(snapshotOf(tenant('team')))
    const header = await headerFor()
    await auth.authenticate(header, 'api')
    clock.pass(299)
    assert.ok(isSync(auth.authenticate(header, 'api')))
    clock.pass(1)
    assert.not.ok(isSync(auth.authenticate(header, 'api')))
  })

  test('a change of tenants counts for remembered tokens at once', async () => {
    const auth = authenticator()
    const header = await headerFor({ groups: ['a'] })
    assert.is(await refusalOf(() => auth.authenticate(header, 'api')), 'no_tenant')
    auth.setSnapshot(snapshotOf(tenant('team')))
    const first = auth.authenticate(header, 'api') as Identity
    assert.is(first.tenant.name, 'team')
    const limits = { requestsPerMinute: 1, tokensPerMinute: 1, concurrency: 1 }
    auth.setSnapshot(snapshotOf(tenant('team', { limits })))
    assert.is((auth.authenticate(header, 'api') as Identity).tenant.limits, limits)
    auth.setSnapshot(snapshotOf(tenant('renamed', { claims: { groups: 'a' } })))
    assert.is((auth.authenticate(header, 'api') as Identity).tenant.name, 'renamed')
    auth.setSnapshot(snapshotOf(tenant('team'), tenant('renamed', { claims: { groups: 'a' } })))
    assert.throws(() => auth.authenticate(header, 'api'), /several tenants/)
    auth.setSnapshot(snapshotOf())
    assert.throws(() => auth.authenticate(header, 'api'), /no tenant/)
    auth.setSnapshot(snapshotOf(tenant('team')))
    assert.is((auth.authenticate(header, 'api') as Identity).tenant.name, 'team')
  })

  test('the tenants of the moment count when they change while a token is verified', async () => {
    const auth = authenticator()
    auth.setSnapshot(snapshotOf(tenant('team')))
    const header = await headerFor()
    const pending = auth.authenticate(header, 'api')
    auth.setSnapshot(snapshotOf())
    assert.is(await refusalOf(() => pending), 'no_tenant')
    assert.throws(() => auth.authenticate(header, 'api'), /no tenant/)
  })

  test('an issuer is given once', () => {
    assert.throws(() => new Authenticator({ issuers: [issuer(), issuer()] }), /twice/)
  })

  test('Node drops the second of two Authorization headers; the raw ones show both', async () => {
    const server = createServer((received, response) => {
      response.end(JSON.stringify([received.headers.authorization, authorizationValues(received.rawHeaders)]))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    const ask = (headers: string[]) =>
      new Promise<[string?, string[]?]>((resolve) => {
        const sent = request({ port, headers: ['host', 'x', ...headers] }, async (response) => {
          resolve(JSON.parse(Buffer.concat(await response.toArray()).toString()))
        })
        sent.end()
      })
    const [kept, values] = await ask(['Authorization', 'Bearer a', 'x-authorize-i', 'no', 'AUTHORIZATION', 'Bearer b'])
    assert.equal([kept, values], ['Bearer a', ['Bearer a', 'Bearer b']])
    assert.is(await refusalOf(() => bearerToken(values)), 'malformed')
    assert.is(bearerToken((await ask(['authorization', 'Bearer a']))[1]), 'a')
    assert.is(await refusalOf(async () => bearerToken((await ask([]))[1])), 'missing')
    server.close()
    server.closeAllConnections()
  })
})

describe('tenants of tokens', (test) => {
  const match = (claims: object, ...wanted: Record<string, string | string[]>[]) =>
    refusalOf(() =>
      tenantOf(
        claims as Record<string, unknown>,
        wanted.map((one, at) => tenant(`t${at}`, { claims: one })),
      ),
    )

  test('all claims must match; a list means one of its values', async () => {
    const wanted = { client_id: 'support', groups: ['support', 'oncall'] }
    assert.is(await match({ client_id: 'support', groups: 'oncall' }, wanted), 'accepted')
    assert.is(await match({ client_id: 'support', groups: ['x', 'oncall'] }, wanted), 'accepted')
    assert.is(await match({ client_id: 'support', groups: ['x'] }, wanted), 'no_tenant')
    assert.is(await match({ client_id: 'support', groups: [] }, wanted), 'no_tenant')
    assert.is(await match({ client_id: 'support' }, wanted), 'no_tenant')
    assert.is(await match({ groups: 'oncall' }, wanted), 'no_tenant')
    assert.is(await match({ client_id: ['a', 'support'] }, { client_id: 'support' }), 'accepted')
  })

  test('values are compared as whole strings', async () => {
    for (const id of ['Support', 'support ', 'support,x', 'supp', true, 1, null, { support: 1 }, [['support']]]) {
      assert.is(await match({ client_id: id }, { client_id: 'support' }), 'no_tenant', JSON.stringify(id))
    }
    assert.is(await match({ admin: true }, { admin: 'true' }), 'no_tenant')
    assert.is(await match({}, { constructor: 'x', toString: 'x' }), 'no_tenant')
  })

  test('several matches are refused, and no claims match nothing', async () => {
    assert.is(await match({ a: '1', b: '2' }, { a: '1' }, { b: '2' }), 'several_tenants')
    assert.is(await match({ a: '1', b: '2' }, { a: '1' }, { b: '3' }), 'accepted')
    assert.is(await match({ a: '1' }, {}), 'no_tenant')
  })
})

describe('token cache', (test) => {
  test('forgets the least recently used first', () => {
    const cache = new TokenCache<number>({ size: 3 })
    for (const [at, name] of ['a', 'b', 'c'].entries()) cache.set(name, at, 1000, 0)
    assert.is(cache.get('a', 1), 0)
    cache.set('d', 3, 1000, 1)
    assert.equal(
      ['a', 'b', 'c', 'd'].map((name) => cache.get(name, 1)),
      [0, undefined, 2, 3],
    )
    for (let index = 0; index < 50; index += 1) cache.set(`x${index}`, index, 1000, 1)
    assert.is(cache.size, 3)
  })

  test('ends an entry at its expiry or after its longest life', () => {
    const cache = new TokenCache<number>({ maxMs: 100 })
    cache.set('soon', 1, 50, 0)
    cache.set('late', 1, 1e12, 0)
    cache.set('past', 1, 0, 0)
    cache.set('never', 1, Number.NaN, 0)
    assert.equal([cache.get('soon', 49), cache.get('late', 99)], [1, 1])
    assert.equal(
      ['soon', 'late', 'past', 'never'].map((name) => cache.get(name, 100)),
      Array(4).fill(undefined),
    )
    assert.is(cache.size, 0)
  })
})

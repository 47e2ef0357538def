// The issuer's keys: how often they are read, and what happens while the issuer is away.
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { assert, describe } from '../../test/spec.ts'
import { fetchText } from '../auth/fetch-text.ts'
import { Authenticator } from '../auth/identity.ts'
import { JwksStore } from '../auth/jwks.ts'
import { metricNames } from '../metric-names.ts'
import { FakeEngine } from './fake-engine.ts'
import { FakeClock, FakeIssuer, refusalOf, snapshotOf, tenant } from './fake-issuer.ts'
import { chat, metricValue, model, startGateway } from './harness.ts'

async function withIssuer(body: (idp: FakeIssuer, clock: FakeClock) => Promise<void>): Promise<void> {
  const idp = new FakeIssuer()
  await idp.listen()
  try {
    await idp.addKey('one', 'ES256')
    await body(idp, new FakeClock())
  } finally {
    idp.close()
  }
}

function authenticatorOf(idp: FakeIssuer, clock: FakeClock): Authenticator {
  const issuers = [{ issuer: idp.issuer, audiences: ['slipway'], jwksUri: idp.jwksUri, scopes: [] }]
  const auth = new Authenticator({ issuers, now: clock.now })
  auth.setSnapshot(snapshotOf(tenant('team')))
  return auth
}

const tokenOf = (idp: FakeIssuer, clock: FakeClock, kid: string, header = {}) =>
  idp.sign(kid, 'ES256', { aud: 'slipway', client_id: 'team', exp: clock.seconds + 36_000 }, header)

describe('keys of an issuer', (test) => {
  test('a new kid is accepted after one fetch', () =>
    withIssuer(async (idp, clock) => {
      const auth = authenticatorOf(idp, clock)
      await auth.authenticate(`Bearer ${await tokenOf(idp, clock, 'one')}`, 'api')
      assert.is(idp.requests.length, 1)
      await idp.addKey('two', 'ES256')
      clock.pass(31)
      const token = await tokenOf(idp, clock, 'two')
      const all = await Promise.all(Array.from({ length: 20 }, () => auth.authenticate(`Bearer ${token}`, 'api')))
      assert.equal([all.length, idp.requests.length], [20, 2])
    }))

  test('1000 random kids cause at most one fetch in 30 s', () =>
    withIssuer(async (idp, clock) => {
      const auth = authenticatorOf(idp, clock)
      const good = await tokenOf(idp, clock, 'one')
      await auth.authenticate(`Bearer ${good}`, 'api')
      clock.pass(31)
      idp.requests = []
      const refused = async (count: number) => {
        for (let index = 0; index < count; index += 1) {
          const token = await tokenOf(idp, clock, 'one', { kid: crypto.randomUUID() })
          assert.is(await refusalOf(() => auth.authenticate(`Bearer ${token}`, 'api')), 'unknown_key')
        }
      }
      await Promise.all([refused(250), refused(250), refused(250), refused(250)])
      assert.is(idp.requests.length, 1)
      clock.pass(29)
      await refused(5)
      assert.is(idp.requests.length, 1)
      clock.pass(2)
      await refused(5)
      assert.is(idp.requests.length, 2)
    }))

  test('known kids verify while the issuer is away for 2 h, and the keys count as stale', () =>
    withIssuer(async (idp, clock) => {
      const auth = authenticatorOf(idp, clock)
      await auth.authenticate(`Bearer ${await tokenOf(idp, clock, 'one')}`, 'api')
      assert.equal(auth.staleSeconds(), [{ issuer: idp.issuer, seconds: 0 }])
      idp.close()
      clock.pass(7200)
      const fresh = await tokenOf(idp, clock, 'one')
      assert.is((await auth.authenticate(`Bearer ${fresh}`, 'api')).tenant.name, 'team')
      assert.is(auth.staleSeconds()[0]?.seconds, 7200)
      const unknown = await tokenOf(idp, clock, 'one', { kid: 'x' })
      assert.is(await refusalOf(() => auth.authenticate(`Bearer ${unknown}`, 'api')), 'unknown_key')
      assert.is((await auth.authenticate(`Bearer ${await tokenOf(idp, clock, 'one')}`, 'api')).kind, 'jwt')
    }))

  test('a gateway serves known kids while the issuer is away for 2 h, and its metric shows for how long', async () => {
    // The gateway takes its clock from here, and no test can wait for two hours.
    const { now } = Date
    let passed = 0
    Date.now = () => now() + passed
    const engine = await FakeEngine.start()
    const gateway = await startGateway([model('ok', [engine.endpoint])])
    try {
      const { identity } = gateway
      const ask = async () => {
        // Each token is new, so that its signature is checked.
        const authorization = `Bearer ${await identity.token({ jti: crypto.randomUUID() }, '4h')}`
        return (await gateway.post('/v1/chat/completions', chat('ok'), { authorization })).status
      }
      const stale = async () => metricValue(await gateway.metrics(), metricNames.jwksStale, { issuer: identity.issuer })
      assert.is(await ask(), 200)
      assert.is(await stale(), 0)
      await identity.stop()
      passed = 300_000
      // Not yet more than the regular refresh explains.
      assert.is(await stale(), 0)
      passed = 3_600_000
      assert.is(Math.floor((await stale()) / 60), 60)
      passed = 7_200_000
      assert.is(Math.floor((await stale()) / 60), 120)
      assert.is(await ask(), 200)
    } finally {
      Date.now = now
      await gateway.stop()
      await engine.stop()
    }
  })

  test('the last good set ends after 24 h', () =>
    withIssuer(async (idp, clock) => {
      const store = new JwksStore(idp, { now: clock.now })
      await store.refresh()
      idp.status = 500
      clock.pass(86_400)
      assert.ok(await store.find('one', 'ES256'))
      clock.pass(1)
      assert.is(await refusalOf(() => store.find('one', 'ES256')), 'jwks_unavailable')
    }))

  test('errors, redirects and sets without a usable key leave the last good set in use', () =>
    withIssuer(async (idp, clock) => {
      const failures: string[] = []
      const onFailure = (error: unknown) => failures.push(String(error))
      const store = new JwksStore(idp, { now: clock.now, onFailure })
      await store.refresh()
      const { keys } = idp
      for (const status of [500, 404, 302]) {
        idp.status = status
        await store.refresh()
      }
      idp.status = 200
      for (const bad of [[], [{ kty: 'oct', k: 'AAAA', kid: 'one' }]]) {
        idp.keys = bad
        await store.refresh()
      }
      assert.is(failures.length, 5)
      assert.not.ok(idp.requests.includes('/elsewhere'))
      assert.ok(await store.find('one', 'ES256'))
      idp.keys = keys.slice(0, 0)
      await idp.addKey('two', 'ES256')
      await store.refresh()
      assert.is(await refusalOf(() => store.find('one', 'ES256')), 'unknown_key')
    }))

  test('nothing is said about a token while no keys were ever read', () =>
    withIssuer(async (idp, clock) => {
      idp.status = 503
      const auth = authenticatorOf(idp, clock)
      const attempt = async () => auth.authenticate(`Bearer ${await tokenOf(idp, clock, 'one')}`, 'api')
      const error = await attempt().catch((caught) => caught)
      assert.equal([error.status, error.code, error.reason], [502, 'auth_unavailable', 'jwks_unavailable'])
      idp.status = 200
      clock.pass(30)
      assert.is(await refusalOf(attempt), 'accepted')
    }))

  test('the set is read at the start and again in the background, until stop', () =>
    withIssuer(async (idp) => {
      const store = new JwksStore(idp, { refreshMs: 20 })
      store.start()
      void store.refresh()
      await store.find('one', 'ES256')
      assert.is(idp.requests.length, 1)
      while (idp.requests.length < 3) await sleep(5)
      store.stop()
      await sleep(30)
      const count = idp.requests.length
      await sleep(60)
      assert.is(idp.requests.length, count)
    }))

  test('background reads keep going while the issuer fails', () =>
    withIssuer(async (idp) => {
      idp.status = 500
      const store = new JwksStore(idp, { refreshMs: 10, unknownKidMs: 3_600_000 })
      store.start()
      while (idp.requests.length < 3) await sleep(5)
      assert.is(await refusalOf(() => store.find('one', 'ES256')), 'jwks_unavailable')
      idp.status = 200
      const seen = idp.requests.length
      while (idp.requests.length < seen + 2) await sleep(5)
      assert.ok(await store.find('one', 'ES256'))
      store.stop()
    }))
})

async function refusedBy(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
  const outcome = await refusalOf(() => fetchText(url, { timeoutMs: 200, maxBytes: 1000 }))
  server.close()
  server.closeAllConnections()
  return outcome
}

describe('reading a key set', (test) => {
  test('has limits of time and size', async () => {
    assert.is(await refusedBy((_, response) => response.end('x'.repeat(1000))), 'accepted')
    assert.match(await refusedBy((_, response) => response.end('x'.repeat(1001))), /more than 1000 bytes/)
    assert.match(await refusedBy((_, response) => response.writeHead(201).end('{}')), /answered 201/)
    assert.match(await refusedBy(() => {}), /Timeout|abort/i)
    const trickle: RequestListener = (_, response) => {
      const timer = setInterval(() => response.write('x'), 20)
      response.on('close', () => clearInterval(timer))
    }
    assert.match(await refusedBy(trickle), /Timeout|abort/i)
  })
})

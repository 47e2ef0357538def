// API keys: their look, their end, their rotation and the lane they are for.
import { hash, randomBytes, randomUUID } from 'node:crypto'
import { assert, describe } from '../../test/spec.ts'
import { isHardToGuess, looksLikeApiKey, makeApiKey } from '../auth/api-key-form.ts'
import { Authenticator } from '../auth/identity.ts'
import { FakeClock, refusalOf, snapshotOf, tenant } from './fake-issuer.ts'

const entry = (id: string, apiKey: string, expires = '2027-06-30') => ({ id, sha256: hash('sha256', apiKey), expires })
const clock = new FakeClock()
const authenticator = (more = {}) => new Authenticator({ issuers: [], now: clock.now, ...more })
const refusal = (auth: Authenticator, apiKey: string, lane: 'api' | 'stream' = 'stream') =>
  refusalOf(() => auth.authenticate(`Bearer ${apiKey}`, lane))

describe('API keys', (test) => {
  test('have a tenant, 43 base62 characters and a checksum', () => {
    assert.is(makeApiKey('a', new Uint8Array(32)).slice(0, 48), `sk-a-${'0'.repeat(43)}`)
    // 2^256 - 1 in base 62.
    const largest = makeApiKey('a', new Uint8Array(32).fill(255))
    let value = 0n
    const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
    for (const digit of largest.slice(5, 48)) value = value * 62n + BigInt(digits.indexOf(digit))
    assert.is(value, 2n ** 256n - 1n)
    const some = Array.from({ length: 200 }, () => makeApiKey('my-team'))
    for (const key of some) assert.match(key, /^sk-my-team-[0-9A-Za-z]{43}-[0-9a-f]{8}$/)
    assert.is(new Set(some).size, 200)
    assert.throws(() => makeApiKey('a', new Uint8Array(16)))
  })

  test('that were cut off or mistyped give another error than unknown ones', async () => {
    const key = makeApiKey('team')
    const auth = authenticator()
    assert.ok(looksLikeApiKey(key))
    assert.is(await refusal(auth, key), 'unknown_key')
    const other = key.at(20) === 'a' ? 'b' : 'a'
    const wrong = [
      key.slice(0, -1),
      `${key}0`,
      key.slice(0, 20) + other + key.slice(21),
      key.toUpperCase(),
      'sk-',
      'sk-x',
    ]
    for (const text of wrong) {
      assert.not.ok(looksLikeApiKey(text), text)
      if (text.startsWith('sk-')) assert.is(await refusal(auth, text), 'malformed', text)
    }
  })

  test('name their tenant and their entry, without a promise', () => {
    const key = makeApiKey('team')
    const team = tenant('team', { apiKeys: [entry('ci', key)] })
    const auth = authenticator()
    auth.setSnapshot(snapshotOf(tenant('other'), team))
    assert.equal(auth.authenticate(`Bearer ${key}`, 'stream'), {
      tenant: team,
      kind: 'key',
      isOperator: false,
      keyId: 'ci',
      key: team.apiKeys[0],
    })
  })

  test('two keys are valid at once, and one that is removed is refused at once', async () => {
    const [old, young, foreign] = [makeApiKey('team'), makeApiKey('team'), makeApiKey('other')]
    const other = tenant('other', { apiKeys: [entry('c', foreign)] })
    const auth = authenticator()
    const use = (...apiKeys: ReturnType<typeof entry>[]) =>
      auth.setSnapshot(snapshotOf(tenant('team', { apiKeys }), other))
    const outcomes = async () => [await refusal(auth, old), await refusal(auth, young), await refusal(auth, foreign)]
    use(entry('a', old), entry('b', young))
    assert.equal(await outcomes(), ['accepted', 'accepted', 'accepted'])
    use(entry('b', young))
    assert.equal(await outcomes(), ['unknown_key', 'accepted', 'accepted'])
    use()
    assert.equal(await outcomes(), ['unknown_key', 'unknown_key', 'accepted'])
  })

  test('end with their last day in UTC', async () => {
    const [key, undated] = [makeApiKey('team'), makeApiKey('team')]
    const apiKeys = [entry('a', key, '2027-03-31'), entry('b', undated, 'never')]
    const auth = authenticator()
    auth.setSnapshot(snapshotOf(tenant('team', { apiKeys })))
    clock.ms = Date.UTC(2027, 3, 1) - 1
    assert.is(await refusal(auth, key), 'accepted')
    clock.ms += 1
    assert.is(await refusal(auth, key), 'key_expired')
    assert.is(await refusal(auth, undated), 'key_expired')
    clock.ms = new FakeClock().ms
  })

  test('are for the stream lane, unless there is no HTTP API in front', async () => {
    const key = makeApiKey('team')
    const snapshot = snapshotOf(tenant('team', { apiKeys: [entry('a', key)] }))
    const [edge, local] = [authenticator(), authenticator({ keysOnApiLane: true })]
    for (const auth of [edge, local]) auth.setSnapshot(snapshot)
    assert.equal([await refusal(edge, key, 'api'), await refusal(edge, key, 'stream')], ['key_on_api_lane', 'accepted'])
    assert.equal([await refusal(local, key, 'api'), await refusal(local, key, 'stream')], ['accepted', 'accepted'])
  })

  test('that two tenants list belong to neither; what is no SHA-256 matches nothing', async () => {
    const [key, upper] = [makeApiKey('team'), makeApiKey('team')]
    const apiKeys = [entry('a', key), { ...entry('b', upper), sha256: hash('sha256', upper).toUpperCase() }]
    const broken = [
      { id: 'c', sha256: '', expires: '2027-06-30' },
      { id: 'd', sha256: 'xyz', expires: '2027-06-30' },
    ]
    const auth = authenticator()
    auth.setSnapshot(
      snapshotOf(tenant('team', { apiKeys: [...apiKeys, ...broken] }), tenant('b', { apiKeys: [entry('x', key)] })),
    )
    assert.is(await refusal(auth, key), 'several_tenants')
    assert.is(await refusal(auth, upper), 'accepted')
    assert.is(await refusal(auth, makeApiKey('team')), 'unknown_key')
  })

  test('of any other form are accepted when their hash is there and nobody can guess them', async () => {
    const good = [
      randomBytes(32).toString('hex'),
      randomBytes(16).toString('hex'),
      randomBytes(24).toString('base64'),
      randomBytes(16).toString('base64url'),
      randomUUID(),
      `sk-proj-${randomBytes(36).toString('base64url')}`,
      `key.with.dots.${randomBytes(18).toString('hex')}`,
    ]
    const weak = ['password', 'sk-1234', 'a'.repeat(64), 'changeme'.repeat(8), '1234567890'.repeat(5), 'correct-horse']
    const auth = authenticator()
    const apiKeys = [...good, ...weak].map((key, at) => entry(`key-${at}`, key))
    auth.setSnapshot(snapshotOf(tenant('team', { apiKeys })))
    for (const [at, key] of good.entries()) {
      assert.is((await auth.authenticate(`Bearer ${key}`, 'stream')).keyId, `key-${at}`, key)
      assert.is(await refusal(auth, key, 'api'), 'key_on_api_lane', key)
    }
    for (const key of weak) assert.is(await refusal(auth, key), 'weak_key', key)
    for (const key of weak) assert.not.ok(isHardToGuess(key), key)
  })

  test('of any form that nobody has are unknown; what can be no key is malformed', async () => {
    const auth = authenticator()
    assert.is(await refusal(auth, randomBytes(16).toString('hex')), 'unknown_key')
    assert.is(await refusal(auth, 'hello'), 'malformed')
    assert.is(await refusal(auth, 'eyJhbGciOiJSUzI1NiIsImtpZCI6ImEifQ'), 'malformed')
  })

  test('of random bytes always have enough for every usual way to write them', () => {
    const ways = ['hex', 'base64', 'base64url'] as const
    const short = Array.from({ length: 3000 }, (_, at) => randomBytes(16).toString(ways[at % 3])).filter(
      (key) => !isHardToGuess(key),
    )
    assert.equal(short, [])
  })

  test('that are long cost no more to judge', () => {
    const long = `${'a'.repeat(8000)}b`
    const began = performance.now()
    for (let again = 0; again < 100; again += 1) isHardToGuess(long)
    assert.ok(performance.now() - began < 500)
  })
})

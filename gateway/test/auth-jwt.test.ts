// Tokens: what is accepted, and every known way to forge one.
import { createHmac, createPublicKey, type webcrypto } from 'node:crypto'
import type { JWK } from 'jose'
import { assert, describe } from '../../test/spec.ts'
import { AuthError, authReasons } from '../auth/auth-error.ts'
import { Authenticator } from '../auth/identity.ts'
import { JwksStore } from '../auth/jwks.ts'
import { JwtVerifier } from '../auth/jwt.ts'
import type { Issuer } from '../config.ts'
import { base64url, FakeClock, FakeIssuer, refusalOf, snapshotOf, tenant } from './fake-issuer.ts'

const idp = new FakeIssuer()
const clock = new FakeClock()
const scopes = ['slipway/invoke']
let rsa: JWK
let auth: Authenticator
const good = () => ({ aud: 'slipway', scope: 'slipway/invoke', client_id: 'team', exp: clock.seconds + 3600 })
const verifier = (more: Partial<Issuer> = {}) => {
  const issuer = { issuer: idp.issuer, audiences: ['slipway'], jwksUri: idp.jwksUri, scopes, ...more }
  return new JwtVerifier([{ issuer, keys: new JwksStore(issuer, { now: clock.now }) }], clock.now)
}
const refuse = (token: string | string[]) =>
  refusalOf(() => auth.authenticate(typeof token === 'string' ? `Bearer ${token}` : token, 'api'))
const signed = (claims: object, header = {}) => idp.sign('rsa', 'RS256', { ...good(), ...claims }, header)
const hmacToken = (secret: string | Buffer, header: object = { alg: 'HS256', kid: 'rsa' }) => {
  const input = `${base64url(header)}.${base64url({ iss: idp.issuer, ...good() })}`
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}

describe('tokens', (test) => {
  test.before(async () => {
    await idp.listen()
    rsa = await idp.addKey('rsa', 'RS256')
    await idp.addKey('pss', 'PS256')
    await idp.addKey('ec', 'ES256')
    await idp.addKey('ed', 'EdDSA')
    const issuers = [{ issuer: idp.issuer, audiences: ['slipway'], jwksUri: idp.jwksUri, scopes }]
    auth = new Authenticator({ issuers, now: clock.now })
    auth.setSnapshot(snapshotOf(tenant('team')))
  })
  test.after(() => idp.close())

  test('good ones of all four algorithms are accepted', async () => {
    for (const [kid, alg] of [
      ['rsa', 'RS256'] as const,
      ['pss', 'PS256'] as const,
      ['ec', 'ES256'] as const,
      ['ed', 'EdDSA'] as const,
    ]) {
      const token = await idp.sign(kid, alg, { ...good(), sub: 'robot' })
      const { tenant: found, kind, subject } = await auth.authenticate(`Bearer ${token}`, 'api')
      assert.equal([found.name, kind, subject], ['team', 'jwt', 'robot'], alg)
    }
  })

  test('nothing, another scheme, several headers and several tokens are refused', async () => {
    const token = await signed({})
    assert.is(await refusalOf(() => auth.authenticate(undefined, 'api')), 'missing')
    assert.is(await refusalOf(() => auth.authenticate([], 'api')), 'missing')
    assert.is(await refuse([`Bearer ${token}`, `Bearer ${token}`]), 'malformed')
    for (const value of [
      'Basic dXNlcjpwYXNz',
      token,
      'Bearer',
      `Bearer ${token}, Bearer ${token}`,
      `Bearer ${token} ${token}`,
    ]) {
      assert.is(await refuse([value]), 'malformed', value.slice(0, 20))
    }
    for (const scheme of ['Bearer', 'bearer', 'BEARER']) assert.is(await refuse([`${scheme} ${token}`]), 'accepted')
    for (const scheme of ['Digest', 'Bearer:', ' Bearer']) assert.is(await refuse([`${scheme} ${token}`]), 'malformed')
  })

  test('20 KB is refused before anything is parsed, 8 KB is not', async () => {
    assert.is(await refuse('x'.repeat(20_000)), 'too_long')
    assert.is(await refuse(await signed({ pad: 'x'.repeat(20_000) })), 'too_long')
    assert.is(await refuse(await signed({ pad: 'x'.repeat(5500) })), 'accepted')
    assert.is(await refusalOf(() => verifier().verify('.'.repeat(8193))), 'too_long')
  })

  test('alg none is refused in every spelling', async () => {
    for (const alg of ['none', 'None', 'NONE', 'nOnE', '', 'HS256', 'RS512', undefined, ['RS256'], null]) {
      const unsigned = `${base64url({ alg, kid: 'rsa' })}.${base64url({ iss: idp.issuer, ...good() })}`
      assert.is(await refuse(`${unsigned}.`), 'malformed', `${alg} without signature`)
      assert.is(await refuse(`${unsigned}.AAAA`), 'bad_algorithm', String(alg))
    }
  })

  test('HS256 with the public key as secret is refused in every form', async () => {
    const key = createPublicKey({ key: rsa as webcrypto.JsonWebKey, format: 'jwk' })
    const pem = key.export({ type: 'spki', format: 'pem' }).toString()
    const secrets = [pem, ` ${pem}`, `\n${pem}`, pem.trim(), JSON.stringify(rsa), '', Buffer.alloc(0)]
    secrets.push(key.export({ type: 'spki', format: 'der' }), key.export({ type: 'pkcs1', format: 'pem' }))
    for (const secret of secrets) {
      assert.is(await refuse(hmacToken(secret)), 'bad_algorithm')
      assert.is(await refuse(hmacToken(secret, { alg: 'RS256', kid: 'rsa' })), 'bad_signature')
    }
  })

  test('a secret key in the set verifies nothing', async () => {
    idp.keys.push({ kty: 'oct', k: base64url('secret'), kid: 'oct' }, { kty: 'oct', k: '', kid: 'empty', alg: 'RS256' })
    clock.pass(31)
    assert.is(await refuse(hmacToken('secret', { alg: 'HS256', kid: 'oct' })), 'bad_algorithm')
    assert.is(await refuse(hmacToken('secret', { alg: 'RS256', kid: 'oct' })), 'unknown_key')
    assert.is(await refuse(hmacToken('', { alg: 'ES256', kid: 'empty' })), 'unknown_key')
  })

  test('crit is refused, known or not, signed or not', async () => {
    for (const crit of [['x'], ['b64'], ['exp'], [], 'x', null]) {
      const [, payload, signature] = (await signed({})).split('.')
      const forged = `${base64url({ alg: 'RS256', kid: 'rsa', crit, x: 1, b64: true })}.${payload}.${signature}`
      assert.is(await refuse(forged), 'malformed', JSON.stringify(crit))
    }
    assert.is(await refuse(await signed({}, { crit: ['b64'], b64: true })), 'malformed')
  })

  test('keys and addresses inside a token are neither used nor fetched', async () => {
    const attacker = new FakeIssuer()
    await attacker.listen()
    const jwk = await attacker.addKey('rsa', 'RS256')
    await verifier().verify(await signed({}))
    idp.requests = []
    const header = { jwk, jku: attacker.jwksUri, x5u: `${attacker.url}/x5u`, x5c: ['AAAA'], kid: 'rsa' }
    assert.is(await refuse(await attacker.sign('rsa', 'RS256', good(), header)), 'bad_signature')
    assert.is(await refuse(await attacker.sign('rsa', 'RS256', good(), { jwk })), 'bad_signature')
    assert.is(await refuse(await signed({}, { ...header })), 'accepted')
    assert.equal([attacker.requests, idp.requests], [[], []])
    attacker.close()
  })

  test('a kid is only ever compared', async () => {
    clock.pass(31)
    idp.requests = []
    const kids = [
      '../../../dev/null',
      '/etc/passwd',
      'http://127.0.0.1/x',
      '__proto__',
      'constructor',
      "' OR 1=1 --",
      '',
    ]
    for (const kid of kids) assert.is(await refuse(await signed({}, { kid })), 'unknown_key', kid)
    assert.equal(idp.requests, ['/jwks.json'])
    for (const kid of [1, null, ['rsa'], {}]) {
      assert.is(await refuse(await signed({}, { kid: kid as unknown as string })), 'malformed', String(kid))
    }
  })

  test('a signature belongs to its own token, key and algorithm', async () => {
    const [header, payload, signature = ''] = (await signed({})).split('.')
    const [, payload2, signature2] = (await signed({ client_id: 'other' })).split('.')
    assert.is(await refuse(`${header}.${payload}.${signature2}`), 'bad_signature')
    assert.is(await refuse(`${header}.${payload2}.${signature}`), 'bad_signature')
    assert.is(await refuse(`${header}.${payload}.${signature.slice(4)}`), 'bad_signature')
    for (const [kid, alg] of [
      ['ec', 'ES256'],
      ['ed', 'EdDSA'],
      ['pss', 'PS256'],
    ]) {
      assert.is(await refuse(`${base64url({ alg, kid })}.${payload}.${signature}`), 'bad_signature', alg)
      assert.is(await refuse(`${base64url({ alg, kid: 'rsa' })}.${payload}.${signature}`), 'unknown_key', alg)
    }
  })

  test('exp is needed and counts with 30 s of tolerance, nbf too', async () => {
    const at = (seconds: number) => clock.seconds + seconds
    assert.is(await refuse(await signed({ exp: at(-31) })), 'expired')
    assert.is(await refuse(await signed({ exp: at(-30) })), 'expired')
    assert.is(await refuse(await signed({ exp: at(-29) })), 'accepted')
    assert.is(await refuse(await signed({ nbf: at(31) })), 'not_yet_valid')
    assert.is(await refuse(await signed({ nbf: at(29) })), 'accepted')
    for (const exp of [undefined, null, String(at(60)), {}]) {
      assert.is(await refuse(await signed({ exp })), 'malformed', String(exp))
    }
    assert.is(await refuse(await signed({ nbf: '1' })), 'malformed')
  })

  test('the issuer is compared as a whole', async () => {
    for (const iss of [
      `${idp.issuer}/`,
      idp.issuer.toUpperCase(),
      'https://issuer.test',
      '',
      undefined,
      [idp.issuer],
      null,
    ]) {
      assert.is(await refuse(await signed({ iss })), 'wrong_issuer', String(iss))
    }
  })

  test('an audience list is accepted, another audience is not', async () => {
    assert.is(await refuse(await signed({ aud: ['other', 'slipway'] })), 'accepted')
    for (const aud of ['other', ['other'], [], 'slipway2', '', null, { slipway: 1 }]) {
      assert.is(await refuse(await signed({ aud })), 'wrong_audience', JSON.stringify(aud))
    }
  })

  test('without aud only an access token with a configured scope is accepted', async () => {
    const cognito = { aud: undefined, token_use: 'access' }
    assert.is(await refuse(await signed(cognito)), 'accepted')
    assert.is(await refuse(await signed({ aud: undefined })), 'wrong_audience')
    assert.is(await refuse(await signed({ ...cognito, token_use: 'id' })), 'wrong_audience')
    assert.is(await refuse(await signed({ ...cognito, scope: 'other/invoke' })), 'wrong_audience')
    const noScopes = await signed(cognito)
    assert.is(await refusalOf(() => verifier({ scopes: [] }).verify(noScopes)), 'wrong_audience')
  })

  test('one of several audiences and one of several scopes are enough', async () => {
    const either = verifier({ audiences: ['console', 'slipway'], scopes: ['slipway/admin', 'slipway/invoke'] })
    assert.is(await refusalOf(async () => either.verify(await signed({}))), 'accepted')
    assert.is(await refusalOf(async () => either.verify(await signed({ aud: 'other' }))), 'wrong_audience')
    assert.is(await refusalOf(async () => either.verify(await signed({ scope: 'slipway/read' }))), 'missing_scope')
    const none = verifier({ audiences: [] })
    assert.is(await refusalOf(async () => none.verify(await signed({}))), 'wrong_audience')
    assert.is(
      await refusalOf(async () => none.verify(await signed({ aud: undefined, token_use: 'access' }))),
      'accepted',
    )
  })

  test('roles are scopes where the issuer says so', async () => {
    const program = { scope: undefined, roles: ['slipway/invoke'] }
    const entra = verifier({ scopeClaims: ['scp', 'roles'] })
    assert.is(await refusalOf(async () => entra.verify(await signed(program))), 'accepted')
    assert.is(await refusalOf(async () => entra.verify(await signed({}))), 'missing_scope')
    assert.is(await refuse(await signed(program)), 'missing_scope')
  })

  test('scopes are read from scope and scp, as words', async () => {
    const accepted = [{ scope: 'a slipway/invoke b' }, { scope: undefined, scp: ['slipway/invoke'] }]
    for (const claims of [...accepted, { scope: 'a', scp: 'b slipway/invoke' }]) {
      assert.is(await refuse(await signed(claims)), 'accepted', JSON.stringify(claims))
    }
    for (const scope of ['slipway/invoke2', 'SLIPWAY/invoke', '', undefined, null, 7, { a: 'slipway/invoke' }]) {
      assert.is(await refuse(await signed({ scope })), 'missing_scope', JSON.stringify(scope))
    }
  })

  test('typ must be that of a token when it is there', async () => {
    for (const typ of ['JWT', 'jwt', 'at+jwt', 'AT+JWT', 'application/at+jwt', 'application/JWT']) {
      assert.is(await refuse(await signed({}, { typ })), 'accepted', typ)
    }
    for (const typ of ['logout+jwt', 'dpop+jwt', 'secevent+jwt', '', 'JWTX']) {
      assert.is(await refuse(await signed({}, { typ })), 'malformed', typ)
    }
  })

  test('what is no token is malformed, and nothing else', async () => {
    const [header, payload, signature] = (await signed({})).split('.')
    const wrong = [
      '',
      '.',
      '..',
      'a.b',
      'a.b.c',
      'a.b.c.d',
      'a.b.c.d.e',
      `${header}.${payload}`,
      `${header}..${signature}`,
    ]
    wrong.push(`${header}.${payload}=.${signature}`, `${base64url('[]')}.${payload}.${signature}`, 'ü.ü.ü')
    wrong.push(`${header}.${base64url('null')}.${signature}`, `${header}.${base64url('{')}.${signature}`)
    for (const token of wrong) assert.is(await refuse([`Bearer ${token}`]), 'malformed', token.slice(0, 30))
  })

  test('refusals have status, challenge and a sentence without any part of the token', async () => {
    const secret = await signed({ aud: 'very-secret-audience' })
    for (const header of [
      `Bearer ${secret}`,
      `Bearer x${secret}`,
      `Bearer ${secret}.x`,
      `Basic ${secret}`,
      'Bearer sk-a-b',
    ]) {
      const error = await Promise.resolve()
        .then(() => auth.authenticate(header, 'stream'))
        .catch((caught) => caught)
      assert.instance(error, AuthError)
      assert.equal([error.status, error.code, error.type], [401, 'invalid_api_key', 'authentication_error'])
      assert.is(error.headers['www-authenticate'], 'Bearer error="invalid_token"')
      assert.ok(authReasons.includes(error.reason))
      assert.not.match(error.message, /secret|eyJ|sk-/)
    }
    assert.is(new AuthError('missing').headers['www-authenticate'], 'Bearer')
  })
})

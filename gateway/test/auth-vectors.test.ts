// Published examples: RFC 7515 appendix A and RFC 8037 appendix A, through the same key set that tokens go through.
import { compactVerify } from 'jose'
import { assert, describe } from '../../test/spec.ts'
import { JwtVerifier } from '../auth/jwt.ts'
import { type Algorithm, importKeySet } from '../auth/key-set.ts'
import { refusalOf } from './fake-issuer.ts'

const n =
  'ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ'
const x = 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU'
const y = 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0'
const keys = [
  { kty: 'RSA', n, e: 'AQAB' },
  { kty: 'EC', crv: 'P-256', x, y },
  { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' },
]

/** {"iss":"joe", "exp":1300819380, "http://example.com/is_root":true} */
const joe = 'eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ'
const expiry = 1_300_819_380_000
const a1 = `eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.${joe}.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk`
const a2 = `eyJhbGciOiJSUzI1NiJ9.${joe}.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw`
const a3 = `eyJhbGciOiJFUzI1NiJ9.${joe}.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q`
const a5 = `eyJhbGciOiJub25lIn0.${joe}.`
const ed25519 =
  'eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg'

const setOf = (list: readonly object[]) => importKeySet(JSON.stringify({ keys: list }))

async function payloadOf(token: string, algorithm: Algorithm): Promise<string> {
  const key = (await setOf(keys)).find(undefined, algorithm)
  assert.ok(key)
  return Buffer.from((await compactVerify(token, key)).payload).toString()
}

/** Claims of joe say nothing of an audience, so a token whose signature and times hold is refused for that alone. */
async function refusalAt(token: string, now: number): Promise<string> {
  const set = await setOf(keys)
  const issuer = { issuer: 'joe', audiences: ['slipway'], jwksUri: 'http://unused', scopes: [] }
  const find = async (kid: string | undefined, algorithm: Algorithm) => set.find(kid, algorithm) as CryptoKey
  return refusalOf(() => new JwtVerifier([{ issuer, keys: { find } }], () => now).verify(token))
}

describe('published vectors', (test) => {
  test('RFC 7515 A.2 and A.3 and RFC 8037 A.4 verify with the published keys', async () => {
    assert.is(JSON.parse(await payloadOf(a2, 'RS256')).iss, 'joe')
    assert.is(JSON.parse(await payloadOf(a3, 'ES256')).iss, 'joe')
    assert.is(await payloadOf(ed25519, 'EdDSA'), 'Example of Ed25519 signing')
  })

  test('their signatures and times are judged as a whole token', async () => {
    for (const token of [a2, a3]) {
      assert.is(await refusalAt(token, expiry - 1000), 'wrong_audience')
      assert.is(await refusalAt(token, expiry + 30_000), 'expired')
      const changed = token.replace(/\.(.)([^.]*)$/, (_, first, rest) => `.${first === 'A' ? 'B' : 'A'}${rest}`)
      assert.is(await refusalAt(changed, expiry - 1000), 'bad_signature')
    }
    assert.is(await refusalAt(ed25519, 0), 'malformed')
  })

  test('RFC 7515 A.1 (HS256) and A.5 (none) are refused', async () => {
    assert.is(await refusalAt(a1, expiry - 1000), 'bad_algorithm')
    assert.is(await refusalAt(a5, expiry - 1000), 'malformed')
    assert.is(await refusalAt(`${a5}AAAA`, expiry - 1000), 'bad_algorithm')
  })
})

describe('key sets', (test) => {
  const ec = { ...keys[1], kid: 'a' }

  test('private, symmetric, weak and broken keys and those for other uses are left out', async () => {
    const unusable = [
      { ...ec, d: 'jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI' },
      { kty: 'oct', k: 'AAAA', kid: 'a', alg: 'ES256' },
      { ...ec, use: 'enc' },
      { ...ec, key_ops: ['sign'] },
      { ...ec, alg: 'ES384' },
      { ...ec, crv: 'P-384' },
      { ...ec, x: 'AAAA' },
      { ...ec, kid: 7 },
      { kty: 'RSA', n: n.slice(0, 170), e: 'AQAB', kid: 'a' },
      null,
      'text',
      [],
    ]
    for (const jwk of unusable) {
      const keySet = await setOf([jwk as object, { ...keys[2], kid: 'b' }])
      assert.is(keySet.size, 1, JSON.stringify(jwk))
      assert.ok(keySet.find('b', 'EdDSA'))
    }
    for (const bad of ['{}', '[]', 'null', '{"keys":[]}', '{"keys":{}}', 'x', JSON.stringify({ keys: unusable })]) {
      assert.not.equal(await refusalOf(() => importKeySet(bad)), 'accepted', bad)
    }
  })

  test('a key verifies its own algorithm only', async () => {
    const both = await setOf([{ ...keys[0], kid: 'r' }])
    assert.ok(both.find('r', 'RS256') && both.find('r', 'PS256'))
    const one = await setOf([{ ...keys[0], kid: 'r', alg: 'PS256' }])
    assert.equal([one.find('r', 'RS256'), one.find('r', 'ES256'), one.size], [undefined, undefined, 1])
  })

  test('a token without kid is matched only when there is one key of its algorithm', async () => {
    const other = { kty: 'EC', crv: 'P-256', x, y, kid: 'b' }
    assert.ok((await setOf([ec])).find(undefined, 'ES256'))
    assert.is((await setOf([ec, other])).find(undefined, 'ES256'), undefined)
    assert.is((await setOf([{ ...ec, kid: undefined }])).find('a', 'ES256'), undefined)
  })
})

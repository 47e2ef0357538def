// The fields of a body are found without parsing it: in everything that is JSON, and in nothing that is not.
import { assert, describe } from '../../test/spec.ts'
import { ApiError } from '../api-error.ts'
import { BodyScan } from '../request/body-scan.ts'

/** Fields as JSON.parse has them; undefined when it refuses. */
function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}

function scanned(text: string): Record<string, unknown> | undefined {
  const body = Buffer.from(text)
  try {
    return Object.fromEntries(
      [...new BodyScan().end(body)].map(([key, { start, end }]) => [
        key,
        JSON.parse(body.toString('utf8', start, end)) as unknown,
      ]),
    )
  } catch (error) {
    if (error instanceof ApiError || error instanceof SyntaxError) return undefined
    throw error
  }
}

const whole = `{"model":"ok" , "n":-1.5e+3,"a":[1,[],{},[{"b":null,"c\\"":[true,false]}],"x]}{\\\\"], "long":"${'y'.repeat(60)}\\"" ,"e":{"f":{"g":[0,0.1,10E5]}},"t":""}`

/** Bytes that mean something, and two that do not. */
const bytes = [...'{}[]",:\\ -+.eE0159tfn', 'q']

describe('the scan of a body', (test) => {
  test('finds what JSON.parse finds', () => {
    assert.equal(scanned(whole), parsed(whole))
    assert.equal(Object.keys(scanned(whole) ?? {}), ['model', 'n', 'a', 'long', 'e', 't'])
    assert.equal(scanned(' \r\n\t{ } '), {})
  })

  test('refuses what JSON.parse refuses, for every byte that is taken out, put in or put in place of another', () => {
    let refused = 0
    const check = (text: string): void => {
      const wanted = parsed(text)
      // Twice the same key is JSON, and refused here on purpose; what is within a string is the engine's to refuse.
      const found = scanned(text)
      if (wanted === undefined) refused += 1
      if (wanted === undefined) assert.is(found, undefined, text)
      else if (found !== undefined) assert.equal(found, wanted, text)
      else assert.ok(/occurs twice/.test(reason(text)), `${reason(text)}: ${text}`)
    }
    for (let at = 0; at <= whole.length; at += 1) {
      check(whole.slice(0, at))
      check(whole.slice(0, at) + whole.slice(at + 1))
      for (const byte of bytes) {
        check(whole.slice(0, at) + byte + whole.slice(at))
        check(whole.slice(0, at) + byte + whole.slice(at + 1))
      }
    }
    assert.ok(refused > 2000, `${refused}`)
  })

  test('finds the same whatever pieces the body comes in', () => {
    const text = `${whole.slice(0, -1)},"words":["a", "b",true,null ,12, -0.5e3,"\\\\\\"",[],{}],"image":"data:${'A'.repeat(300)}\\\\"}  `
    const body = Buffer.from(text)
    const wanted = new BodyScan()
    wanted.end(body)
    assert.is(wanted.media.length, 1)
    for (const step of [1, 2, 3, 7, 64])
      for (let first = 0; first < step; first += 1) {
        const scan = new BodyScan()
        for (let length = first; length < body.length; length += step) scan.push(body.subarray(0, length))
        assert.equal([...scan.end(body)], [...wanted.fields], `${step}, ${first}`)
        assert.equal(scan.media, wanted.media)
      }
  })

  test('refuses in pieces what it refuses as a whole, as early as it can be seen', () => {
    for (const text of [
      '{"a":1,}',
      '{"a":truth}',
      '{"a":[1 2]}',
      '{"a":{"b":nul]}}',
      '{"a":1,"a":2}',
      '{"a":01}',
      '{"a":"b" "c"}',
    ]) {
      const body = Buffer.from(text)
      const scan = new BodyScan()
      assert.throws(() => {
        for (let length = 1; length <= body.length; length += 1) scan.push(body.subarray(0, length))
      }, /not a JSON object|occurs twice/)
    }
    for (const text of ['{"a":1', '{"a":"\\', '{"a":tru', '{"a":-', '{', ''])
      assert.throws(() => new BodyScan().end(Buffer.from(text)), /cut off|empty/)
  })

  test('finds the ends of strings and lists of any length, full of escapes and numbers', () => {
    for (const unit of ['\\"', '\\\\', 'a\\\\\\"', '\\n', `${'y'.repeat(1030)}\\"`, `${'y'.repeat(47)}\\"`, 'é\\u0022'])
      for (const count of [1, 20, 500, 3000]) {
        const text = `{"a":"${unit.repeat(count)}","b":[${'12, 0,7,'.repeat(count)}-1.5]}`
        assert.equal(scanned(text), parsed(text), `${count} of ${unit.slice(-9)}`)
        assert.is(scanned(text.replace('","b"', ',"b"')), undefined)
        assert.is(scanned(text.replace('0,7', '01,7')), undefined)
      }
  })

  test('leaves no wrong value to an engine', () => {
    for (const value of [
      'nope',
      '[1,,2]',
      '[1 2]',
      '{"role" "user"}',
      '{"a":1,}',
      '[1,]',
      '01',
      '1.',
      '.5',
      '+1',
      '-',
      '1e',
      'tru',
      '"a" "b"',
      '{a:1}',
      "'a'",
    ])
      assert.is(reason(`{"model":"ok","x":${value}}`).startsWith('The body is not a JSON object'), true, value)
  })
})

function reason(text: string): string {
  try {
    new BodyScan().end(Buffer.from(text))
    return ''
  } catch (error) {
    return (error as Error).message
  }
}

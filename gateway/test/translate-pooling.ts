// A pooling model of either kind of engine, asked in every client's shape: what the tests of translations have in common.
import { assert } from '../../test/spec.ts'
import type { ClientShape } from '../translate/shapes.ts'
import { translate } from '../translate/translation.ts'
import { errorOf } from './translation-error.ts'

export type Api = 'openai' | 'tei'

const modelOf = (api: Api) => ({ name: 'small', task: 'feature-extraction', api })
export const call = (shape: ClientShape, api: Api, body: unknown) =>
  translate(shape, Buffer.from(JSON.stringify(body)), modelOf(api))

/** Path and body for the engine. */
export function sent(shape: ClientShape, api: Api, body: unknown): { path: string; body: unknown } {
  const translation = call(shape, api, body)
  assert.is(translation.stream, false)
  assert.is(translation.event, undefined)
  return { path: translation.path, body: JSON.parse(translation.body.toString()) }
}

export const answered = (shape: ClientShape, api: Api, body: unknown, engine: unknown): unknown =>
  JSON.parse(
    call(shape, api, body)
      .answer(Buffer.from(JSON.stringify(engine)))
      .toString(),
  )

export function refuses(shape: ClientShape, cases: readonly [api: Api, body: unknown, param: string][]): void {
  for (const [api, body, param] of cases) {
    const error = errorOf(() => call(shape, api, body))
    assert.is(error.status, 422, param)
    assert.is(error.code, 'validation')
    assert.is(error.param, param, JSON.stringify(body))
    assert.ok(error.message.includes(param), error.message)
  }
}

export function isBroken(shape: ClientShape, api: Api, body: unknown, answers: readonly unknown[]): void {
  for (const engine of [...answers, 'SECRET', null, 7, {}, { error: 'SECRET' }]) {
    const error = errorOf(() => answered(shape, api, body, engine))
    assert.is(error.status, 502, JSON.stringify(engine))
    assert.not(error.message.includes('SECRET'))
  }
  assert.is(errorOf(() => call(shape, api, body).answer(Buffer.from('<html>SECRET'))).status, 502)
}

// One error in the words of each family of clients.
import { assert, describe } from '../../test/spec.ts'
import { errorForShape } from '../translate/shape-errors.ts'

describe('an error in a family’s shape', (test) => {
  const error = { status: 422, message: 'No “x”.', type: 'invalid_request_error', code: 'validation', param: 'x' }
  const typeOf = (status: number, code: string): string =>
    (JSON.parse(errorForShape('huggingface', { ...error, status, code })) as { error_type: string }).error_type

  test('is OpenAI’s object, or Hugging Face’s text and type', () => {
    assert.equal(JSON.parse(errorForShape('openai', error)), {
      error: { message: 'No “x”.', type: 'invalid_request_error', param: 'x', code: 'validation' },
    })
    assert.equal(JSON.parse(errorForShape('huggingface', error)), { error: 'No “x”.', error_type: 'validation' })
  })

  test('has the types that Hugging Face’s client knows, in lower case', () => {
    assert.is(typeOf(400, 'invalid_request'), 'validation')
    assert.is(typeOf(413, 'request_too_large'), 'validation')
    assert.is(typeOf(429, 'rate_limit_exceeded'), 'overloaded')
    assert.is(typeOf(503, 'model_starting'), 'overloaded')
    assert.is(typeOf(502, 'upstream_error'), 'generation')
    assert.is(typeOf(504, 'upstream_timeout'), 'generation')
    assert.is(typeOf(502, 'upstream_disconnected'), 'incomplete_generation')
    assert.is(typeOf(502, 'stream_truncated'), 'incomplete_generation')
  })

  test('does not blame the input for a missing model or a wrong key', () => {
    assert.is(typeOf(404, 'model_not_found'), 'not_found')
    assert.is(typeOf(401, 'invalid_api_key'), 'unauthorized')
    assert.is(typeOf(403, 'forbidden'), 'forbidden')
  })
})

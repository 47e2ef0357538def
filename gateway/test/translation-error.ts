// The error of a translation that is refused: what the tests of all shapes ask for.
import { assert } from '../../test/spec.ts'
import { TranslationError } from '../translate/shape-errors.ts'

/** Fails when there is none, or another one. */
export function errorOf(work: () => unknown): TranslationError {
  try {
    work()
  } catch (error) {
    assert.instance(error, TranslationError)
    return error as TranslationError
  }
  throw new Error('there was no error')
}

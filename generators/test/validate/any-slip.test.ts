// Any value of any source file replaced by a slip: synth renders it or says what is wrong, and never throws.
import { assert, describe } from '../../../test/spec.ts'
import { allPlaces, commonSlips, oddSlips, placesByForm } from '../slips.ts'
import { check } from './slip-check.ts'

const places = allPlaces()
const forms = placesByForm(places)
const minutes = { timeoutSeconds: 240 }

describe('a slip in any source file', (test) => {
  test(
    `is a diagnostic or harmless: ${commonSlips.map(({ name }) => name).join('; ')}, at each of ${places.length} values`,
    () => {
      assert.ok(places.length > 900)
      for (const place of places) for (const slip of commonSlips) check(place, slip)
    },
    minutes,
  )

  test(
    `is one too when it is odd, at each of ${forms.length} forms of values`,
    () => {
      for (const place of forms) for (const slip of oddSlips) check(place, slip)
    },
    minutes,
  )
})

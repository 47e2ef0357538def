// The largest slips: ten thousand keys in place of any value of any source file, and other ten thousands at places that `SEED=n npm
// test -- large-slip` draws.
import fc from 'fast-check'
import { assert, describe } from '../../../test/spec.ts'
import { allPlaces, largeSlips, placesByForm } from '../slips.ts'
import { check, mostMs } from './slip-check.ts'

const seed = Number(process.env.SEED ?? 11)
const places = allPlaces()
const forms = placesByForm(places)
const minutes = { timeoutSeconds: 900 }
const [keys, ...others] = largeSlips
if (keys === undefined) throw new Error('no large slips')

describe('a large slip in any source file', (test) => {
  test(
    `is a diagnostic or harmless within ${mostMs} ms: ${keys.name}, at each of ${places.length} values`,
    () => {
      assert.ok(places.length > 900)
      for (const place of places) check(place, keys)
    },
    minutes,
  )

  test(
    `is one too: ${others.map(({ name }) => name).join('; ')} (SEED=${seed})`,
    () => {
      const pairs = forms.flatMap((place) => others.map((slip) => () => check(place, slip)))
      fc.assert(
        fc.property(fc.nat(pairs.length - 1), (index) => pairs[index]?.()),
        { seed, numRuns: 40 },
      )
    },
    minutes,
  )
})

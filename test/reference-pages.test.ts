// docs/reference is what the program says of itself today: run `npm run reference` when this fails.
import { textOf } from './documents.ts'
import { referencePages } from './reference/pages.ts'
import { assert, describe } from './spec.ts'

describe('docs/reference', (test) => {
  test(
    'has the commands, routes and settings of the program',
    async () => {
      for (const { path, text } of await referencePages())
        assert.is(textOf(path), text, `${path} is old: npm run reference`)
    },
    { timeoutSeconds: 120 },
  )
})

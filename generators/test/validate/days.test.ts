// Days in source files are days of the calendar: whatever no month has is refused where it is written.
import { assert, describe } from '../../../test/spec.ts'
import { everything, synthesize } from '../../pipeline.ts'
import { validFixture, withRepository } from '../fixture.ts'

const path = 'apps/tenants/dated.yaml'
const file = (day: string): string => `claims: { client_id: dated }
limits: { requestsPerMinute: 60, tokensPerMinute: 10000, concurrency: 4 }
apiKeys:
  - id: dated
    sha256: 2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae
    expires: "${day}"
`

const diagnosed = (day: string) =>
  withRepository(validFixture, (repository) => {
    repository.write(path, file(day))
    return synthesize(repository.root, everything, { write: false }).diagnostics.filter(
      ({ position }) => position.file === path,
    )
  })

describe('a day in a source file', (test) => {
  test('that no month has, or that is written otherwise, is refused at its place', () => {
    for (const day of [
      '2027-02-30',
      '2027-02-29',
      '2027-04-31',
      '2027-13-01',
      '2027-00-10',
      '2027-01-00',
      '2100-02-29',
      '2027-1-1',
    ]) {
      const [found, ...others] = diagnosed(day)
      assert.equal(
        [found?.code, found?.position.line, found?.position.column, others.length],
        ['FIELD_VALUE', 6, 14, 0],
        day,
      )
      assert.match(found?.message ?? '', 'must be a day of the calendar, as YYYY-MM-DD')
      assert.match(found?.hint ?? '', /^write a day that exists\. Example: \d{4}-\d\d-\d\d$/)
    }
  })

  test('that its month has passes', () => {
    for (const day of ['2028-02-29', '2027-02-28', '2027-12-31']) assert.equal(diagnosed(day), [], day)
  })
})

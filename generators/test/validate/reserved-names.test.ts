// Names that the platform keeps for itself.
import { assert, describe } from '../../../test/spec.ts'
import { everything, synthesize } from '../../pipeline.ts'
import { smokeTenant } from '../../schema/contract.ts'
import { validFixture, withRepository } from '../fixture.ts'

describe('names of tenants', (test) => {
  test('are not that of the smoke tests, which every model lets in', () => {
    withRepository(validFixture, ({ root, write }) => {
      const limits = 'limits: { requestsPerMinute: 1, tokensPerMinute: 1, concurrency: 1 }'
      write(`apps/tenants/${smokeTenant}.yaml`, `claims: { client_id: nobody }\n${limits}\n`)
      const [first] = synthesize(root, everything, { write: false }).diagnostics
      assert.is(first?.code, 'NAME_INVALID')
      assert.is(first?.position.file, `apps/tenants/${smokeTenant}.yaml`)
    })
  })
})

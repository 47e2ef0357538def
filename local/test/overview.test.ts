// The table of models after the start.
import type { MachineModel } from '../../generators/plan/plan-machine.ts'
import { assert, describe } from '../../test/spec.ts'
import { overview } from '../overview.ts'

const plain = (text: string): string => text
const paint = { bold: plain, dim: plain, green: plain, yellow: plain, red: plain } as unknown as Parameters<
  typeof overview
>[1]

const shown = (estimated: boolean): string => {
  const places = [{ cluster: 'prod', gpu: '1 × a10g', instance: 'g5.xlarge', usdPerHour: 1.006, estimated }]
  const model = {
    name: 'chat',
    id: 'org/chat',
    aliases: [],
    lacks: '1 × a10g',
    reason: 'no GPU',
    places,
  } as unknown as MachineModel
  return overview(
    { url: 'http://127.0.0.1:8080', token: 'T', tenant: 'team', models: [model], servers: [], seconds: 1 },
    paint,
  )
}

describe('the table of a local run', (test) => {
  test('has ≈ before a price of another region, and says what it means', () => {
    assert.match(shown(true), /g5\.xlarge +≈1\.01\n/)
    assert.match(shown(true), 'no price of the cluster’s region is known, that of us-east-1 is taken')
  })

  test('has neither where the price is the region’s own', () => {
    assert.match(shown(false), /g5\.xlarge +1\.01\n/)
    assert.ok(!shown(false).includes('is taken'))
  })

  test('says below it where clients and people go', () => {
    assert.match(shown(false), 'OpenAI base URL  http://127.0.0.1:8080/stream/v1\n')
    assert.match(shown(false), 'Console          http://127.0.0.1:8080/console#token=T\n')
  })
})

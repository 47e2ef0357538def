// `npm run whatif`: the same figures that synth would give if the files said so, and nothing written.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { sampleRoot } from '../../../test/sample-tree.ts'
import { assert, describe } from '../../../test/spec.ts'
import { everything, planRepository } from '../../pipeline.ts'
import { repositoryRoot, validFixture, withRepository } from '../fixture.ts'

const main = join(repositoryRoot, 'generators/main.ts')

function whatif(root: string, ...args: string[]) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, 'whatif', '--root', root, ...args], {
    encoding: 'utf8',
  })
  return { status, out: stdout, log: stderr }
}

interface Row {
  model: string
  cluster: string
  after?: { monthlyUsd: { min: number; max: number }; fit?: { fullLengthRequests: number } }
  reasons: { code: string }[]
}

const rowsOf = (root: string, ...args: string[]): Row[] =>
  (JSON.parse(whatif(root, ...args, '--json').out) as { result: Row[] }).result

describe('npm run whatif', (test) => {
  test('says what the plan says when the file is changed for real', () =>
    withRepository(validFixture, ({ root, read, write }) => {
      const [row] = rowsOf(root, '--context', '4096', '--kv-cache-dtype', 'fp8', '--cluster', 'blue')
      const text = read('apps/models/chat.yaml')
      write('apps/models/chat.yaml', text.replace('maxModelLen: 16384', 'maxModelLen: 4096, kvCacheDtype: fp8'))
      const plan = planRepository(root, everything).plans.find(({ cluster }) => cluster.name === 'blue')
      const chat = plan?.models.find(({ name }) => name === 'chat')
      assert.ok(chat?.fit)
      assert.is(row?.after?.fit?.fullLengthRequests, chat?.fit?.fullLengthRequests)
      assert.equal(row?.after?.monthlyUsd, { min: chat?.cost.minMonthlyUsd, max: chat?.cost.maxMonthlyUsd })
    }))

  test('a GPU that no cluster has is planned all the same; a budget does not prevent it', () => {
    const rows = rowsOf(validFixture, '--gpu', 'h100')
    assert.equal(
      rows.map(({ cluster, reasons }) => [cluster, reasons]),
      [
        ['blue', []],
        ['green', []],
      ],
    )
    assert.ok((rows[0]?.after?.monthlyUsd.max ?? 0) > 2000)
  })

  test('what would not fit says why', () => {
    const rows = rowsOf(validFixture, '--gpu', 't4', '--cluster', 'blue')
    assert.equal(
      rows[0]?.reasons.map(({ code }) => code),
      ['MODEL_EXCEEDS_GPU_MEMORY'],
    )
    assert.match(
      whatif(validFixture, '--gpu', 't4', '--cluster', 'blue').out,
      /→ no: ≈15\.9\d GiB per GPU \(14\.96 GiB weights\)/,
    )
  })

  test('models on CPUs and models that were not named stay as they are', () => {
    assert.is(whatif(validFixture, '--context', '256', '--model', 'embed').out, 'Nothing would change.\n')
  })

  test('the catalogue’s table fits 80 columns', () => {
    const long = whatif(sampleRoot, '--quantization', 'fp8')
      .out.split('\n')
      .filter((line) => line.length > 80 && !line.includes('→ no'))
    assert.equal(long, [])
  })

  test('answers mistakes with what to write', () => {
    assert.match(whatif(validFixture).log, /^say what would be otherwise/)
    assert.match(whatif(validFixture, '--gpu', 'l5').log, /"l5" is none of .*; did you mean l4\?/)
    assert.match(whatif(validFixture, '--gpu', 'l4', '--model', 'chta').log, /did you mean "chat"\?/)
    assert.match(whatif(validFixture, '--context', 'many').log, /"many" is no whole number/)
    assert.match(whatif(validFixture, '--context', '512', '--cluster', 'blu').log, /did you mean blue\?/)
  })
})

// The planner beside public start-up logs: how far it may be off, and that it never says "fits" of what fails.
import { join } from 'node:path'
import { runProgram } from '../../../test/run-program.ts'
import { assert, describe } from '../../../test/spec.ts'
import { engineTraits } from '../../plan/engine-traits.ts'
import { CaseProblem, readCases } from '../../truth/case.ts'
import { confusion, judge, quantile, versionOf } from '../../truth/judge.ts'
import { publicCases } from '../../truth/public-cases.ts'
import { repositoryRoot } from '../fixture.ts'

const verdicts = publicCases().map((one) => judge(one))

describe('planner and start-up logs', (test) => {
  test('tokens said ÷ logged: p10 at least 0.92, p90 at most 1.05, none above 1.15', () => {
    const ratios = verdicts.flatMap(({ kvTokensRatio }) => (kvTokensRatio === undefined ? [] : [kvTokensRatio]))
    assert.ok(ratios.length >= 25)
    assert.ok(quantile(ratios, 0.1) >= 0.92, `p10 ${quantile(ratios, 0.1)}`)
    assert.ok(quantile(ratios, 0.9) <= 1.05, `p90 ${quantile(ratios, 0.9)}`)
    assert.ok(Math.max(...ratios) <= 1.15)
  })

  test('weights are within 3 % or 0.3 GiB', () => {
    for (const { case: one, weightsGibError } of verdicts) {
      if (weightsGibError === undefined) continue
      const most = Math.max(0.3, 0.03 * (one.observed.loadingGiB ?? 0))
      assert.ok(Math.abs(weightsGibError) <= most, `${one.id}: ${weightsGibError}`)
    }
  })

  test('nothing that failed is said to fit, and at most one that started is refused', () => {
    const { saidToFitFailed, refusedRuns, neither, refusedByConfig } = confusion(verdicts)
    assert.is(saidToFitFailed, 0)
    assert.ok(refusedRuns <= 1)
    assert.ok(neither >= 5)
    assert.is(refusedByConfig, 0)
  })

  test('every case has a source', () => {
    for (const { case: one } of verdicts) assert.ok((one.source ?? '').length > 5, one.id)
  })

  test('blocks of odd layers are exactly those of the log, once the memory is', () => {
    const blocks = (id: string): number => verdicts.find(({ case: one }) => one.id === id)?.fit?.blocksPerRequest ?? 0
    // 284.25, 14.77 and 1.187 requests at once were printed for these caches.
    assert.is(Math.floor((45.32 * 2 ** 30) / (18 * 8192) / blocks('a100x4-gptoss120b')), 284)
    assert.is(((44.59 * 2 ** 30) / (12 * 557_056) / blocks('h200x2-qwen3next')).toFixed(2), '14.77')
    assert.is((Math.floor((9.75 * 2 ** 30) / (16 * 3_211_264)) / blocks('l40s-qwen38-090-16seqs')).toFixed(3), '1.187')
  })
})

describe('versions in cases', (test) => {
  test('are read as far as they are versions', () => {
    assert.equal(['0.10.1.1', 'v0.31.0', '0.9-0.11', '0.2x-0.3x', '0.1x', undefined].map(versionOf), [
      '0.10',
      '0.31',
      '0.9',
      '0.20',
      undefined,
      undefined,
    ])
  })

  test('without one the cache is that of most logs, and both ways to sample are answered', () => {
    assert.equal(
      engineTraits(undefined).map(({ countsGraphs }) => countsGraphs),
      [true, false],
    )
    assert.is(engineTraits('0.11.0').length, 1)
  })
})

describe('npm run bench -- fit', (test) => {
  const bench = (...args: string[]) =>
    runProgram(process.execPath, [join(repositoryRoot, 'bench/main.ts'), 'fit', ...args])

  test('prints a table with the confusion of fit and start', async () => {
    const { status, out } = await bench()
    assert.is(status, 0)
    assert.match(out, /p10 0\.\d+, median/)
    assert.match(out, /said to fit, failed 0;/)
  })

  test('--json gives each case the same six fields', async () => {
    const { cases } = JSON.parse((await bench('--json')).out) as { cases: Record<string, unknown>[] }
    assert.is(cases.length, verdicts.length)
    for (const one of cases)
      assert.equal(Object.keys(one), ['id', 'kvTokensRatio', 'weightsGibError', 'saysFits', 'observedFits', 'refused'])
  })

  test('a file without cases is answered with what is wrong in it', async () => {
    const { status, log } = await bench('--cases', join(repositoryRoot, 'package.json'))
    assert.is(status, 1)
    assert.match(log, /package\.json is no list of cases\n$/)
    assert.match((await bench('--cases', 'nowhere.json')).log, /^nowhere\.json cannot be read: /)
    assert.throws(
      () => readCases('[{"id": "a"}]'),
      (error: Error) => error instanceof CaseProblem && /^case a: /.test(error.message),
    )
  })
})

// GPU memory fit, against figures worked out by hand from public configurations.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { assert, describe } from '../../../test/spec.ts'
import { type FitInput, fitModel, fits, longestContext } from '../../plan/fit.ts'
import { findFixes } from '../../plan/fixes.ts'
import type { Cluster } from '../../schema/cluster.ts'
import type { Lock } from '../../schema/lock.ts'
import { repositoryRoot } from '../fixture.ts'

const lock = (name: string): Lock =>
  JSON.parse(readFileSync(join(repositoryRoot, `apps/models/${name}.lock.json`), 'utf8')) as Lock

const llama = lock('llama-3-1-8b-instruct')

const input = (changes: Partial<FitInput> = {}): FitInput => ({
  lock: llama,
  kind: 'l4',
  parallel: 1,
  maxModelLen: 131_072,
  utilization: 0.92,
  engine: {},
  ...changes,
})

const cluster = (maxGpus: Cluster['gpu']['maxGpus']): Cluster => ({ gpu: { maxGpus } }) as Cluster

describe('fit of Llama 3.1 8B in bfloat16 on one L4 (22,888 MiB)', (test) => {
  const fit = fitModel(input())

  test('takes 131,072 bytes of KV cache per token: 2 × 32 layers × 8 heads × 128 × 2 bytes', () => {
    assert.is(fit.kvBytesPerToken, 131_072)
  })

  test('takes 14.96 GiB for the weights', () => {
    assert.is(fit.weightsGib.toFixed(2), '14.96')
  })

  test('leaves 22888 MiB × 0.92 − weights − 1 GiB for the cache', () => {
    assert.is(fit.freeKvGib.toFixed(3), ((22_888 * 0.92) / 1024 - 16_060_522_496 / 2 ** 30 - 1).toFixed(3))
    assert.is(fit.kvTokens, Math.floor((fit.freeKvGib * 2 ** 30) / 131_072))
  })

  test('is refused at the full context', () => {
    assert.not(fits(fit))
  })

  test('is still refused with an FP8 cache alone', () => {
    assert.not(fits(fitModel(input({ engine: { kvCacheDtype: 'fp8' } }))))
  })

  test('fits two GPUs, an FP8 cache with a smaller context, and a smaller context', () => {
    assert.ok(fits(fitModel(input({ parallel: 2 }))))
    assert.ok(fits(fitModel(input({ maxModelLen: 36_864 }))))
    assert.ok(fits(fitModel(input({ engine: { kvCacheDtype: 'fp8' }, maxModelLen: 74_752 }))))
    assert.not(fits(fitModel(input({ maxModelLen: 37_888 }))))
  })

  test('is answered with the changes that work, and only those', () => {
    assert.equal(findFixes(input(), cluster({ l4: 4 })), [
      'maxModelLen: 36864',
      'kvCacheDtype: fp8 with maxModelLen: 74752',
      'accelerator: {type: l4, count: 2}',
    ])
  })

  test('offers no more GPUs than the cluster may have, and other kinds that it has', () => {
    const fixes = findFixes(input(), cluster({ l4: 1, l40s: 2 }))
    assert.not.ok(fixes.some((fix) => fix.includes('count')))
    assert.ok(fixes.includes('accelerator: l40s'))
  })
})

describe('KV cache per token', (test) => {
  const known: [string, number][] = [
    ['qwen3-8b', 147_456],
    ['qwen3-32b', 262_144],
    ['llama-3-3-70b-instruct', 327_680],
    ['qwen3-30b-a3b', 98_304],
  ]
  for (const [name, bytes] of known) {
    test(`of ${name} is ${bytes.toLocaleString('en-US')} bytes, and half of it with FP8`, () => {
      const own = { lock: lock(name), maxModelLen: 1024 }
      assert.is(fitModel(input(own)).kvBytesPerToken, bytes)
      assert.is(fitModel(input({ ...own, engine: { kvCacheDtype: 'fp8' } })).kvBytesPerToken, bytes / 2)
    })
  }

  test('is shared by the GPUs of a replica until a head cannot be split', () => {
    const bytes = (parallel: number) => fitModel(input({ parallel })).kvBytesPerToken
    assert.equal([1, 2, 4, 8].map(bytes), [131_072, 65_536, 32_768, 16_384])
    const few = { ...llama, kvHeads: 2 }
    assert.is(
      fitModel(input({ lock: few, parallel: 8 })).kvBytesPerToken,
      fitModel(input({ lock: few, parallel: 2 })).kvBytesPerToken,
    )
  })
})

describe('weights', (test) => {
  test('in float32 are served as float16 by default', () => {
    const gpt2 = lock('gpt2')
    const weights = (dtype?: 'float32') =>
      fitModel(input({ lock: gpt2, maxModelLen: 1024, engine: { dtype } })).weightsGib
    assert.is(weights(), gpt2.weightBytes / 2 / 2 ** 30)
    assert.is(weights('float32'), gpt2.weightBytes / 2 ** 30)
  })

  test('stored in four bits are counted as stored, not by their parameters', () => {
    const model = lock('gpt-oss-20b')
    assert.is(fitModel(input({ lock: model, maxModelLen: 1024 })).weightsGib, model.weightBytes / 2 ** 30)
  })

  test('quantized to FP8 keep their embeddings in 16 bits', () => {
    const whole = fitModel(input()).weightsGib
    const half = fitModel(input({ engine: { quantization: 'fp8' } })).weightsGib
    const tables = (2 * llama.vocabularySize * llama.hiddenSize * 2) / 2 ** 30
    assert.is(half.toFixed(6), (tables + (whole - tables) / 2).toFixed(6))
  })
})

describe('sliding windows', (test) => {
  const gemma = lock('gemma-3-4b-it')

  test('let local layers keep only their window', () => {
    const requests = (one: Lock) => fitModel(input({ lock: one, maxModelLen: 32_768 })).fullLengthRequests
    const layer = 2 * 4 * 256 * 2
    const free = fitModel(input({ lock: gemma, maxModelLen: 32_768 })).freeKvGib * 2 ** 30
    assert.is(requests(gemma).toFixed(6), (free / (layer * (5 * 32_768 + 29 * 1024))).toFixed(6))
    assert.ok(requests(gemma) > 5 * requests({ ...gemma, slidingWindow: undefined }))
  })
})

describe('any model', (test) => {
  const inputs = fc.record({
    layers: fc.integer({ min: 1, max: 80 }),
    kvHeads: fc.constantFrom(1, 2, 4, 8, 16),
    weightBytes: fc.integer({ min: 1e8, max: 1.5e11 }),
    maxModelLen: fc.integer({ min: 16, max: 131_072 }),
    kind: fc.constantFrom('t4', 'l4', 'l40s', 'h100'),
    parallel: fc.constantFrom(1, 2, 4),
  })
  const toInput = ({
    layers,
    kvHeads,
    weightBytes,
    ...rest
  }: typeof inputs extends fc.Arbitrary<infer T> ? T : never): FitInput =>
    input({ ...rest, lock: { ...llama, layers, kvHeads, weightBytes }, kind: rest.kind as FitInput['kind'] })

  test('that fits a context fits every shorter one', () => {
    fc.assert(
      fc.property(inputs, fc.integer({ min: 1, max: 100 }), (values, percent) => {
        const long = toInput(values)
        if (!fits(fitModel(long))) return
        assert.ok(fits(fitModel({ ...long, maxModelLen: Math.max(1, Math.floor((long.maxModelLen * percent) / 100)) })))
      }),
    )
  })

  test('has a longest context that fits', () => {
    fc.assert(
      fc.property(inputs, (values) => {
        const longest = longestContext(toInput(values))
        assert.ok(longest === 0 || fits(fitModel({ ...toInput(values), maxModelLen: longest })))
      }),
    )
  })

  test('is never offered a change that does not work', () => {
    fc.assert(
      fc.property(inputs, (values) => {
        const one = toInput(values)
        for (const fix of findFixes(one, cluster({ t4: 8, l4: 8, l40s: 8, h100: 8 }))) {
          const context = /maxModelLen: (\d+)/.exec(fix)?.[1]
          const count = /count: (\d+)/.exec(fix)?.[1]
          const kind = /\b(?:type|accelerator): (\w+)/.exec(fix)?.[1]
          const changed: FitInput = {
            ...one,
            maxModelLen: context === undefined ? one.maxModelLen : Number(context),
            parallel: count === undefined ? one.parallel : Number(count),
            kind: kind === undefined ? one.kind : (kind as FitInput['kind']),
            engine: {
              kvCacheDtype: fix.includes('kvCacheDtype') ? 'fp8' : undefined,
              quantization: fix.includes('quantization') ? 'fp8' : undefined,
            },
          }
          assert.ok(fits(fitModel(changed)), fix)
        }
      }),
    )
  })
})

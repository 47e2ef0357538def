// GPU memory fit, against figures worked out by hand from public configurations and from vLLM's own arithmetic.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { sampleRoot } from '../../../test/sample-tree.ts'
import { assert, describe } from '../../../test/spec.ts'
import { captureSizes } from '../../plan/batching.ts'
import { bestFit, longestContext } from '../../plan/best-fit.ts'
import { type FitInput, fitModel, fits } from '../../plan/fit.ts'
import { findFixes } from '../../plan/fixes.ts'
import type { Cluster } from '../../schema/cluster.ts'
import type { Lock } from '../../schema/lock.ts'

const lock = (name: string): Lock =>
  JSON.parse(readFileSync(join(sampleRoot, `apps/models/${name}.lock.json`), 'utf8')) as Lock

const llama = lock('llama-3-1-8b-instruct')

const input = (changes: Partial<FitInput> = {}): FitInput => ({
  lock: llama,
  kind: 'l4',
  parallel: 1,
  maxModelLen: 131_072,
  utilization: 0.92,
  engine: {},
  version: '0.31.0',
  ...changes,
})

const cluster = (maxGpus: Cluster['gpu']['maxGpus']): Cluster => ({ gpu: { maxGpus } }) as Cluster

const gib = 2 ** 30

describe('fit of Llama 3.1 8B in bfloat16 on one L4, of which CUDA sees 22,559 MiB', (test) => {
  const fit = fitModel(input())

  test('takes 131,072 bytes of KV cache per token: 2 × 32 layers × 8 heads × 128 × 2 bytes', () => {
    assert.is(fit.kvBytesPerToken, 131_072)
    assert.is(fit.blockGib * gib, 16 * 131_072)
  })

  test('takes 14.96 GiB for the weights', () => {
    assert.is(fit.weightsGib.toFixed(2), '14.96')
  })

  test('without a choice of the planner runs with the engine’s own batch: 256 requests, 2,048 tokens', () => {
    assert.equal(fit.batching, { maxNumSeqs: 256, maxNumBatchedTokens: 2048 })
  })

  test('samples 256 logits of 128,256 tokens at 15.4 bytes, captures 51 graphs of 32 layers × 4,096 × 80 bytes', () => {
    assert.is(fit.runtime.sampler.toFixed(4), ((15.4 * 256 * 128_256) / gib).toFixed(4))
    assert.is(fit.runtime.graphs.toFixed(4), ((51 * 32 * 4096 * 80) / gib).toFixed(4))
    assert.is(fit.runtimeGib.toFixed(4), (0.45 + fit.runtime.sampler + fit.runtime.graphs).toFixed(4))
  })

  test('leaves 22559 MiB × 0.92 − weights − runtime, in whole blocks of 16 tokens', () => {
    const free = (22_559 * 0.92) / 1024 - 16_060_522_496 / gib - fit.runtimeGib
    assert.is(fit.freeKvGib.toFixed(6), free.toFixed(6))
    assert.is(fit.blocks, Math.floor((free * gib) / (16 * 131_072)))
    assert.is(fit.kvTokens, Math.floor((fit.blocks / 8192) * 131_072))
  })

  test('is refused at the full context, with an FP8 cache too', () => {
    assert.not(fits(fit))
    assert.not(fits(fitModel(input({ engine: { kvCacheDtype: 'fp8' } }))))
  })

  test('needs one block more than a request takes: the one that holds nothing', () => {
    const exact = input({ maxModelLen: (fit.blocks - 1) * 16 })
    assert.ok(fits(fitModel(exact)))
    assert.not(fits(fitModel({ ...exact, maxModelLen: fit.blocks * 16 })))
  })

  test('is answered with the changes that work, and only those', () => {
    assert.equal(findFixes(input(), cluster({ l4: 4 })), [
      'maxModelLen: 34816',
      'kvCacheDtype: fp8 with maxModelLen: 70656',
      'accelerator: {type: l4, count: 2}',
    ])
  })

  test('offers no more GPUs than the cluster may have, and other kinds that it has', () => {
    const fixes = findFixes(input(), cluster({ l4: 1, l40s: 2 }))
    assert.not.ok(fixes.some((fix) => fix.includes('count')))
    assert.ok(fixes.includes('accelerator: l40s'))
  })
})

describe('what a version of vLLM does', (test) => {
  const h100 = (version: string | undefined): FitInput =>
    input({ lock: lock('qwen3-32b'), kind: 'h100', utilization: 0.9, maxModelLen: 16_000, version })

  test('before 0.17 the sampler sorts: 38.6 bytes × 1,024 × 151,936 are 5.6 GiB, on every GPU', () => {
    for (const parallel of [1, 2])
      assert.is(fitModel({ ...h100('0.11.0'), parallel }).runtime.sampler.toFixed(2), '5.59')
  })

  test('Qwen3-32B on one H100 has the 4.45 GiB that its start-up log of 0.11 says, and 32,000 tokens do not fit', () => {
    assert.ok(Math.abs(fitModel(h100('0.11.0')).freeKvGib - 4.45) < 0.1)
    assert.ok(fits(fitModel(h100('0.11.0'))))
    assert.not(fits(fitModel({ ...h100('0.11.0'), maxModelLen: 32_000 })))
  })

  test('without a version the larger of both counts', () => {
    const most = Math.max(...['0.11.0', '0.31.0'].map((version) => fitModel(h100(version)).runtimeGib))
    assert.is(fitModel(h100(undefined)).runtimeGib, most)
  })
})

describe('the batch', (test) => {
  test('of few requests gives the cache what 1,024 would have taken', () => {
    const h100 = input({ lock: lock('qwen3-32b'), kind: 'h100', maxModelLen: 16_384 })
    const [own, best] = [fitModel(h100), bestFit({ ...h100, wantedSeqs: 24 })]
    assert.is(own.batching.maxNumSeqs, 1024)
    assert.ok(best.batching.maxNumSeqs <= 64)
    assert.ok(best.freeKvGib > own.freeKvGib + 2)
  })

  test('holds no fewer requests than those at which a replica is added, unless nothing else fits', () => {
    for (const wantedSeqs of [8, 24, 100]) {
      const { maxNumSeqs } = bestFit(input({ maxModelLen: 16_384, wantedSeqs })).batching
      assert.ok(maxNumSeqs >= wantedSeqs, `${maxNumSeqs}`)
    }
    const tight = input({ maxModelLen: 37_888 })
    assert.not(fits(fitModel(tight)))
    assert.ok(bestFit({ ...tight, wantedSeqs: 24 }).batching.maxNumSeqs <= 32)
  })

  test('that a file sets is never changed', () => {
    const engine = { maxNumSeqs: 7, extraArgs: ['--max-num-batched-tokens', '4096'] }
    assert.equal(bestFit(input({ engine })).batching, { maxNumSeqs: 7, maxNumBatchedTokens: 4096 })
    const joined = { extraArgs: ['--max-num-batched-tokens=1024', '--max-num-batched-tokens=4k'] }
    assert.is(bestFit(input({ engine: joined })).batching.maxNumBatchedTokens, 4000)
  })

  test('is small for models with windows, whose cache holds the tokens of two batches for every request', () => {
    const gemma = input({ lock: lock('gemma-3-4b-it'), kind: 'h100', maxModelLen: 32_768 })
    assert.is(bestFit(gemma).batching.maxNumBatchedTokens, 2048)
    assert.is(bestFit(input({ kind: 'h100' })).batching.maxNumBatchedTokens, 8192)
  })

  test('never holds more requests than there are blocks for states, and a block fits into it', () => {
    const states: Lock = {
      ...llama,
      cache: [
        { kind: 'full', layers: 4, kvHeads: 1 },
        { kind: 'state', layers: 28, matrix: 2_000_000, matrixBytes: 4 },
      ],
    }
    const fit = bestFit(input({ lock: states, maxModelLen: 8192 }))
    assert.ok(fits(fit))
    assert.ok(fit.batching.maxNumSeqs <= fit.blocks)
    assert.ok(fit.batching.maxNumBatchedTokens >= 16 * Math.ceil(8_000_000 / (16 * 512)))
    const more = { ...fit.batching, maxNumSeqs: fit.blocks + 1 }
    assert.not(fits(fitModel(input({ lock: states, maxModelLen: 8192, batching: more }))))
  })

  test('is captured in 51 sizes of up to 512 tokens, in 7 for 16 requests', () => {
    assert.equal([256, 512, 16, 1].map(captureSizes), [51, 51, 7, 2])
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

  test('is half too where the checkpoint asks for FP8, unless the file says otherwise', () => {
    const own: Lock = { ...llama, cacheDtype: 'fp8' }
    assert.is(fitModel(input({ lock: own })).kvBytesPerToken, 65_536)
    assert.is(fitModel(input({ lock: own, engine: { kvCacheDtype: 'auto' } })).kvBytesPerToken, 65_536)
  })

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
    assert.is(weights(), gpt2.weightBytes / 2 / gib)
    assert.is(weights('float32'), gpt2.weightBytes / gib)
  })

  test('packed in four bits are counted as stored, with one per cent for their workspaces', () => {
    const model: Lock = { ...llama, quantization: 'awq', weightBytes: 5_700_000_000 }
    assert.is(fitModel(input({ lock: model })).weightsGib.toFixed(6), ((5_700_000_000 * 1.01) / gib).toFixed(6))
  })

  test('of gpt-oss are padded to whole tiles: 13.67 GiB on an L4, where logs say 13.72; 13.45 on an H100, where they say 13.47', () => {
    const weights = (kind: FitInput['kind']) =>
      fitModel(input({ lock: lock('gpt-oss-20b'), kind })).weightsGib.toFixed(2)
    assert.equal([weights('l4'), weights('h100')], ['13.67', '13.45'])
  })

  test('quantized to FP8 keep their embeddings in 16 bits', () => {
    const whole = fitModel(input()).weightsGib
    const half = fitModel(input({ engine: { quantization: 'fp8' } })).weightsGib
    const tables = (2 * llama.vocabularySize * llama.hiddenSize * 2) / gib
    assert.is(half.toFixed(6), (tables + ((whole - tables) / 2) * 1.02).toFixed(6))
  })
})

describe('any model', (test) => {
  const inputs = fc.record({
    layers: fc.integer({ min: 1, max: 80 }),
    local: fc.integer({ min: 0, max: 80 }),
    kvHeads: fc.constantFrom(1, 2, 4, 8, 16),
    weightBytes: fc.integer({ min: 1e8, max: 1.5e11 }),
    maxModelLen: fc.integer({ min: 16, max: 131_072 }),
    kind: fc.constantFrom('t4', 'l4', 'l40s', 'h100'),
    parallel: fc.constantFrom(1, 2, 4),
  })
  const toInput = ({
    layers,
    local,
    kvHeads,
    weightBytes,
    ...rest
  }: typeof inputs extends fc.Arbitrary<infer T> ? T : never): FitInput =>
    input({
      ...rest,
      lock: {
        ...llama,
        layers: layers + local,
        kvHeads,
        weightBytes,
        cache: [
          { kind: 'full', layers },
          ...(local === 0 ? [] : [{ kind: 'sliding' as const, layers: local, window: 1024 }]),
        ],
      },
      kind: rest.kind as FitInput['kind'],
    })

  test('that fits a context fits every shorter one', () => {
    fc.assert(
      fc.property(inputs, fc.integer({ min: 1, max: 100 }), (values, percent) => {
        const long = toInput(values)
        if (!fits(bestFit(long))) return
        assert.ok(fits(bestFit({ ...long, maxModelLen: Math.max(1, Math.floor((long.maxModelLen * percent) / 100)) })))
      }),
    )
  })

  test('has a longest context that fits', () => {
    fc.assert(
      fc.property(inputs, (values) => {
        const longest = longestContext(toInput(values))
        assert.ok(longest === 0 || fits(bestFit({ ...toInput(values), maxModelLen: longest })))
      }),
    )
  })

  test('is never offered a change that does not work', () => {
    fc.assert(
      fc.property(inputs, (values) => {
        const one = toInput(values)
        for (const fix of findFixes(one, cluster({ t4: 8, l4: 8, l40s: 8, h100: 8 })))
          assert.ok(fits(bestFit(applied(one, fix))), fix)
      }),
    )
  })
})

/** The input with what the text of a fix says written into it. */
function applied(one: FitInput, fix: string): FitInput {
  const context = /maxModelLen: (\d+)/.exec(fix)?.[1]
  const count = /count: (\d+)/.exec(fix)?.[1]
  const kind = /\b(?:type|accelerator): ([\w-]+)/.exec(fix)?.[1]
  return {
    ...one,
    maxModelLen: context === undefined ? one.maxModelLen : Number(context),
    parallel: count === undefined ? one.parallel : Number(count),
    kind: kind === undefined ? one.kind : (kind as FitInput['kind']),
    engine: {
      ...one.engine,
      ...(fix.includes('kvCacheDtype') ? { kvCacheDtype: 'fp8' as const } : {}),
      ...(fix.includes('quantization') ? { quantization: 'fp8' as const } : {}),
    },
  }
}

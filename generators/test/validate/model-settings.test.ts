// How a model's base fields and a cluster's patch become its settings there.
import { assert, describe } from '../../../test/spec.ts'
import type { Lock } from '../../schema/lock.ts'
import type { ModelFile } from '../../schema/model.ts'
import { mergePatch } from '../../validate/merge-patch.ts'
import { draftSettings } from '../../validate/model-settings.ts'

const lock = { pipelineTag: 'text-generation' } as Lock

const settings = (base: Partial<ModelFile>, patch: unknown) =>
  draftSettings({ model: 'example/chat', ...base, clusters: { blue: patch } } as unknown as ModelFile, 'blue', lock)

describe('mergePatch', (test) => {
  // RFC 7396, appendix A, as far as objects are patched.
  const cases: [unknown, unknown, unknown][] = [
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ]
  for (const [target, patch, wanted] of cases) {
    test(`${JSON.stringify(target)} with ${JSON.stringify(patch)} is ${JSON.stringify(wanted)}`, () => {
      const before = JSON.stringify(target)
      assert.equal(mergePatch(target, patch), wanted)
      assert.is(JSON.stringify(target), before)
    })
  }
})

describe('settings in a cluster', (test) => {
  test('a short engine in a patch takes no option of the other engine along', () => {
    assert.equal(settings({ engine: { name: 'vllm', maxModelLen: 4096 } }, { engine: 'cpu' }).engine, { name: 'cpu' })
  })

  test('an object in a patch changes one option and keeps the rest', () => {
    const { engine } = settings(
      { engine: { name: 'vllm', maxModelLen: 4096, maxNumSeqs: 8 } },
      { engine: { maxModelLen: 8192 } },
    )
    assert.equal(engine, { name: 'vllm', maxModelLen: 8192, maxNumSeqs: 8 })
  })

  test('an object in a patch completes a short base', () => {
    assert.equal(settings({ engine: 'vllm' }, { engine: { dtype: 'float16' } }).engine, {
      name: 'vllm',
      dtype: 'float16',
    })
    const { accelerator } = settings({ accelerator: 'l4' }, { accelerator: { capacity: ['spot'] } })
    assert.equal(accelerator, { type: 'l4', count: 1, capacity: ['spot'] })
  })

  test('null takes a field away', () => {
    assert.is(settings({ accelerator: 'l4' }, { accelerator: null }).accelerator, undefined)
  })

  test('defaults: one replica, on demand, the lock’s task', () => {
    const { scaling, task, aliases } = settings({}, {})
    assert.equal([scaling.minReplicas, scaling.maxReplicas, task, aliases], [1, 1, 'text-generation', []])
    assert.equal(settings({ accelerator: 'l4' }, {}).accelerator, { type: 'l4', count: 1, capacity: ['on-demand'] })
  })

  test('maxReplicas is at least minReplicas by default, and one when that is zero', () => {
    assert.is(settings({ scaling: { minReplicas: 3 } }, {}).scaling.maxReplicas, 3)
    assert.is(settings({ scaling: { minReplicas: 0, idleAfter: '1h' } }, {}).scaling.maxReplicas, 1)
  })

  test('durations are read in seconds, minutes and hours', () => {
    const idle = (idleAfter: string) =>
      settings({ scaling: { minReplicas: 0, idleAfter } }, {}).scaling.idleAfterSeconds
    assert.equal(['90s', '15m', '2h'].map(idle), [90, 900, 7200])
  })
})

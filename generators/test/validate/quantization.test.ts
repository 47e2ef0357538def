// Stored formats of weights against the methods recorded from vLLM 0.31, on valid/'s chat model.
import { assert, describe } from '../../../test/spec.ts'
import { planRepository } from '../../pipeline.ts'
import { validFixture, withRepository } from '../fixture.ts'

/** Messages and hints when the lock and the file say this; `undefined`: plain weights. */
function refused(stored: string | undefined, wanted?: string): string[] {
  return withRepository(validFixture, ({ root, read, write }) => {
    const lock = JSON.parse(read('apps/models/chat.lock.json')) as object
    write('apps/models/chat.lock.json', JSON.stringify({ ...lock, quantization: stored }))
    const text = read('apps/models/chat.yaml')
    write(
      'apps/models/chat.yaml',
      wanted === undefined ? text : text.replace('16384', `16384, quantization: ${wanted}`),
    )
    const { diagnostics } = planRepository(root, { models: ['chat'], clusters: ['blue'] })
    return diagnostics
      .filter(({ code }) => code === 'QUANTIZATION_UNSUPPORTED')
      .map(({ message, hint }) => `${message} -> ${hint}`)
  })
}

describe('stored formats', (test) => {
  for (const stored of [
    'bitsandbytes',
    'gguf',
    'hqq',
    'aqlm',
    'eetq',
    'torchao',
    'quanto',
    'bitnet',
    'fbgemm_fp8',
    'fp_quant',
  ]) {
    test(`${stored}: vLLM 0.31 does not load it`, () => {
      const [found = ''] = refused(stored)
      assert.match(
        found,
        new RegExp(
          `^vllm 0\\.31\\.0 does not load weights stored as ${stored} -> choose the repository with plain weights`,
        ),
      )
      assert.match(found, 'awq, gptq, compressed-tensors, fp8, mxfp4')
    })
  }

  for (const stored of [
    'awq',
    'gptq',
    'compressed-tensors',
    'fp8',
    'mxfp4',
    'modelopt',
    'modelopt_fp4',
    'auto-round',
    'quark',
  ]) {
    test(`${stored} is loaded, named or not`, () => {
      assert.equal(refused(stored), [])
      if (['awq', 'gptq', 'fp8', 'mxfp4'].includes(stored)) assert.equal(refused(stored, stored), [])
    })
  }

  test('another one than the weights have is refused, also fp8 of what is packed already', () => {
    assert.equal(refused('awq', 'fp8'), [
      'the weights are not stored as fp8 but as awq -> write quantization: awq, or remove it',
    ])
    assert.equal(refused(undefined, 'gptq'), [
      'the weights are not stored as gptq but as plain numbers -> remove quantization, or choose a quantized repository',
    ])
    assert.equal(refused(undefined, 'fp8'), [])
  })

  test('one that the GPU is too old for is refused with those that are not', () => {
    const onT4 = (stored: string): string =>
      withRepository(validFixture, ({ root, read, write }) => {
        write('clusters/blue/cluster.yaml', read('clusters/blue/cluster.yaml').replace('l4: 4', 'l4: 4, t4: 4'))
        const lock = JSON.parse(read('apps/models/chat.lock.json')) as object
        write('apps/models/chat.lock.json', JSON.stringify({ ...lock, quantization: stored }))
        write('apps/models/chat.yaml', read('apps/models/chat.yaml').replace('accelerator: l4', 'accelerator: t4'))
        const { diagnostics } = planRepository(root, { models: ['chat'], clusters: ['blue'] })
        return diagnostics.map(({ code, hint }) => `${code} ${hint}`).join('\n')
      })
    assert.match(onT4('mxfp4'), /^QUANTIZATION_UNSUPPORTED choose a10g, l4, /)
    assert.not.match(onT4('awq'), 'QUANTIZATION_UNSUPPORTED')
  })

  test('text-embeddings-inference loads plain numbers only', () => {
    const found = withRepository(validFixture, ({ root, read, write }) => {
      const lock = JSON.parse(read('apps/models/embed.lock.json')) as object
      write('apps/models/embed.lock.json', JSON.stringify({ ...lock, quantization: 'awq' }))
      return planRepository(root, { models: ['embed'], clusters: ['blue'] }).diagnostics
    })
    assert.equal(
      found.map(({ code, hint }) => `${code} ${hint}`),
      ['QUANTIZATION_UNSUPPORTED choose the repository with plain weights'],
    )
  })
})

// Flags of vLLM that take memory of the node: the pod asks for it, and a node has it.
import { assert, describe } from '../../../test/spec.ts'
import type { Diagnostic } from '../../diagnostics/diagnostic.ts'
import { planRepository } from '../../pipeline.ts'
import type { ModelPlan } from '../../plan/cluster-plan.ts'
import { parseMemory } from '../../schema/quantity.ts'
import { validFixture, withRepository } from '../fixture.ts'

interface Chat {
  plan: ModelPlan | undefined
  diagnostics: Diagnostic[]
}

/** valid/'s chat model in cluster blue with these flags and lines. */
function planChat(extraArgs: string[], ...lines: string[]): Chat {
  return withRepository(validFixture, ({ root, read, write }) => {
    const text = read('apps/models/chat.yaml')
      .replace('16384 }', `16384, extraArgs: ${JSON.stringify(extraArgs)} }`)
      .replace('budget: { maxMonthlyUsd: 2000 }\n', '')
    const accelerator = lines.some((line) => line.startsWith('accelerator')) ? '' : 'accelerator: l4\n'
    write('apps/models/chat.yaml', text.replace('accelerator: l4\n', accelerator) + lines.join('\n'))
    const { plans, diagnostics } = planRepository(root, { models: ['chat'], clusters: ['blue'] })
    return { plan: plans[0]?.models[0], diagnostics: diagnostics.filter(({ level }) => level === 'error') }
  })
}

function mebibytesOf({ plan, diagnostics }: Chat): number {
  assert.equal(diagnostics, [])
  return parseMemory(plan?.resources.memory ?? '') * 1024
}

const gibOf = (chat: Chat): number => mebibytesOf(chat) / 1024

const plain = planChat([])
const offloading = {
  kv_connector: 'OffloadingConnector',
  kv_role: 'kv_both',
  kv_connector_extra_config: { cpu_bytes_to_use: 8 * 2 ** 30 },
}

describe('flags that take memory of the node', (test) => {
  const cases: [string, string[], number, number][] = [
    ['weights beside the GPU', ['--cpu-offload-gb=8'], 8, 0],
    ['a KV cache beside the GPU, in /dev/shm', ['--kv-offloading-size=10'], 10, 10],
    ['the same by its connector', [`--kv-transfer-config=${JSON.stringify(offloading)}`], 8, 8],
    // (1 API server + 1 engine) × 3 GiB: vllm/config/multimodal.py.
    ['inputs kept by every process', ['--mm-processor-cache-gb=3'], 6, 0],
    ['the same for two more API servers, each a process', ['--mm-processor-cache-gb=1', '--api-server-count=3'], 6, 0],
    ['inputs kept once, in /dev/shm, by their default size', ['--mm-processor-cache-type', 'shm'], 4, 4],
    ['none', ['--mm-processor-cache-gb=0', '--enforce-eager'], 0, 0],
  ]
  for (const [what, args, gib, shared] of cases) {
    test(`${what}: ${args.join(' ').slice(0, 60)} is ${gib} GiB more`, () => {
      const chat = planChat(args)
      assert.is(gibOf(chat) - gibOf(plain), gib)
      const [before = 0, after = 0] = [plain, chat].map(({ plan }) => plan?.resources.sharedMemoryMib)
      assert.is(after - before, shared * 1024)
      if (gib > 0) assert.match(chat.plan?.derivations().memory?.because ?? '', ` GiB ${args[0]?.split('=')[0]}`)
    })
  }

  test('are per GPU or not, as vLLM says', () => {
    const two = 'accelerator: { type: l4, count: 2 }'
    assert.is(gibOf(planChat(['--cpu-offload-gb=8'], two)) - gibOf(planChat([], two)), 16)
    assert.is(gibOf(planChat(['--kv-offloading-size=8'], two)) - gibOf(planChat([], two)), 8)
  })

  test('a layer in four beside the GPU is a quarter of the weights, and an eager load the largest file', () => {
    const weights = 16_060_522_496 / 2 ** 30
    const more = (flag: string) => mebibytesOf(planChat([flag])) - mebibytesOf(plain)
    assert.ok(Math.abs(more('--offload-group-size=4') - (weights / 4) * 1024) <= 256)
    assert.ok(Math.abs(more('--safetensors-load-strategy=eager') - weights * 1024) <= 256)
  })

  test('choose the larger node, and are refused where there is none', () => {
    assert.is(plain.plan?.node.instance.type, 'g6.xlarge')
    assert.is(planChat(['--kv-offloading-size=10']).plan?.node.instance.type, 'g6.2xlarge')
    const { plan, diagnostics } = planChat(['--kv-offloading-size=4000'])
    assert.is(plan, undefined)
    assert.equal(
      diagnostics.map(({ code, hint }) => `${code} ${hint.split(';')[0]}`),
      ['NO_INSTANCE_FITS write smaller values for --kv-offloading-size'],
    )
  })

  test('beside a memory of their own are refused when they alone would fill it', () => {
    assert.is(gibOf(planChat(['--cpu-offload-gb=8'], 'resources: { memory: 26Gi }')), 26)
    const { diagnostics } = planChat(['--cpu-offload-gb=8'], 'resources: { memory: 8Gi }')
    assert.equal(
      diagnostics.map(({ code, message, hint }) => [code, message, hint]),
      [['HOST_MEMORY', '--cpu-offload-gb take 8 GiB, resources.memory is 8 GiB', 'write memory: 20Gi, or remove it']],
    )
  })
})

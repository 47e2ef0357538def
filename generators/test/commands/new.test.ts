// `npm run new` with options, with questions on a terminal, and with the mistakes people make.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Outcome, runProgram } from '../../../test/run-program.ts'
import { assert, describe } from '../../../test/spec.ts'
import { everything, planRepository } from '../../pipeline.ts'
import { copyRepository, repositoryRoot, validFixture } from '../fixture.ts'
import { pickle, small } from '../hub/hub-models.ts'
import { type HubModel, type HubServer, safetensors, startHub } from '../hub/hub-server.ts'

const main = join(repositoryRoot, 'generators/main.ts')

/** Weights of 16 GB in the header alone: nobody reads the file beyond it. */
const large: HubModel = {
  ...small,
  id: 'example/Large_Chat-8B',
  sha: 'd4'.repeat(20),
  files: {
    ...small.files,
    'config.json': Buffer.from(
      JSON.stringify({
        architectures: ['LlamaForCausalLM'],
        hidden_size: 4096,
        num_hidden_layers: 32,
        num_attention_heads: 32,
        num_key_value_heads: 8,
        vocab_size: 128256,
        max_position_embeddings: 131072,
      }),
    ),
    'model.safetensors': headerOnly('w', [62_736_416, 128], 16_060_522_496),
  },
  sizes: { 'model.safetensors': 16_060_522_496 + 1000 },
}

const encoder = (id: string, architecture: string, pipelineTag: string | undefined): HubModel => {
  const { pipelineTag: _, ...rest } = small
  const config = { ...(JSON.parse(String(small.files['config.json'])) as object), architectures: [architecture] }
  const files = { ...small.files, 'config.json': Buffer.from(JSON.stringify(config)) }
  return { ...rest, id, files, ...(pipelineTag === undefined ? {} : { pipelineTag }) }
}

const reranker = encoder('example/reranker', 'XLMRobertaForSequenceClassification', 'text-ranking')
const classifier = encoder('example/classifier', 'BertForSequenceClassification', undefined)
const translator = encoder('example/translator', 'LlamaForCausalLM', 'translation')
const painter: HubModel = { ...small, id: 'example/painter', library: 'diffusers', pipelineTag: 'text-to-image' }

function headerOnly(name: string, shape: number[], bytes: number): Buffer {
  const text = String(safetensors({ [name]: { dtype: 'BF16', shape, bytes: 0 } }).subarray(8)).replace(
    '"data_offsets":[0,0]',
    `"data_offsets":[0,${bytes}]`,
  )
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(text)))
  return Buffer.concat([length, Buffer.from(text)])
}

const collect = (command: string, args: string[], hub: HubServer, input?: string): Promise<Outcome> =>
  runProgram(command, args, { env: { HF_TOKEN: '', HF_ENDPOINT: hub.url }, ...(input !== undefined && { input }) })

async function withHub(
  use: (root: string, run: (...args: string[]) => Promise<Outcome>, hub: HubServer) => Promise<void>,
): Promise<void> {
  const root = copyRepository(validFixture)
  const hub = await startHub([small, large, pickle, reranker, classifier, translator, painter])
  try {
    await use(root, (...args) => collect(process.execPath, [main, 'new', '--root', root, ...args], hub), hub)
  } finally {
    await hub.stop()
    rmSync(root, { recursive: true, force: true })
  }
}

const modelsOf = (root: string): string[] => readdirSync(join(root, 'apps/models')).sort()

describe('npm run new', (test) => {
  test('takes the defaults where nobody can be asked, and what it writes passes synth', () =>
    withHub(async (root, run) => {
      const { status, out, log } = await run(small.id, '--cluster', 'blue')
      assert.is(status, 0, log)
      assert.is(
        readFileSync(join(root, 'apps/models/small-llama.yaml'), 'utf8'),
        `# yaml-language-server: $schema=../../schemas/model.schema.json
model: example/small-llama
revision: ${small.sha}
engine: { name: vllm, maxModelLen: 2048 }
accelerator: l4
scaling: { minReplicas: 1, maxReplicas: 1 }
clusters:
  blue: {}
`,
      )
      assert.match(out, /small-llama in blue: added/)
      assert.match(out, /written: apps\/models\/small-llama\.yaml\nwritten: apps\/models\/small-llama\.lock\.json/)
      const { plans, diagnostics } = planRepository(root, everything)
      assert.equal(
        diagnostics.filter(({ level }) => level === 'error'),
        [],
      )
      assert.ok(plans.some(({ models }) => models.some(({ name }) => name === 'small-llama')))
    }))

  test('takes everything by options', () =>
    withHub(async (root, run) => {
      const { status, log } = await run(
        small.id,
        '--name',
        'tiny',
        '--cluster',
        'blue',
        '--cluster',
        'green',
        '--context',
        '1024',
        '--gpu',
        'l4:2',
        '--min',
        '0',
        '--max',
        '2',
        '--revision',
        small.sha,
      )
      assert.is(status, 0, log)
      const text = readFileSync(join(root, 'apps/models/tiny.yaml'), 'utf8')
      assert.match(text, /accelerator: \{ type: l4, count: 2 \}/)
      assert.match(text, /scaling: \{ minReplicas: 0, maxReplicas: 2, idleAfter: 30m \}/)
      assert.match(text, / {2}blue: \{\}\n {2}green: \{\}\n/)
    }))

  test('lists GPUs that would do, cheapest first, and says which the cluster has', () =>
    withHub(async (_, run) => {
      const { out } = await run(small.id, '--cluster', 'blue')
      const rows = out.split('\n').filter((line) => /\$\d/.test(line) && /in blue$/.test(line))
      const prices = rows.map((line) => Number(/\$([\d,]+)/.exec(line)?.[1]?.replaceAll(',', '')))
      assert.ok(prices.length >= 5)
      assert.equal(
        prices,
        [...prices].sort((a, b) => a - b),
      )
      assert.match(rows.find((line) => line.startsWith('l4 ')) ?? '', /4 in blue$/)
      assert.match(rows.find((line) => line.startsWith('l40s ')) ?? '', /none in blue$/)
    }))

  test('asks on a terminal: Enter takes the default, a wrong answer is asked again', () =>
    withHub(async (root, _, hub) => {
      if (spawnSync('script', ['--version']).error !== undefined)
        throw new Error('the program script (util-linux) is needed here')
      const command = [process.execPath, main, 'new', '--root', root, small.id].join(' ')
      const answers = ['green', '', '512', 'l5', 'l4', '', '3']
      const { status, out } = await collect(
        'script',
        ['--quiet', '--return', '--flush', '--command', command, '/dev/null'],
        hub,
        `${answers.join('\n')}\n`,
      )
      assert.is(status, 0, out)
      assert.match(out, /"l5" is none of/)
      const text = readFileSync(join(root, 'apps/models/small-llama.yaml'), 'utf8')
      assert.match(text, /maxModelLen: 512/)
      assert.match(text, /scaling: \{ minReplicas: 1, maxReplicas: 3 \}/)
      assert.match(text, /green: \{\}/)
    }))

  test('a model that fits no GPU of the cluster is refused with what would fit, and nothing is written', () =>
    withHub(async (root, run) => {
      const before = modelsOf(root)
      const { status, log } = await run(large.id, '--cluster', 'blue', '--context', '131072', '--gpu', 'l4')
      assert.is(status, 1)
      assert.match(
        log,
        /CONTEXT_EXCEEDS_GPU_MEMORY apps\/models\/large-chat-8b\.yaml:4:\d+ .* -> write maxModelLen: \d+/,
      )
      assert.match(log, /nothing was written/)
      assert.equal(modelsOf(root), before)
    }))

  test('without a network it is one line and exit code 2', () =>
    withHub(async (root, run, hub) => {
      const before = modelsOf(root)
      await hub.stop()
      const { status, out, log } = await run(small.id)
      assert.is(status, 2)
      assert.is(out, '')
      assert.match(log, /^cannot reach [^\n]* \(ECONNREFUSED\) -> this command needs the network[^\n]*\n$/)
      assert.equal(modelsOf(root), before)
    }))

  for (const { id } of [reranker, classifier]) {
    test(`${id}: a task of CPU nodes is asked for no GPU, and what is written passes synth`, () =>
      withHub(async (root, run) => {
        const { status, out, log } = await run(id, '--cluster', 'blue')
        assert.is(status, 0, log)
        assert.not.match(out, /requests at once/)
        const name = id.split('/')[1] ?? ''
        const text = readFileSync(join(root, `apps/models/${name}.yaml`), 'utf8')
        assert.match(
          text,
          id === reranker.id ? /\nengine: tei\nscaling/ : /\nengine: tei\ntask: text-classification\nscaling/,
        )
        const { plans, diagnostics } = planRepository(root, everything)
        assert.equal(
          diagnostics.filter(({ level }) => level === 'error'),
          [],
        )
        const planned = plans.flatMap(({ models }) => models).find((model) => model.name === name)
        assert.is(planned?.settings.task, 'text-classification')
      }))
  }

  test('a task that the Hub calls something else is written down; --task has the last word', () =>
    withHub(async (root, run) => {
      assert.is((await run(translator.id, '--cluster', 'blue')).status, 0)
      assert.match(readFileSync(join(root, 'apps/models/translator.yaml'), 'utf8'), '\ntask: text-generation\n')
      const embed = await run(small.id, '--cluster', 'blue', '--task', 'embed', '--name', 'embedder')
      assert.is(embed.status, 0, embed.log)
      assert.match(
        readFileSync(join(root, 'apps/models/embedder.yaml'), 'utf8'),
        'engine: tei\ntask: feature-extraction',
      )
    }))

  test('takes an address of the Hub with its revision', () =>
    withHub(async (root, run, hub) => {
      const { status, log } = await run(`${hub.url}/${small.id}/tree/${small.sha}?x=1`, '--cluster', 'blue')
      assert.is(status, 0, log)
      assert.match(readFileSync(join(root, 'apps/models/small-llama.yaml'), 'utf8'), `revision: ${small.sha}`)
      const twice = await run(`https://huggingface.co/${small.id}/tree/main`, '--revision', 'v2', '--name', 'other')
      assert.match(twice.log, /names the revision main, --revision v2; give one of them/)
    }))

  test('says why it is not served, and never with a GPU or a context that nobody asked for', () =>
    withHub(async (root, run) => {
      const before = modelsOf(root)
      const refusals: [string[], RegExp][] = [
        [[painter.id], /^example\/painter generates images \(diffusers\), which no engine here does -> served here: /],
        [
          [reranker.id, '--engine', 'vllm'],
          /^vllm cannot do text-classification with example\/reranker; give --engine tei/,
        ],
        [
          [reranker.id, '--task', 'text-generation'],
          /^example\/reranker is a XLMRobertaForSequenceClassification, with which no engine here does text-generation/,
        ],
        [[small.id, '--task', 'text-generaton'], /^--task: .*did you mean text-generation\?/],
        [
          ['https://huggingface.co/datasets/example/texts'],
          /^give one model of the Hub as OWNER\/NAME; .* is a dataset, not a model/,
        ],
        [['https://hf.co/spaces/example/app'], /is a Space, not a model/],
      ]
      for (const [args, words] of refusals) {
        const { status, log } = await run(...args, '--cluster', 'blue')
        assert.is(status, 1)
        assert.match(log, words)
        assert.not.match(log.split('\n')[0] ?? '', /undefined|GPU|tokens/)
      }
      assert.equal(modelsOf(root), before)
    }))

  test('a cluster without GPUs is the reason, not the model', () =>
    withHub(async (root, run) => {
      const path = join(root, 'clusters/blue/cluster.yaml')
      const text = readFileSync(path, 'utf8')
      writeFileSync(path, text.replace('l4: 4', ''))
      const { status, log } = await run(small.id, '--cluster', 'blue')
      assert.is(status, 1)
      assert.match(log, /^cluster blue has no GPUs: write gpu\.maxGpus in clusters\/blue\/cluster\.yaml/)
    }))

  test('answers mistakes with what to write, and writes nothing', () =>
    withHub(async (root, run) => {
      const before = modelsOf(root)
      assert.match((await run()).log, /^give one model of the Hub as OWNER\/NAME/)
      assert.match((await run('gpt2')).log, /^give one model of the Hub as OWNER\/NAME/)
      assert.match((await run(small.id, '--name', 'chat')).log, /apps\/models\/chat\.yaml is there already/)
      assert.match((await run(small.id, '--name', 'Big')).log, /lower-case/)
      assert.match((await run(small.id, '--cluster', 'blu')).log, /did you mean blue\?/)
      assert.match((await run(small.id, '--cluster', 'blue', '--max', '0')).log, /"0" is no whole number from 1 to 100/)
      assert.match((await run('example/nobody')).log, /shows no model example\/nobody/)
      assert.match((await run(pickle.id)).log, /no safetensors/)
      assert.equal(modelsOf(root), before)
      assert.not.ok(existsSync(join(root, 'apps/models/small-llama.yaml')))
    }))
})

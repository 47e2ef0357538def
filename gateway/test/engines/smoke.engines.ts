// The smoke test through the gateway’s process, before a real vLLM that was set up wrongly: each fault ends with its sentence. The questions are
// those that synth plans for models of the samples.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { everything, planRepository } from '../../../generators/pipeline.ts'
import { runProgram } from '../../../test/run-program.ts'
import { sampleRoot } from '../../../test/sample-tree.ts'
import { assert, describe } from '../../../test/spec.ts'
import { type FailureName, failures } from '../../smoke/outcome.ts'
import { GatewayProcess, startIdentityProvider } from '../process.ts'
import { vllmServer } from './vllm-server.ts'

const { SLIPWAY_VLLM } = process.env
const model = 'tiny-stories'
const patient = { timeoutSeconds: 400 }
const folder = mkdtempSync(join(tmpdir(), 'slipway-faults-'))
const secrets = join(folder, 'secrets')
mkdirSync(secrets)
writeFileSync(join(secrets, 'current'), 'value-of-the-edge\n')

const plans = planRepository(sampleRoot, everything).plans.flatMap(({ models }) => models.map(({ smoke }) => smoke))
const asksJson = ({ expect }: (typeof plans)[number]): boolean => expect.schema !== undefined
const chat = plans.find((plan) => plan.task === 'chat' && !asksJson(plan))
/** Of a model with a parser. */
const json = plans.find(asksJson)

function template(name: string, text: string): string {
  const path = join(folder, `${name}.jinja`)
  writeFileSync(path, text)
  return `--chat-template=${path}`
}

/** The model’s own tokenizer, with words that a parser looks for and that the model never says. */
function thinkingTokenizer(): string {
  const path = join(folder, 'tokenizer')
  cpSync(join(SLIPWAY_VLLM ?? '', 'model'), path, { recursive: true, filter: (file) => !file.endsWith('.safetensors') })
  const file = join(path, 'tokenizer.json')
  const tokenizer = JSON.parse(readFileSync(file, 'utf8')) as { added_tokens: object[]; model: { vocab: object } }
  const first = Object.keys(tokenizer.model.vocab).length
  const form = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true }
  tokenizer.added_tokens.push(...['<think>', '</think>'].map((content, at) => ({ id: first + at, content, ...form })))
  writeFileSync(file, JSON.stringify(tokenizer))
  return `--tokenizer=${path}`
}

interface Fault {
  what: string
  flags: () => string[]
  asks?: typeof json
  ends: FailureName | undefined
  /** What the last line has as its detail. */
  detail?: RegExp
}

const faults: Fault[] = [
  { what: 'nothing', flags: () => [], ends: undefined },
  {
    what: 'a chat template with a mistake in its syntax',
    flags: () => [template('syntax', "{% for m in messages %}{{ m['content'] }}{% endfor")],
    ends: 'refused',
    detail: /^400 .*(?:template|endfor|block)/,
  },
  {
    what: 'a chat template that refuses a conversation without a system message',
    flags: () => [
      template('system', "{% if messages[0].role != 'system' %}{{ raise_exception('no system message') }}{% endif %}"),
    ],
    ends: 'refused',
    detail: /^400 .*no system message/,
  },
  {
    what: 'another served name',
    flags: () => ['--served-model-name', 'another-name'],
    ends: 'misnamed',
    detail: /^502 .*model_not_served/,
  },
  {
    what: 'a chat template that has the model’s whole answer in it, so that nothing is left to say',
    flags: () => [
      template(
        'answered',
        '<|user|>{{ messages[0].content }}<|assistant|>I am a tiny language model that runs on your own computer. I am for testing only.',
      ),
    ],
    ends: 'empty',
    detail: /^1 tokens, and no text$/,
  },
  {
    what: 'a parser for thoughts, of a model that has none',
    flags: () => [thinkingTokenizer(), '--reasoning-parser=deepseek_r1'],
    asks: json,
    ends: 'schema',
    detail: /^nothing but thoughts: /,
  },
]

describe('the smoke test before vLLM', (test) => {
  if (SLIPWAY_VLLM === undefined) {
    test.skip('all of it', 'set SLIPWAY_VLLM: each case starts vLLM with other flags')
    return
  }
  test.after(() => rmSync(folder, { recursive: true }))

  for (const { what, flags, asks = chat, ends, detail = /^$/ } of faults)
    test(
      ends === undefined ? `with ${what} wrong, is answered` : `with ${what}, fails as “${failures[ends].sentence}”`,
      async () => {
        const server = await vllmServer({ SLIPWAY_VLLM }, { flags: flags(), env: {} })
        const identity = await startIdentityProvider()
        const gateway = new GatewayProcess()
        try {
          const { hostname, port } = new URL(server?.url ?? '')
          gateway.setModels({ [model]: [{ address: hostname, port: Number(port), ready: true }] })
          await gateway.start(identity, { ORIGIN_SECRET_FOLDER: secrets })
          // What a cold machine takes says nothing; the context of this model is shorter than that of any in the samples.
          const question = { ...asks, model, firstTokenSeconds: undefined, ...(asks === json && { maxTokens: 128 }) }
          const env = {
            GATEWAY_URL: gateway.url,
            ORIGIN_SECRET_FOLDER: secrets,
            SMOKE: JSON.stringify(question),
            SMOKE_PAUSE_MS: '200',
            KUBERNETES_SERVICE_HOST: '',
          }
          const { status, out } = await runProgram(
            process.execPath,
            [join(import.meta.dirname, '../../smoke/main.ts')],
            { env },
          )
          const last = JSON.parse(out.trim().split('\n').at(-1) ?? '{}') as { message: string; detail?: string }
          assert.is(last.message, ends === undefined ? 'answers' : `${model}: ${failures[ends].sentence}`, out)
          assert.is(status, ends === undefined ? 0 : failures[ends].code)
          assert.match(last.detail ?? '', detail)
        } finally {
          await gateway.stop()
          await identity.stop()
          server?.stop()
        }
      },
      patient,
    )
})

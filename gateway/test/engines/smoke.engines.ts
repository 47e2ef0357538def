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
/** Its JSON is asked for above. */
const tools = chat && { ...chat, callsTools: true as const }

function template(name: string, text: string): string {
  const path = join(folder, `${name}.jinja`)
  writeFileSync(path, text)
  return `--chat-template=${path}`
}

interface Tokenizer {
  added_tokens: object[]
  decoder: object
  model: { vocab: object }
}

/** The model’s own, changed. */
function tokenizer(name: string, change: (tokenizer: Tokenizer) => void): string {
  const path = join(folder, name)
  cpSync(join(SLIPWAY_VLLM ?? '', 'model'), path, { recursive: true, filter: (file) => !file.endsWith('.safetensors') })
  const file = join(path, 'tokenizer.json')
  const content = JSON.parse(readFileSync(file, 'utf8')) as Tokenizer
  change(content)
  writeFileSync(file, JSON.stringify(content))
  const settings = join(path, 'tokenizer_config.json')
  const { tokenizer_class: _, ...rest } = JSON.parse(readFileSync(settings, 'utf8')) as object & {
    tokenizer_class: string
  }
  // A class of its own would decode as GPT-2 does, whatever the file says.
  writeFileSync(settings, JSON.stringify({ ...rest, tokenizer_class: 'PreTrainedTokenizerFast' }))
  return `--tokenizer=${path}`
}

/** With words that a parser looks for and that the model never says. */
const thinking = (): string =>
  tokenizer('thinking', ({ added_tokens: added, model: { vocab } }) => {
    const first = Object.keys(vocab).length
    const form = { single_word: false, lstrip: false, rstrip: false, normalized: false, special: true }
    added.push(...['<think>', '</think>'].map((content, at) => ({ id: first + at, content, ...form })))
  })

const sentence = 'I am a tiny language model that runs on your own computer. I am for testing only.'

/** The one word that the model has left to say is a call, as models of the Hermes family write it. */
const calling = (): string[] => [
  template('calling', `<|user|>{{ messages[0].content }}<|assistant|>${sentence.slice(0, -1)}`),
  tokenizer('calling', (content) => {
    const call = '<tool_call>{"name": "report_readiness", "arguments": {"ready": true}}</tool_call>'
    const said = { type: 'Replace', pattern: { String: '.' }, content: call }
    content.decoder = { type: 'Sequence', decoders: [content.decoder, said] }
  }),
  '--enable-auto-tool-choice',
]

interface Fault {
  what: string
  flags: () => string[]
  asks?: typeof json
  ends: FailureName | undefined
  /** What the last line has as its detail. */
  detail?: RegExp
}

const faults: Fault[] = [
  { what: 'nothing wrong', flags: () => [], ends: undefined },
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
    flags: () => [template('answered', `<|user|>{{ messages[0].content }}<|assistant|>${sentence}`)],
    ends: 'empty',
    detail: /^1 tokens, and no text$/,
  },
  {
    what: 'a parser for thoughts, of a model that has none',
    flags: () => [thinking(), '--reasoning-parser=deepseek_r1'],
    asks: json,
    ends: 'schema',
    detail: /^nothing but thoughts: /,
  },
  {
    what: 'a model whose calls of tools its parser knows',
    flags: () => [...calling(), '--tool-call-parser=hermes'],
    asks: tools,
    ends: undefined,
  },
  // One that needs tokens of its family (llama3_json, mistral) ends vLLM at its start.
  {
    what: 'a parser for calls of tools that is of another family than the model',
    flags: () => [...calling(), '--tool-call-parser=pythonic'],
    asks: tools,
    ends: 'uncalled',
    detail: /^<tool_call>\{"name": "report_readiness"/,
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
      ends === undefined ? `with ${what}, is answered` : `with ${what}, fails as “${failures[ends].sentence}”`,
      async () => {
        const server = await vllmServer({ SLIPWAY_VLLM }, { flags: flags(), env: {} })
        const identity = await startIdentityProvider()
        const gateway = new GatewayProcess()
        try {
          const { hostname, port } = new URL(server?.url ?? '')
          gateway.setModels({ [model]: [{ address: hostname, port: Number(port), ready: true }] })
          await gateway.start(identity, { ORIGIN_SECRET_FOLDER: secrets })
          // What a cold machine takes says nothing; the context of this model is shorter than that of any in the samples.
          const question = { ...asks, model, firstTokenSeconds: undefined, ...(asks !== chat && { maxTokens: 100 }) }
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
          assert.not.match(out, /its tool parser is not tried/)
        } finally {
          await gateway.stop()
          await identity.stop()
          server?.stop()
        }
      },
      patient,
    )
})

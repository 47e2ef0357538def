// extraArgs and env against what was recorded from vLLM 0.31.0 and 0.33.0, and what a vLLM would do with them later.
import { assert, describe } from '../../../test/spec.ts'
import { sense } from '../../diagnostics/nearest.ts'
import { readFlagUses } from '../../engines/flag-uses.ts'
import { tei } from '../../engines/tei.ts'
import { vllm } from '../../engines/vllm.ts'
import { modelFileSchema } from '../../schema/model.ts'
import { checkExtraArgs } from '../../validate/extra-args.ts'
import type { Report } from '../../validate/findings.ts'
import { checkOpenings, checkVariables } from '../../validate/opening-rules.ts'

const versionOf = (wanted: string) => {
  const version = vllm.versions.find(({ version }) => version === wanted)
  if (version === undefined) throw new Error(`no row ${wanted}`)
  return version
}
const v031 = versionOf('0.31.0')

function collect(use: (report: Report) => void): string[] {
  const found: string[] = []
  use((code, field, _message, hint) => found.push(`${field.at(-1)} ${code} ${hint}`))
  return found
}

const check = (...args: string[]): string[] =>
  collect((report) => checkExtraArgs(vllm, v031.flags ?? {}, args, report, v031.bounds))

/** What the parser takes and the engine does not. */
const checkLater = (...args: string[]): string[] =>
  (vllm.checkArguments?.(readFlagUses(args).uses, v031, '/models/chat') ?? []).map(
    ({ code, index, hint }) => `${index} ${code} ${hint}`,
  )

const opened = (extraArgs: string[], env: Record<string, string> = {}, approvals: string[] = []): string[] =>
  collect((report) =>
    checkOpenings(vllm, v031, { name: 'chat', draft: { engine: { extraArgs }, env } }, report, approvals),
  )

describe('extraArgs', (test) => {
  test('take flags with = and with a word after them, switches and lists', () => {
    assert.equal(
      check(
        ...[
          '--block-size',
          '16',
          '--enable-auto-tool-choice',
          '--tool-call-parser=hermes',
          '--no-enable-prefix-caching',
        ],
        ...[
          '--seed',
          '-1',
          '--kv-cache-memory-bytes=12G',
          '--limit-mm-per-prompt={"image": 2}',
          '--cpu-offload-gb=2.5',
        ],
        ...['--kv-transfer-config={"cpu_bytes_to_use": 80m}', '--num-gpu-blocks-override=None'],
        '--attention-backend=FLASHINFER',
      ),
      [],
    )
    assert.equal(check('--middleware', 'a', '--ignore-patterns', 'x', 'y', 'z', '--enforce-eager'), [])
  })

  const wrong: [string[], string][] = [
    [['--max-num-queued-req=1'], '0 ENGINE_ARGUMENT_UNKNOWN did you mean --max-num-queued-reqs?'],
    [['--max-num-batched'], '0 ENGINE_ARGUMENT_UNKNOWN'],
    [['--disable-log-requests'], '0 ENGINE_ARGUMENT_UNKNOWN requests are not logged; remove it'],
    [['--disable-prefix-caching'], '0 ENGINE_ARGUMENT_UNKNOWN did you mean --no-enable-prefix-caching?'],
    [['--dissable-prefix-caching'], '0 ENGINE_ARGUMENT_UNKNOWN did you mean --no-enable-prefix-caching?'],
    [['--enable-fastapi-docs'], '0 ENGINE_ARGUMENT_UNKNOWN did you mean --no-disable-fastapi-docs?'],
    [['--no-chunked-prefill'], '0 ENGINE_ARGUMENT_UNKNOWN did you mean --no-enable-chunked-prefill?'],
    [['--enable_prefix_caching'], '0 ENGINE_ARGUMENT_UNKNOWN did you mean --enable-prefix-caching?'],
    [
      ['--speculative-config.model=a/b'],
      '0 ENGINE_ARGUMENT_UNKNOWN write it as JSON: --speculative-config={"model": …}',
    ],
    [['--swap-space=4'], '0 ENGINE_ARGUMENT_UNKNOWN this version never swaps'],
    [['-tp', '2'], '0 ENGINE_ARGUMENT_UNKNOWN write flags whole'],
    [['--ignore-patterns', 'x', '-O3'], '2 ENGINE_ARGUMENT_UNKNOWN write flags whole'],
    [['--enforce-eager=true'], '0 ENGINE_ARGUMENT_VALUE write --enforce-eager'],
    [['--enable-prefix-caching=false'], '0 ENGINE_ARGUMENT_VALUE write --no-enable-prefix-caching'],
    [['--enable-prefix-caching', 'True'], '1 ENGINE_ARGUMENT_VALUE write --enable-prefix-caching'],
    [['--no-enable-prefix-caching', 'False'], '1 ENGINE_ARGUMENT_VALUE write --enable-prefix-caching'],
    [['--block-size'], '0 ENGINE_ARGUMENT_VALUE write --block-size=8'],
    [['--block-size', '--enforce-eager'], '0 ENGINE_ARGUMENT_VALUE'],
    [['--block-size=16k'], '0 ENGINE_ARGUMENT_VALUE write a whole number'],
    [['--block-size=true'], '0 ENGINE_ARGUMENT_VALUE write a whole number'],
    [['--kv-cache-memory-bytes=1.5K'], '0 ENGINE_ARGUMENT_VALUE write a whole number, or one with k'],
    [['--cpu-offload-gb=10GB'], '0 ENGINE_ARGUMENT_VALUE write a number'],
    [['--limit-mm-per-prompt=image=2'], '0 ENGINE_ARGUMENT_VALUE write JSON'],
    [['--max-num-queued-reqs=-3'], '0 ENGINE_ARGUMENT_VALUE write at least 0'],
    [['--watermark=1'], '0 ENGINE_ARGUMENT_VALUE write at least 0 and less than 1'],
    [['--cpu-offload-gb', '-1'], '1 ENGINE_ARGUMENT_VALUE write at least 0'],
    [['--tool-call-parser=hermess'], '0 ENGINE_ARGUMENT_VALUE did you mean "hermes"?'],
    [['--reasoning-parser=qwen_3'], '0 ENGINE_ARGUMENT_VALUE did you mean "qwen3"?'],
    [['--load-format=bitsandbytes'], '0 ENGINE_ARGUMENT_VALUE allowed: auto'],
    [['stray'], '0 ENGINE_ARGUMENT_VALUE'],
    [['--enforce-eager', 'stray'], '1 ENGINE_ARGUMENT_VALUE'],
    [['--uvicorn-log-level=loud'], '0 ENGINE_ARGUMENT_VALUE'],
    [['--uvicorn-log-level', 'loud'], '1 ENGINE_ARGUMENT_VALUE'],
    [['--trust-remote-code'], '0 ENGINE_ARGUMENT_OWNED'],
    [['--no-enable-log-requests'], '0 ENGINE_ARGUMENT_OWNED'],
    [['--max-num-seqs=8'], '0 ENGINE_ARGUMENT_OWNED write engine.maxNumSeqs'],
    [['--served-model-name=x'], '0 ENGINE_ARGUMENT_OWNED'],
    [['--constructor=1'], '0 ENGINE_ARGUMENT_UNKNOWN'],
  ]
  for (const [args, expected] of wrong) {
    test(`refuse ${args.join(' ')}`, () => {
      const found = check(...args)
      assert.is(found.length, 1, found.join('\n'))
      assert.ok(found[0]?.startsWith(expected), found[0])
    })
  }

  test('never propose what means the opposite', () => {
    const { flags = {} } = versionOf('0.33.0')
    for (const flag of Object.keys(flags).filter((one) => flags[one] === 'switch')) {
      const slip = flag.replace(/^--(?:no-)?(?:en|dis)able-(.+)/, '--no-$1s')
      const [hint = ''] = collect((report) => checkExtraArgs(vllm, flags, [slip === flag ? `${flag}s` : slip], report))
      const proposed = /did you mean (--[\w-]+)\?/.exec(hint)?.[1]
      if (proposed !== undefined) assert.is(sense(proposed).off, sense(slip).off, `${slip}: ${hint}`)
    }
  })
})

describe('extraArgs that the parser takes and the engine does not', (test) => {
  const offline = 'ENGINE_ARGUMENT_OFFLINE'
  const wrong: [string[], string][] = [
    [['--enable-auto-tool-choice'], '0 ENGINE_ARGUMENT_COMPANY add --tool-call-parser=NAME'],
    [['--enable-per-request-metrics', '--disable-log-stats'], '0 ENGINE_ARGUMENT_COMPANY'],
    [['--cpu-offload-gb=4', '--offload-group-size=8'], '1 ENGINE_ARGUMENT_COMPANY'],
    [['--lora-modules', 'sql=example/sql-lora'], `1 ${offline} serve a repository in which the adapter is merged`],
    [['--lora-modules={"name": "sql", "path": "example/sql-lora"}'], `0 ${offline}`],
    [['--lora-modules', 'a=/models/chat/a', 'b=/data/b'], `2 ${offline}`],
    [['--default-mm-loras={"audio": "example/audio-lora"}'], `0 ${offline}`],
    [['--speculative-config={"model": "example/draft", "num_speculative_tokens": 3}'], `0 ${offline}`],
    [['--spec-model=example/draft'], `0 ${offline}`],
    [['--tokenizer=example/other'], `0 ${offline} remove it: the tokenizer of the model’s own`],
    [['--hf-config-path', 'example/other'], `1 ${offline}`],
    [['--generation-config=example/other'], `0 ${offline} write auto or vllm`],
    [['--chat-template=./template.jinja'], `0 ${offline} write the template itself`],
    [['--ssl-keyfile=/etc/tls/key.pem'], `0 ${offline}`],
    [['--load-format=pt'], `0 ${offline}`],
    [['--load-format=dummy'], `0 ${offline}`],
    [['--structured-outputs-config={"reasoning_parser": "qwen"}'], '0 ENGINE_ARGUMENT_VALUE write one of: '],
  ]
  for (const [args, expected] of wrong) {
    test(`refuse ${args.join(' ')}`, () => {
      assert.equal(check(...args), [])
      const found = checkLater(...args)
      assert.is(found.length, 1, found.join('\n'))
      assert.ok(found[0]?.startsWith(expected), found[0])
    })
  }

  test('and leave what the pod has', () => {
    assert.equal(
      checkLater(
        ...['--enable-auto-tool-choice', '--tool-call-parser=hermes', '--no-enable-per-request-metrics'],
        ...['--tokenizer=/models/chat', '--lora-modules', 'a=/models/chat/adapters/a', '--load-format=safetensors'],
        ...['--speculative-config={"method": "ngram", "num_speculative_tokens": 4}', '--generation-config=vllm'],
        ...['--chat-template={% for m in messages %}{{ m }}{% endfor %}'],
        ...['--chat-template=examples/tool_chat_template_hermes.jinja', '--disable-log-stats'],
        '--structured-outputs-config={"reasoning_parser": "qwen3"}',
      ),
      [],
    )
    assert.equal(checkLater('--enable-auto-tool-choice', '--no-enable-auto-tool-choice'), [])
  })
})

describe('what opens an engine', (test) => {
  const openings: [string[], Record<string, string>][] = [
    [[], { VLLM_SERVER_DEV_MODE: '1' }],
    [[], { VLLM_ALLOW_INSECURE_SERIALIZATION: 'true' }],
    [[], { VLLM_ALLOW_RUNTIME_LORA_UPDATING: 'True' }],
    [[], { VLLM_TORCH_PROFILER_DIR: '/tmp' }],
    [[], { VLLM_PLUGINS: 'mine' }],
    [[], { VLLM_MEDIA_CONNECTOR: 'file' }],
    [[], { VLLM_MAX_IMAGE_PIXELS: '0' }],
    [[], { LD_PRELOAD: '/tmp/x.so' }],
    [[], { PYTHONPATH: '/tmp' }],
    [[], { HTTPS_PROXY: 'http://proxy.example.com' }],
    [['--tool-parser-plugin=/models/chat/x.py'], {}],
    [['--middleware', 'x.y'], {}],
    [['--worker-extension-cls=x.Y'], {}],
    [['--distributed-executor-backend=x.Executor'], {}],
    [['--enable-prompt-embeds'], {}],
    [['--profiler-config={"profiler": "torch"}'], {}],
    [['--structured-outputs-config={"reasoning_parser_plugin": "x.py"}'], {}],
    [['--kv-transfer-config={"kv_connector": "NixlConnector", "kv_role": "kv_both"}'], {}],
  ]
  for (const [args, env] of openings) {
    const setting = args[0]?.split('=')[0] ?? Object.keys(env)[0] ?? ''
    test(`${[...args, ...Object.values(env).map((value) => `${setting}=${value}`)].join(' ')} needs an approval`, () => {
      assert.match(
        opened(args, env).join('\n'),
        new RegExp(
          `^\\w+ ENGINE_OPENED remove it, or have 'chat': \\['${setting}'\\] approved in .*engine-policy\\.ts$`,
        ),
      )
      assert.equal(opened(args, env, [setting]), [])
    })
  }

  test('not where it is switched off or left as it is', () => {
    const env = {
      VLLM_SERVER_DEV_MODE: '0',
      VLLM_PLUGINS: '',
      VLLM_MEDIA_CONNECTOR: 'http',
      VLLM_MAX_IMAGE_PIXELS: '9',
    }
    assert.equal(
      opened(['--worker-cls=auto', '--distributed-executor-backend=mp', '--no-enable-prompt-embeds'], env),
      [],
    )
    assert.equal(opened(['--kv-transfer-config={"kv_connector": "OffloadingConnector", "kv_role": "kv_both"}']), [])
  })

  // A name of the next version that sounds like the others is looked at before it can be set.
  test('has every variable of the recorded versions that sounds so', () => {
    const suspicious =
      /DEV_MODE|INSECURE|RUNTIME_LORA|RESOLVER|PLUGIN|_SO_PATH|CONNECTOR$|MCP|REDIRECT|MODELSCOPE|LOGGING_CONFIG|_LOG_(?:API|LEVEL)|API_KEY|SIDE_CHANNEL_HOST/
    const named = vllm.versions.flatMap(({ environment = [] }) => environment.filter((one) => suspicious.test(one)))
    assert.ok(named.length > 20)
    assert.equal(
      named.filter((one) => !(one in { ...vllm.opens, ...vllm.environment('') })),
      [],
    )
  })
})

describe('env', (test) => {
  const variables = (engine: typeof vllm, env: Record<string, string>): string[] => {
    const version = engine === vllm ? v031 : engine.versions[0]
    if (version === undefined) throw new Error('no version')
    return collect((report) => checkVariables(engine, version, { env }, report))
  }

  test('knows the variables of its version', () => {
    assert.equal(variables(vllm, { VLLM_LOGGING_LEVEL: 'DEBUG', NCCL_DEBUG: 'INFO' }), [])
    assert.equal(variables(vllm, { VLLM_LOGGING_LEVLE: 'DEBUG' }), [
      'VLLM_LOGGING_LEVLE ENVIRONMENT_UNKNOWN did you mean "VLLM_LOGGING_LEVEL"? ',
    ])
    assert.equal(variables(vllm, { VLLM_USE_V1: '1' }), ['VLLM_USE_V1 ENVIRONMENT_UNKNOWN remove it'])
    assert.equal(variables(vllm, { HF_TOKEN: 'x' }), ['HF_TOKEN ENVIRONMENT_OWNED remove it'])
  })

  test('is no second way to set flags of text-embeddings-inference', () => {
    assert.equal(variables(tei, { HOSTNAME: '::' }), ['HOSTNAME ENVIRONMENT_OWNED remove it'])
    assert.equal(variables(tei, { MAX_BATCH_TOKENS: '1' }), [
      'MAX_BATCH_TOKENS ENVIRONMENT_OWNED write engine.extraArgs: [--max-batch-tokens=VALUE], where its value is checked',
    ])
  })

  test('and extraArgs: the examples of the field reference pass', () => {
    const engine = modelFileSchema.properties.engine as {
      anyOf?: { properties?: Record<string, { examples?: unknown }> }[]
    }
    const [args = []] = (engine.anyOf?.flatMap((one) => one.properties?.extraArgs?.examples ?? []) ?? []) as string[][]
    const [env = {}] = (modelFileSchema.properties.env as { examples?: Record<string, string>[] }).examples ?? []
    assert.ok(args.length > 0 && Object.keys(env).length > 0)
    assert.equal([...check(...args), ...checkLater(...args), ...opened(args, env), ...variables(vllm, env)], [])
  })
})

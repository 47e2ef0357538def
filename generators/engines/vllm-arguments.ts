// Extra flags of vLLM that its parser takes and that fail later. Files named here are those of vLLM 0.31.
import type { ArgumentProblem, EngineVersion } from './engine.ts'
import { type FlagUse, type FlagWord, lastValue, valuesOf } from './flag-uses.ts'
import { type Json, readObject } from './value-forms.ts'

export const goneVllmFlags: Readonly<Record<string, string>> = {
  '--swap-space': 'this version never swaps; remove it, or keep blocks in host memory with --kv-offloading-size=GIB',
  '--task': 'write the field task, and engine: tei for embeddings',
  '--disable-log-requests': 'requests are not logged; remove it',
  '--num-scheduler-steps': 'remove it: the scheduler works without steps',
  '--use-v2-block-manager': 'remove it: there is only one block manager',
  '--enable-reasoning': 'remove it: --reasoning-parser=NAME is enough',
  '--guided-decoding-backend': 'write --structured-outputs-config={"backend":"auto"}',
  '--calculate-kv-scales': 'remove it: scales are in the checkpoint',
}

const text = (value: unknown): string[] => (typeof value === 'string' ? [value] : [])
const whole = (value: string): string[] => [value]

/** `name=path`, or an object (LoRAParserAction, vllm/entrypoints/launchers/cli_args.py). */
const pathOfAdapter = (value: string): string[] =>
  value.includes('=') && !value.includes(',')
    ? [value.slice(value.indexOf('=') + 1)]
    : [readObject(value) ?? []].flat().flatMap((one) => text((one as Json).path))

const merged = 'serve a repository in which the adapter is merged into its base'

/** Where a value names a repository or a file, and what to write instead. */
const names: Readonly<Record<string, { of(value: string): string[]; instead: string }>> = {
  '--tokenizer': { of: whole, instead: 'remove it: the tokenizer of the model’s own repository is used' },
  '--hf-config-path': { of: whole, instead: 'remove it: the config.json of the model’s own repository is used' },
  '--generation-config': {
    of: (value) => (['auto', 'vllm'].includes(value) ? [] : [value]),
    instead: 'write auto or vllm, or --override-generation-config with the values',
  },
  '--chat-template': {
    // A template has braces or lines; the image has its examples (load_chat_template, vllm/entrypoints/chat_utils.py).
    of: (value) => (/[{}\n]/.test(value) || /^(?:\/vllm-workspace\/)?examples\//.test(value) ? [] : [value]),
    instead: 'write the template itself, or remove it: the one of the model’s repository is used',
  },
  '--lora-modules': { of: pathOfAdapter, instead: merged },
  '--default-mm-loras': { of: (value) => Object.values(readObject(value) ?? {}).flatMap(text), instead: merged },
  '--spec-model': { of: whole, instead: 'write --spec-method=ngram or mtp, which need no second model' },
  '--speculative-config': {
    of: (value) => text(readObject(value)?.model).filter((model) => !['ngram', '[ngram]', 'suffix'].includes(model)),
    instead:
      'leave model out and write a method that needs none, such as {"method":"ngram","num_speculative_tokens":4}',
  },
  '--model-loader-extra-config': {
    of: (value) =>
      Object.entries(readObject(value) ?? {}).flatMap(([key, one]) => (/uri|path|dir/.test(key) ? text(one) : [])),
    instead: 'remove it: the weights are those of the lock',
  },
  '--mm-encoder-fp8-scale-path': { of: whole, instead: 'remove it' },
  ...Object.fromEntries(
    ['--ssl-keyfile', '--ssl-certfile', '--ssl-ca-certs'].map((flag) => [
      flag,
      { of: whole, instead: 'remove it: the gateway and the probes speak plain HTTP inside the cluster' },
    ]),
  ),
}

/** Formats that read other files than the safetensors which are fetched, or none (vllm/model_executor/model_loader/__init__.py). */
const foreignFormats = ['dummy', 'ipc_cache', 'mistral', 'modelexpress', 'npcache', 'pt', 'tensorizer']

/** The last form of a switch counts, as in the parser. */
function isOn(uses: readonly FlagUse[], name: string): FlagUse | undefined {
  const forms = [`--${name}`, `--no-${name}`, `--${name.replace(/^enable-/, 'disable-')}`]
  const last = uses.findLast(({ flag }) => forms.includes(flag))
  return last?.flag === forms[0] ? last : undefined
}

export function checkVllmArguments(
  uses: readonly FlagUse[],
  { flags = {} }: EngineVersion,
  modelDirectory: string,
): ArgumentProblem[] {
  return [
    ...uses.flatMap((use) => valuesOf(use).flatMap((word) => checkName(use.flag, word, modelDirectory))),
    ...checkReasoningParser(uses, flags['--reasoning-parser']),
    ...checkCompany(uses),
  ]
}

function checkName(flag: string, { text: value, index }: FlagWord, modelDirectory: string): ArgumentProblem[] {
  if (flag === '--load-format' && foreignFormats.includes(value)) {
    const message = `${flag}=${value} reads other files than the safetensors of the lock, and the pod has no others`
    return [{ code: 'ENGINE_ARGUMENT_OFFLINE', index, message, hint: 'remove it' }]
  }
  const known = Object.hasOwn(names, flag) ? names[flag] : undefined
  const isHere = (name: string) => name === modelDirectory || name.startsWith(`${modelDirectory}/`)
  return (known?.of(value) ?? [])
    .filter((name) => name !== '' && name !== 'None' && !isHere(name))
    .map((name) => ({
      code: 'ENGINE_ARGUMENT_OFFLINE',
      index,
      message: `${flag} names ${name}, but the pod is offline and has only its own repository, in ${modelDirectory}`,
      hint: known?.instead ?? '',
    }))
}

/** The parser looks at --reasoning-parser alone; the same name in JSON fails at the start. */
function checkReasoningParser(uses: readonly FlagUse[], known: unknown): ArgumentProblem[] {
  if (!Array.isArray(known)) return []
  return uses
    .filter(({ flag }) => flag === '--structured-outputs-config')
    .flatMap(valuesOf)
    .flatMap(({ text: value, index }) =>
      text(readObject(value)?.reasoning_parser)
        .filter((name) => name !== '' && !known.includes(name))
        .map((name) => ({
          code: 'ENGINE_ARGUMENT_VALUE',
          index,
          message: `there is no reasoning parser ${name} in this version`,
          hint: `write one of: ${known.join(', ')}`,
        })),
    )
}

/** Flags that need another one, or exclude it (validate_parsed_serve_args, vllm/entrypoints/launchers/cli_args.py). */
function checkCompany(uses: readonly FlagUse[]): ArgumentProblem[] {
  const found: ArgumentProblem[] = []
  const add = (use: FlagUse | undefined, message: string, hint: string) => {
    if (use !== undefined) found.push({ code: 'ENGINE_ARGUMENT_COMPANY', index: use.index, message, hint })
  }
  if (lastValue(uses, '--tool-call-parser') === undefined)
    add(
      isOn(uses, 'enable-auto-tool-choice'),
      '--enable-auto-tool-choice needs to know how the model writes its calls',
      'add --tool-call-parser=NAME, for example hermes (Qwen), llama3_json (Llama 3) or mistral',
    )
  if (uses.some(({ flag }) => flag === '--disable-log-stats'))
    add(
      isOn(uses, 'enable-per-request-metrics'),
      '--enable-per-request-metrics needs the statistics that --disable-log-stats switches off',
      'remove one of the two',
    )
  if (Number(lastValue(uses, '--cpu-offload-gb') ?? 0) > 0)
    add(
      uses.find(({ flag, value }) => flag === '--offload-group-size' && value !== '0'),
      'weights are moved to host memory by --offload-group-size or by --cpu-offload-gb, not by both',
      'remove one of the two',
    )
  return found
}

// What a repository of the Hub is when no engine here serves it: one line that names it, and the way out.
import { engines } from '../engines/index.ts'
import { does, taskOf } from '../engines/served.ts'
import { refusedTasks, type Task } from '../schema/tasks.ts'
import { HubProblem } from './hub-problem.ts'
import { doings, endings, formats, pickles, speech } from './purposes.ts'

/** What the Hub says of a repository, and its files. */
export interface Described {
  id: string
  tag: string | undefined
  library: string | undefined
  tags: readonly string[]
  /** The model that it was made from, if the card names one. */
  base: string | undefined
  paths: readonly string[]
}

type Config = Record<string, unknown>

const served = `served here: ${[...new Set(engines.flatMap(({ tasks }) => tasks))].join(', ')}; choose a model of one of these`

const notServed = (id: string, what: string, hint = served): HubProblem =>
  new HubProblem('not-served', `${id} ${what}`, hint)

const fromBase = ({ base }: Described, otherwise: string): string =>
  base === undefined ? otherwise : `choose what it was made from: npm run new -- ${base}`

/** By what the Hub says alone: it also says so of a repository that is gated. */
export function checkPurpose({ id, tag, library }: Described, wanted: Task | undefined): void {
  const doing = tag === undefined || !Object.hasOwn(doings, tag) ? undefined : doings[tag]
  if (library === 'diffusers')
    throw notServed(id, `${doing ?? 'generates images'} (diffusers), which no engine here does`)
  if (doing !== undefined && wanted === undefined)
    throw notServed(id, `${doing} (${tag}), which no engine here does`, refusedTasks[tag ?? ''])
}

/** Before any file is read. @param commit of the files */
export function checkFiles(it: Described, commit: string): void {
  const { id, paths } = it
  const has = (pattern: RegExp): boolean => paths.some((path) => pattern.test(path))
  const at = commit.slice(0, 12)
  if (paths.every((path) => /(?:^|\/)(?:\.gitattributes|README\.md|LICENSE[\w.]*)$/i.test(path)))
    throw notServed(id, `has no files of a model at ${at}`, 'choose a revision or a repository with safetensors')
  if (has(/^model_index\.json$/)) throw notServed(id, 'generates images (diffusers), which no engine here does')
  if (has(/^adapter_config\.json$/) && !has(/^(?:model|pytorch_model)[\w.-]*\.(?:safetensors|bin)$/))
    throw notServed(
      id,
      `is an adapter (PEFT)${it.base === undefined ? '' : ` of ${it.base}`}, not a whole model`,
      'merge it into its base (merge_and_unload of PEFT) and choose the repository of the result',
    )
  if (!has(/\.safetensors$/)) throw withoutSafetensors(it, at)
  if (!has(/^config\.json$/)) throw withoutConfig(it)
}

/** ONNX files run no code, but their parameters and dtypes are between the weights: no part of them can be read alone. */
function withoutSafetensors(it: Described, at: string): HubProblem {
  const { id, paths } = it
  const choose = 'choose a revision or a repository with safetensors'
  const found = formats.find(([pattern]) => paths.some((path) => pattern.test(path)))?.[1]
  if (paths.some((path) => pickles.test(path) && !/openvino/.test(path)) && !found?.startsWith('GGUF'))
    return new HubProblem(
      'pickle-weights',
      `${id} has no safetensors weights at ${at}, only files that may run code when they are loaded`,
      choose,
    )
  if (found === 'ONNX files')
    return new HubProblem(
      'pickle-weights',
      `${id} has no safetensors weights at ${at}: a lock cannot be read from ONNX files alone`,
      choose,
    )
  return found === undefined
    ? notServed(id, `has no safetensors weights at ${at}`, choose)
    : notServed(id, `has no safetensors weights at ${at}, only ${found}`, fromBase(it, choose))
}

function withoutConfig(it: Described): HubProblem {
  const { id, paths, library } = it
  const has = (pattern: RegExp): boolean => paths.some((path) => pattern.test(path))
  if (has(/^modules\.json$/))
    return notServed(
      id,
      'is a pipeline of sentence-transformers without a transformer at its root',
      'choose one with config.json at its root, such as BAAI/bge-small-en-v1.5',
    )
  if (has(/^params\.json$/))
    return notServed(
      id,
      'has its weights only in Mistral’s own form (params.json)',
      'choose the repository with config.json, as transformers writes it',
    )
  return new HubProblem(
    'config',
    `${id} has no config.json${library === undefined ? '' : `: it is a model of ${library}`}`,
    'only transformers models can be served',
  )
}

/** Before the numbers are read. `architectures` may be missing, which is for the numbers to show. */
export function checkConfig(it: Described, config: Config, wanted: Task | undefined): void {
  const { id, tags, library, tag, paths } = it
  const packed = config.quantization !== undefined
  const method = (config.quantization_config as Config | undefined)?.quant_method
  if ((library === 'mlx' || tags.includes('mlx')) && packed && method === undefined)
    throw notServed(id, 'is packed for MLX (Apple computers)', fromBase(it, 'choose the repository with plain weights'))
  const architectures = Array.isArray(config.architectures) ? config.architectures.map(String) : []
  if (architectures.length === 0) return
  const ending = endings.find(([pattern]) => architectures.some((one) => pattern.test(one)))?.[1]
  const isPipeline = paths.includes('modules.json')
  const isEncoderDecoder = [config, config.text_config as Config | undefined].some(
    (one) => one?.is_encoder_decoder === true,
  )
  if (isEncoderDecoder)
    throw notServed(
      id,
      `is an encoder–decoder (${architectures.join(', ')})${ending === undefined ? '' : ` that ${ending}`}, which no engine here serves`,
      ending === speech ? refusedTasks['automatic-speech-recognition'] : 'choose a decoder-only model: text-generation',
    )
  const task = wanted ?? (isPipeline ? (taskOf(tag, []) ?? 'sentence-similarity') : taskOf(tag, architectures))
  if (task !== undefined && hasEngine(task, architectures, paths)) return
  if (ending !== undefined && wanted === undefined)
    throw notServed(
      id,
      `${ending} (${architectures.join(', ')}), which no engine here does`,
      ending === speech ? refusedTasks['automatic-speech-recognition'] : served,
    )
  if (tag === 'text-ranking' && wanted === undefined)
    throw notServed(
      id,
      `ranks with the output layer of a language model (${architectures.join(', ')}), which no engine here does`,
      'choose a reranker with a classifier, such as BAAI/bge-reranker-v2-m3',
    )
  throw notServed(
    id,
    task === undefined
      ? `is a ${architectures.join(', ')}, which no engine here serves`
      : `is a ${architectures.join(', ')}, with which no engine here does ${task}`,
  )
}

/** A lock is read from safetensors; an engine for CPUs wants ONNX files beside them. */
const hasEngine = (task: Task, architectures: readonly string[], paths: readonly string[]): boolean =>
  engines.some(
    (engine) =>
      does(engine, task, architectures) &&
      (engine.accelerator !== 'none' || paths.some((path) => path.endsWith('.onnx'))),
  )

/** @param format as `quantization_config` of config.json names it */
export function checkFormat(it: Described, format: string | undefined): void {
  const word = format?.toLowerCase().replace('compressed_tensors', 'compressed-tensors')
  const tables = engines.flatMap(({ versions }) => versions.map(({ quantization = {} }) => quantization))
  if (word === undefined || tables.some((methods) => Object.hasOwn(methods, word))) return
  throw new HubProblem(
    'format',
    `${it.id} has its weights stored as ${word}, which no engine here loads`,
    fromBase(it, 'choose the repository with plain weights, or one stored as awq, gptq, compressed-tensors or fp8'),
  )
}

const tokenizers =
  /^(?:tokenizer\.json|tokenizer\.model|tokenizer_config\.json|tekken\.json|vocab\.\w+|spiece\.model|sentencepiece\.bpe\.model|[\w.-]+\.tiktoken)$/

/** An engine starts and then cannot read a word. */
export function checkTokenizer({ id, paths }: Described): void {
  if (paths.some((path) => tokenizers.test(path))) return
  throw notServed(
    id,
    'has no tokenizer',
    'choose a repository with tokenizer.json; the model that it was made from often has it',
  )
}

// A model directory to something that can be run: files, graph, tokenizer, template, limits.
import { statSync } from 'node:fs'
import { join } from 'node:path'
import type { EngineOptions, ModelInfo } from '../engine/messages.ts'
import type { SamplingDefaults } from '../request/sampling.ts'
import { UserMistake } from '../user-mistake.ts'
import { type ChatTemplate, chatTemplateOf } from './chat-template.ts'
import { Decoder } from './decoder.ts'
import { Encoder } from './encoder.ts'
import { configNumber, type ModelDirectory, readModelDirectory } from './model-directory.ts'
import { requireOnnxFile } from './onnx-files.ts'
import { type InferenceSession, loadRuntime } from './runtime.ts'
import { Tokenizer } from './tokenizer.ts'

export interface LoadedModel {
  info: ModelInfo
  tokenizer: Tokenizer
  template: ChatTemplate | undefined
  network: Decoder | Encoder
  /** Tokens that end an answer. */
  endOfText: ReadonlySet<number>
}

/** @throws UserMistake naming the file or setting that is wrong */
export async function loadModel(options: EngineOptions): Promise<LoadedModel> {
  const directory = readModelDirectory(options.modelDirectory)
  const folder = join(directory.path, 'onnx')
  const graph = requireOnnxFile(folder, directory.onnxFiles, options.dtype)
  const file = join(folder, graph)
  const runtime = await loadRuntime()
  const session = await openSession(runtime.InferenceSession, file, options.threads)
  const tokenizer = new Tokenizer(directory)
  const template = chatTemplateOf(directory, tokenizer.specialTokens)
  const vocabularySize = configNumber(directory.config, 'vocab_size') ?? tokenizer.vocabularySize
  const isDecoder = session.inputNames.some((name) => name.startsWith('past_key_values.'))
  const network = isDecoder
    ? new Decoder(runtime, session, file, vocabularySize)
    : new Encoder(runtime, session, file, directory)
  const info: ModelInfo = {
    kind: network instanceof Encoder ? network.kind : 'generate',
    graph,
    maxModelLen: maxModelLenOf(directory, options.maxModelLen),
    vocabularySize,
    hasChatTemplate: template !== undefined,
    defaults: samplingDefaults(directory.generationConfig),
    dimensions: configNumber(directory.config, 'hidden_size', 'n_embd', 'd_model', 'dim') ?? 0,
    labels: network instanceof Encoder ? network.labels : [],
    demo: directory.demo,
  }
  return { info, tokenizer, template, network, endOfText: endOfText(directory, tokenizer) }
}

async function openSession(
  sessions: { create(path: string, options: InferenceSession.SessionOptions): Promise<InferenceSession> },
  file: string,
  threads: number,
): Promise<InferenceSession> {
  try {
    return await sessions.create(file, { intraOpNumThreads: threads, interOpNumThreads: 1 })
  } catch (error) {
    const [reason = ''] = (error as Error).message.split('\n')
    throw new UserMistake(
      `${file} (${statSync(file).size} bytes): not an ONNX graph that onnxruntime can open: ${reason}`,
    )
  }
}

/** @throws UserMistake when more is asked for than the model has positions */
function maxModelLenOf({ path, config, tokenizerConfig }: ModelDirectory, asked: number | undefined): number {
  const own =
    configNumber(config, 'n_positions', 'max_position_embeddings', 'n_ctx') ??
    configNumber(tokenizerConfig, 'model_max_length')
  // RoBERTa's positions begin behind its padding token.
  const usable = config.model_type === 'roberta' || config.model_type === 'xlm-roberta' ? (own ?? 514) - 2 : own
  if (asked !== undefined && usable !== undefined && asked > usable)
    throw new UserMistake(`--max-model-len ${asked}: ${path} has ${usable} positions; give at most ${usable}`)
  const length = asked ?? usable
  if (length === undefined)
    throw new UserMistake(`${path}/config.json: says no number of positions; give --max-model-len`)
  return length
}

function samplingDefaults(config: Record<string, unknown>): SamplingDefaults {
  const number = (name: string): number | undefined =>
    typeof config[name] === 'number' ? (config[name] as number) : undefined
  return {
    temperature: number('temperature'),
    topP: number('top_p'),
    topK: number('top_k'),
    minP: number('min_p'),
    repetitionPenalty: number('repetition_penalty'),
  }
}

function endOfText({ config, generationConfig }: ModelDirectory, tokenizer: Tokenizer): Set<number> {
  const word = tokenizer.specialTokens.eos_token
  const ids = [config.eos_token_id, generationConfig.eos_token_id, word && tokenizer.idOf(word)].flat()
  return new Set(ids.filter((id) => Number.isInteger(id)) as number[])
}

// What the HTTP server and the engine's thread say to each other. Everything here can be copied between threads.
import type { ErrorData } from '../api-error.ts'
import type { TokenEvent } from '../generate/sequence.ts'
import type { Conversation } from '../model/chat-template.ts'
import type { Dtype } from '../model/onnx-files.ts'
import type { Sampling, SamplingDefaults } from '../request/sampling.ts'

export interface EngineOptions {
  modelDirectory: string
  /** Undefined: the smallest there is. */
  dtype: Dtype | undefined
  /** Undefined: the model's own. */
  maxModelLen: number | undefined
  mostRunning: number
  threads: number
}

/** generate: text. embed: vectors. classify: scores of labels, one label makes a reranker. */
export type ModelKind = 'generate' | 'embed' | 'classify'

export interface ModelInfo {
  kind: ModelKind
  /** File name of the graph. */
  graph: string
  maxModelLen: number
  vocabularySize: number
  hasChatTemplate: boolean
  defaults: SamplingDefaults
  /** Numbers of a vector; 0 for other kinds. */
  dimensions: number
  /** Names of the labels in their order; empty for other kinds. */
  labels: readonly string[]
  demo: boolean
}

/** Keeps the first or the last tokens. */
export interface Truncation {
  tokens: number
  side: 'left' | 'right'
}

export type Prompt = string | readonly number[]

export interface GenerateJob {
  kind: 'generate'
  prompts: readonly Prompt[] | Conversation
  addSpecialTokens: boolean
  truncation: Truncation | undefined
  /** Choices per prompt. */
  n: number
  sampling: Sampling
  /** Whether the prompts' texts are wanted back. */
  echo: boolean
}

/** A text, or two that are read together: a query and a document. */
export type EncodeInput = readonly [text: Prompt, pair?: string]

export interface EncodeJob {
  kind: 'encode'
  inputs: readonly EncodeInput[]
  addSpecialTokens: boolean
  truncation: Truncation | undefined
  /** Unit length for vectors, probabilities for scores; undefined: as the model's own files say. */
  activation: boolean | undefined
}

export interface TokenizeJob {
  kind: 'tokenize'
  prompt: string | Conversation
  addSpecialTokens: boolean
  withTexts: boolean
}

export interface DetokenizeJob {
  kind: 'detokenize'
  tokens: readonly number[]
}

export type Job = GenerateJob | EncodeJob | TokenizeJob | DetokenizeJob

export interface Accepted {
  event: 'accepted'
  /** Tokens of each prompt. */
  promptTokens: readonly number[]
  /** Texts of the prompts, when asked for. */
  promptTexts: readonly string[]
}

export interface EncodeResult {
  vectors: readonly (readonly number[])[]
  promptTokens: number
}

export interface TokenizeResult {
  tokens: readonly number[]
  texts: readonly string[] | null
}

/** `index` counts choices: prompt × n + choice. */
export type JobEvent =
  | Accepted
  | { event: 'started'; index: number }
  | { event: 'token'; index: number; token: TokenEvent }
  | { event: 'encoded'; result: EncodeResult }
  | { event: 'tokenized'; result: TokenizeResult }
  | { event: 'detokenized'; text: string }
  | { event: 'refused'; error: ErrorData }

export type ToEngine = { id: number; job: Job } | { id: number; abort: true } | { stop: true }

export type FromEngine =
  | { ready: ModelInfo }
  /** The program cannot start; `mistake` is whether the user can fix it. */
  | { failed: string; mistake: boolean }
  | { id: number; event: JobEvent }

// Every route that reaches an engine: one row each. The documentation and the OpenAPI document are made from it.

import type { EventForm } from '../events/event-filter.ts'
import type { ModelClass } from '../quota/quota.ts'
import type { ClientShape } from '../translate/shapes.ts'
import type { Family } from './received.ts'

export interface InferenceRoute {
  /** Path, or what follows /models/{model}. */
  path: string
  /** Where the model's name comes from. */
  modelIn: 'body' | 'path'
  family: Family
  /** gen_ai.operation.name */
  operation: string
  modelClass: ModelClass
  /** Body that is translated, for engines that do not take it as it is; `task` means the shape of the model's task. */
  shape?: ClientShape | 'task'
  /** APIs whose engines take the bytes as they are, at this path. */
  passes?: { apis: readonly ('openai' | 'tei')[]; path: string }
  /** Whether `stream: true` is known there; `always` streams. */
  streams?: 'asked' | 'always'
  /** What the events of its streams look like; default: those of completions. */
  events?: EventForm
  /** Nothing is generated, and nothing is charged but the request. */
  counts?: true
  summary: string
}

const chat = { apis: ['openai'], path: '/v1/chat/completions' } as const
const completions = { apis: ['openai'], path: '/v1/completions' } as const
const responses = { apis: ['openai'], path: '/v1/responses' } as const
const anthropicMessages = { apis: ['openai'], path: '/v1/messages' } as const
const countTokens = { apis: ['openai'], path: '/v1/messages/count_tokens' } as const
const score = { apis: ['openai'], path: '/v1/score' } as const
const embeddings = { apis: ['openai', 'tei'], path: '/v1/embeddings' } as const

const inBody: readonly InferenceRoute[] = [
  {
    path: '/v1/chat/completions',
    modelIn: 'body',
    family: 'openai',
    operation: 'chat',
    modelClass: 'generate',
    passes: chat,
    streams: 'asked',
    summary: 'Answers a conversation.',
  },
  {
    path: '/v1/completions',
    modelIn: 'body',
    family: 'openai',
    operation: 'text_completion',
    modelClass: 'generate',
    passes: completions,
    streams: 'asked',
    summary: 'Continues a text.',
  },
  {
    path: '/v1/responses',
    modelIn: 'body',
    family: 'openai',
    operation: 'chat',
    modelClass: 'generate',
    passes: responses,
    streams: 'asked',
    events: 'responses',
    summary: 'Answers, in the shape of OpenAI’s Responses; nothing is stored.',
  },
  {
    path: '/v1/messages',
    modelIn: 'body',
    family: 'anthropic',
    operation: 'chat',
    modelClass: 'generate',
    passes: anthropicMessages,
    streams: 'asked',
    events: 'messages',
    summary: 'Answers a conversation, in the shape of Anthropic’s Messages.',
  },
  {
    path: '/v1/messages/count_tokens',
    modelIn: 'body',
    family: 'anthropic',
    operation: 'count_tokens',
    modelClass: 'generate',
    passes: countTokens,
    counts: true,
    summary: 'Tokens of a conversation in the shape of Anthropic’s Messages.',
  },
  {
    path: '/v1/embeddings',
    modelIn: 'body',
    family: 'openai',
    operation: 'embeddings',
    modelClass: 'embed',
    passes: embeddings,
    summary: 'Turns texts into vectors.',
  },
  {
    path: '/v1/rerank',
    modelIn: 'body',
    family: 'openai',
    operation: 'rerank',
    modelClass: 'embed',
    shape: 'cohere-rerank',
    summary: 'Orders documents by relevance, in Cohere’s and Jina’s shape.',
  },
  {
    path: '/v2/rerank',
    modelIn: 'body',
    family: 'openai',
    operation: 'rerank',
    modelClass: 'embed',
    shape: 'cohere-rerank-v2',
    summary: 'Orders documents by relevance, in the shape of Cohere’s second API.',
  },
  {
    path: '/v1/score',
    modelIn: 'body',
    family: 'openai',
    operation: 'rerank',
    modelClass: 'embed',
    passes: score,
    shape: 'score',
    summary: 'Scores pairs of texts, in vLLM’s shape.',
  },
  {
    path: '/rerank',
    modelIn: 'body',
    family: 'huggingface',
    operation: 'rerank',
    modelClass: 'embed',
    shape: 'tei-rerank',
    summary: 'Orders texts by relevance, in the shape of Text Embeddings Inference.',
  },
]

const inPath: readonly InferenceRoute[] = [
  {
    path: '',
    modelIn: 'path',
    family: 'huggingface',
    operation: 'text_completion',
    modelClass: 'generate',
    shape: 'task',
    streams: 'asked',
    summary: 'The model’s task in the shape of Hugging Face’s inference clients.',
  },
  {
    path: '/generate',
    modelIn: 'path',
    family: 'huggingface',
    operation: 'text_completion',
    modelClass: 'generate',
    shape: 'tgi',
    summary: 'Continues a text, in the shape of Text Generation Inference.',
  },
  {
    path: '/generate_stream',
    modelIn: 'path',
    family: 'huggingface',
    operation: 'text_completion',
    modelClass: 'generate',
    shape: 'tgi',
    streams: 'always',
    summary: 'The same as a stream.',
  },
  {
    path: '/embed',
    modelIn: 'path',
    family: 'huggingface',
    operation: 'embeddings',
    modelClass: 'embed',
    shape: 'embed',
    summary: 'Turns texts into vectors.',
  },
  {
    path: '/similarity',
    modelIn: 'path',
    family: 'huggingface',
    operation: 'embeddings',
    modelClass: 'embed',
    shape: 'similarity',
    summary: 'Compares one sentence with others.',
  },
  {
    path: '/predict',
    modelIn: 'path',
    family: 'huggingface',
    operation: 'classify',
    modelClass: 'embed',
    shape: 'classification',
    summary: 'Scores a text’s labels.',
  },
  {
    path: '/rerank',
    modelIn: 'path',
    family: 'huggingface',
    operation: 'rerank',
    modelClass: 'embed',
    shape: 'tei-rerank',
    summary: 'Orders texts by relevance.',
  },
]

/** Routes with a version below a model, whose name then wins over the one in the body. */
const underModel = inBody
  .filter(({ path }) => /^\/v\d\//.test(path))
  .map((route): InferenceRoute => ({ ...route, modelIn: 'path' }))

export const bodyRoutes = inBody
/** Longest ending first, so that /models/a/v1/completions is not the model `a/v1/completions`. */
export const pathRoutes: readonly InferenceRoute[] = [...underModel, ...inPath].sort(
  (a, b) => b.path.length - a.path.length,
)

/** Template of a route in metrics and documents. */
export const routeTemplate = (route: InferenceRoute): string =>
  route.modelIn === 'body' ? route.path : `/models/{model}${route.path}`

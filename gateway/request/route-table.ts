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
  /** What a model must do, where its class does not say it. */
  task?: string
  /** The body is a form with a file. */
  form?: true
  /** Nothing is generated: the prompt alone is charged, as of /tokenize. */
  counts?: true
  summary: string
}

/** Models of this task answer no other route. */
export const speech = 'automatic-speech-recognition'

/** A route of a version whose bytes pass to engines that have it, at the same path. */
const passing = (
  path: string,
  operation: string,
  summary: string,
  more: Partial<InferenceRoute> & { apis?: readonly ('openai' | 'tei')[] } = {},
): InferenceRoute => {
  const { apis = ['openai'], ...others } = more
  return {
    path,
    modelIn: 'body',
    family: 'openai',
    operation,
    modelClass: 'generate',
    passes: { apis, path },
    summary,
    ...others,
  }
}

const reranking = { modelIn: 'body', operation: 'rerank', modelClass: 'embed' } as const

const inBody: readonly InferenceRoute[] = [
  passing('/v1/chat/completions', 'chat', 'Answers a conversation.', { streams: 'asked' }),
  passing('/v1/completions', 'text_completion', 'Continues a text.', { streams: 'asked' }),
  passing('/v1/responses', 'chat', 'Answers, in the shape of OpenAI’s Responses; nothing is stored.', {
    streams: 'asked',
    events: 'responses',
  }),
  passing('/v1/messages', 'chat', 'Answers a conversation, in the shape of Anthropic’s Messages.', {
    family: 'anthropic',
    streams: 'asked',
    events: 'messages',
  }),
  passing(
    '/v1/messages/count_tokens',
    'count_tokens',
    'Tokens of a conversation in the shape of Anthropic’s Messages.',
    { family: 'anthropic', counts: true },
  ),
  passing('/v1/embeddings', 'embeddings', 'Turns texts into vectors.', {
    apis: ['openai', 'tei'],
    modelClass: 'embed',
  }),
  {
    ...reranking,
    path: '/v1/rerank',
    family: 'openai',
    shape: 'cohere-rerank',
    summary: 'Orders documents by relevance, in Cohere’s and Jina’s shape.',
  },
  {
    ...reranking,
    path: '/v2/rerank',
    family: 'openai',
    shape: 'cohere-rerank-v2',
    summary: 'Orders documents by relevance, in the shape of Cohere’s second API.',
  },
  passing('/v1/score', 'rerank', 'Scores pairs of texts, in vLLM’s shape.', { modelClass: 'embed', shape: 'score' }),
  passing('/v1/audio/transcriptions', 'transcription', 'Writes down speech.', {
    task: speech,
    form: true,
    streams: 'asked',
  }),
  passing('/v1/audio/translations', 'translation', 'Writes down speech in English.', {
    task: speech,
    form: true,
    streams: 'asked',
  }),
  {
    ...reranking,
    path: '/rerank',
    family: 'huggingface',
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
    summary: 'Continues a text as a stream, in the shape of Text Generation Inference.',
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
  .filter(({ path, form }) => /^\/v\d\//.test(path) && !form)
  .map((route): InferenceRoute => ({ ...route, modelIn: 'path' }))

export const bodyRoutes = inBody
/** Longest ending first, so that /models/a/v1/completions is not the model `a/v1/completions`. */
export const pathRoutes: readonly InferenceRoute[] = [...underModel, ...inPath].sort(
  (a, b) => b.path.length - a.path.length,
)

/** APIs whose engines answer a route, as they are asked or translated. What an engine lacks is 422. */
export const apisOf = ({ shape, modelClass, passes }: InferenceRoute): readonly ('openai' | 'tei')[] =>
  shape === 'task' || (shape !== undefined && modelClass === 'embed') ? ['openai', 'tei'] : (passes?.apis ?? ['openai'])

/** Engines by the API that they speak. */
const enginesOfApi = { openai: ['vllm', 'cpu'], tei: ['tei'] } as const

/** Engines that answer a route. The one for CPUs reads no sound. */
export const enginesOf = (route: InferenceRoute): readonly string[] =>
  route.form ? ['vllm'] : apisOf(route).flatMap((api) => enginesOfApi[api])

/** Template of a route in metrics and documents. */
export const routeTemplate = (route: InferenceRoute): string =>
  route.modelIn === 'body' ? route.path : `/models/{model}${route.path}`

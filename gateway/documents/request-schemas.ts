// What the body of each route must hold, as JSON Schema with an example. Engines take more fields than are named, so others are
// allowed; the ones here are what a generated client needs.
import { either, flag, number, object, text } from './schema-words.ts'

const count = { type: 'integer', minimum: 1 }
const listOf = (items: object) => ({ type: 'array', items, minItems: 1 })

const turn = object({ role: text, content: either(text, listOf({ type: 'object' })) }, ['role', 'content'])
const sampling = { temperature: number, top_p: number, stream: flag }
const oneOrMore = either(text, listOf(text))
const documents = listOf(either(text, object({ text }, ['text'])))

export interface RequestSchema {
  /** Without `model`, which the route adds where the path does not have it. */
  schema: { type: string; properties: Record<string, object>; required: readonly string[] }
  example: Record<string, unknown>
}

const of = (properties: Record<string, object>, required: readonly string[], example: Record<string, unknown>) => ({
  schema: object(properties, required),
  example,
})

const messages = [{ role: 'user', content: 'Hello' }]
const chat = of({ messages: listOf(turn), ...sampling, max_completion_tokens: count, n: count }, ['messages'], {
  messages,
})
const teiRerank = of({ query: text, texts: listOf(text), return_text: flag }, ['query', 'texts'], {
  query: 'What is a cat?',
  texts: ['An animal.', 'A car.'],
})
const generate = of({ inputs: text, parameters: { type: 'object' }, stream: flag }, ['inputs'], { inputs: 'Once' })
const ranked = { query: 'What is a cat?', documents: ['An animal.', 'A car.'] }

const form = of(
  {
    file: {
      type: 'string',
      contentMediaType: 'application/octet-stream',
      description: 'The sound: wav, mp3, flac, ogg or m4a.',
    },
    prompt: text,
    temperature: number,
    response_format: { type: 'string', enum: ['json', 'text', 'srt', 'vtt', 'verbose_json'] },
    stream: flag,
  },
  ['file'],
  { file: '@speech.wav' },
)

/** By the path of the route, without `/models/{model}`. */
export const requestSchemas: Readonly<Record<string, RequestSchema>> = {
  '/v1/chat/completions': chat,
  '/v1/completions': of({ prompt: oneOrMore, ...sampling, max_tokens: count, n: count }, ['prompt'], {
    prompt: 'Once',
  }),
  '/v1/responses': of(
    {
      input: either(text, listOf({ type: 'object' })),
      instructions: text,
      ...sampling,
      max_output_tokens: count,
      store: { ...flag, description: 'Only false: nothing is stored.' },
    },
    ['input'],
    { input: 'Hello' },
  ),
  '/v1/messages': of(
    { messages: listOf(turn), max_tokens: count, system: text, stop_sequences: listOf(text), ...sampling },
    ['messages', 'max_tokens'],
    { messages, max_tokens: 100 },
  ),
  '/v1/messages/count_tokens': of({ messages: listOf(turn), system: text }, ['messages'], { messages }),
  '/v1/embeddings': of(
    { input: oneOrMore, encoding_format: { enum: ['float', 'base64'] }, dimensions: count },
    ['input'],
    {
      input: ['Hello', 'Good bye'],
    },
  ),
  '/v1/rerank': of({ query: text, documents, top_n: count, return_documents: flag }, ['query', 'documents'], ranked),
  '/v2/rerank': of({ query: text, documents, top_n: count }, ['query', 'documents'], ranked),
  '/v1/score': of({ queries: oneOrMore, documents: oneOrMore }, ['queries', 'documents'], {
    queries: ranked.query,
    documents: ranked.documents,
  }),
  '/v1/audio/transcriptions': {
    ...form,
    schema: { ...form.schema, properties: { ...form.schema.properties, language: text } },
  },
  '/v1/audio/translations': form,
  '/tokenize': of({ prompt: text, messages: listOf(turn) }, [], { prompt: 'Once upon a time' }),
  '/detokenize': of({ tokens: { type: 'array', items: { type: 'integer' } } }, ['tokens'], { tokens: [1, 2, 3] }),
  '/rerank': teiRerank,
  '': of({ inputs: {}, parameters: { type: 'object' } }, ['inputs'], { inputs: 'Once' }),
  '/generate': generate,
  '/generate_stream': generate,
  '/embed': of({ inputs: oneOrMore, normalize: flag }, ['inputs'], { inputs: 'Hello' }),
  '/similarity': of(
    { inputs: object({ source_sentence: text, sentences: listOf(text) }, ['source_sentence', 'sentences']) },
    ['inputs'],
    { inputs: { source_sentence: 'Hello', sentences: ['Hi', 'Good bye'] } },
  ),
  '/predict': of({ inputs: text }, ['inputs'], { inputs: 'I like it.' }),
}

// Routes of encoder models: vectors for embedding models; reranking and labels for classifiers.
import type { FastifyInstance } from 'fastify'
import { badParameter, badRequest } from '../api-error.ts'
import type { EncodeInput, EncodeJob, EncodeResult } from '../engine/messages.ts'
import type { Fields } from '../request/fields.ts'
import { readPrompts, readTruncation } from '../request/prompts.ts'
import { answerId, readBody, type Serving, startJob } from './serving.ts'

/** Texts in one request; the engine does them one after the other. */
const mostInputs = 2048

export function addEncodingRoutes(app: FastifyInstance, serving: Serving): void {
  if (serving.engine.info.kind === 'embed') addEmbeddings(app, serving)
  if (serving.engine.info.kind === 'classify') {
    addClassify(app, serving)
    // A reranker has one label: how well a document answers a query.
    if (serving.engine.info.labels.length === 1) {
      addRerank(app, serving)
      addScore(app, serving)
    }
  }
}

function addEmbeddings(app: FastifyInstance, serving: Serving): void {
  app.post('/v1/embeddings', async (request, reply) => {
    const fields = readBody(serving, request)
    const inputs = readPrompts(fields, 'input').map((text): EncodeInput => [text])
    const format = fields.text('encoding_format') ?? 'float'
    const dimensions = fields.integer('dimensions')
    const job = readEncodeJob(fields, serving, inputs)
    if (format !== 'float' && format !== 'base64')
      throw badParameter('encoding_format must be float or base64.', 'encoding_format', format)
    if (dimensions !== undefined && dimensions !== serving.engine.info.dimensions)
      throw badRequest(
        `Model "${serving.servedName}" does not support matryoshka representation, changing output dimensions will lead to poor results.`,
      )
    const { result } = await startJob(serving, reply, job, 1).result('encoded')
    return {
      id: answerId(serving, request, 'embd'),
      object: 'list',
      created: serving.now(),
      model: serving.servedName,
      data: result.vectors.map((vector, index) => ({
        index,
        object: 'embedding',
        embedding: format === 'base64' ? base64(vector) : vector,
      })),
      usage: usage(result),
    }
  })
}

function addClassify(app: FastifyInstance, serving: Serving): void {
  app.post('/classify', async (request, reply) => {
    const fields = readBody(serving, request)
    const inputs = readPrompts(fields, 'input').map((text): EncodeInput => [text])
    const job = readEncodeJob(fields, serving, inputs)
    const { result } = await startJob(serving, reply, job, 1).result('encoded')
    const { labels } = serving.engine.info
    return {
      id: answerId(serving, request, 'classify'),
      object: 'list',
      created: serving.now(),
      model: serving.servedName,
      data: result.vectors.map((probs, index) => ({
        index,
        label: labels[probs.indexOf(Math.max(...probs))] ?? null,
        probs,
        num_classes: probs.length,
      })),
      usage: usage(result),
    }
  })
}

function addRerank(app: FastifyInstance, serving: Serving): void {
  for (const path of ['/rerank', '/v1/rerank', '/v2/rerank'])
    app.post(path, async (request, reply) => {
      const fields = readBody(serving, request)
      const query = fields.text('query')
      if (!fields.has('query')) fields.missing('query')
      if (!fields.has('documents')) fields.missing('documents')
      const documents = fields.texts('documents') ?? []
      const top = fields.integer('top_n') ?? 0
      if (top < 0) fields.atLeast(0, top, 'top_n')
      const inputs = documents.map((document): EncodeInput => [query ?? '', document])
      const job = readEncodeJob(fields, serving, inputs)
      const { result } = await startJob(serving, reply, job, 1).result('encoded')
      const scored = documents.map((text, index) => ({
        index,
        document: { text, multi_modal: null },
        relevance_score: result.vectors[index]?.[0] ?? 0,
      }))
      scored.sort((a, b) => b.relevance_score - a.relevance_score)
      return {
        id: answerId(serving, request, 'rerank'),
        model: serving.servedName,
        usage: { prompt_tokens: result.promptTokens, total_tokens: result.promptTokens },
        results: top > 0 ? scored.slice(0, top) : scored,
      }
    })
}

/** vLLM’s names of the two sides. */
const sides = [
  ['queries', 'documents'],
  ['queries', 'items'],
  ['data_1', 'data_2'],
  ['text_1', 'text_2'],
] as const

function addScore(app: FastifyInstance, serving: Serving): void {
  for (const path of ['/score', '/v1/score'])
    app.post(path, async (request, reply) => {
      const fields = readBody(serving, request)
      const [left, right] = sides.find((names) => names.every((name) => fields.has(name))) ?? sides[0]
      for (const name of [left, right]) if (!fields.has(name)) fields.missing(name)
      const [ones, others] = [fields.texts(left) ?? [], fields.texts(right) ?? []]
      fields.done()
      if (ones.length !== 1 && ones.length !== others.length)
        throw badRequest('Input lengths must be either 1:1, 1:N or N:N')
      const inputs = others.map((other, index): EncodeInput => [ones[index] ?? ones[0] ?? '', other])
      const job = readEncodeJob(fields, serving, inputs)
      const { result } = await startJob(serving, reply, job, 1).result('encoded')
      return {
        id: answerId(serving, request, 'score'),
        object: 'list',
        created: serving.now(),
        model: serving.servedName,
        data: result.vectors.map((vector, index) => ({ index, object: 'score', score: vector[0] ?? 0 })),
        usage: usage(result),
      }
    })
}

/** Options that all of them share; others of vLLM’s pooling routes are about images or other orders of bytes. @throws ApiError 400 */
function readEncodeJob(fields: Fields, { engine }: Serving, inputs: readonly EncodeInput[]): EncodeJob {
  const addSpecialTokens = fields.boolean('add_special_tokens') ?? true
  const activation = fields.boolean('use_activation')
  const truncation = readTruncation(fields, engine.info.maxModelLen, 'right')
  fields.done()
  if (inputs.length === 0) throw badRequest('You must pass at least one prompt')
  if (inputs.length > mostInputs) throw badRequest(`At most ${mostInputs} texts in one request, got ${inputs.length}.`)
  return { kind: 'encode', inputs, addSpecialTokens, truncation, activation }
}

const usage = ({ promptTokens }: EncodeResult): object => ({
  prompt_tokens: promptTokens,
  total_tokens: promptTokens,
  completion_tokens: 0,
  prompt_tokens_details: null,
})

/** Little-endian float32, as OpenAI’s clients ask for by default. */
const base64 = (vector: readonly number[]): string => Buffer.from(Float32Array.from(vector).buffer).toString('base64')

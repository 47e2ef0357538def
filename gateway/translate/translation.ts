// Calls in Hugging Face's and Cohere's shapes become calls of the engine that has the model, and its answers come back.
import { type Fields, isFields, parseBody } from './body.ts'
import { classification } from './classification.ts'
import { embed } from './embed.ts'
import { cohereRerank, cohereRerankV2, teiRerank } from './rerank.ts'
import { score } from './score.ts'
import type { ClientShape, TranslatedModel, Translation } from './shapes.ts'
import { similarity } from './similarity.ts'
import { textGeneration } from './text-generation.ts'

const shapes = {
  tgi: textGeneration,
  embed,
  similarity,
  classification,
  'tei-rerank': teiRerank,
  'cohere-rerank': cohereRerank,
  'cohere-rerank-v2': cohereRerankV2,
  score,
} as const

const shapeByTask: ReadonlyMap<string, ClientShape> = new Map([
  ['text-generation', 'tgi'],
  ['image-text-to-text', 'tgi'],
  ['feature-extraction', 'embed'],
  ['sentence-similarity', 'similarity'],
  ['text-classification', 'classification'],
  ['text-ranking', 'tei-rerank'],
])

/** The shape of POST /models/{model} for a model's task; undefined: there is no such call. */
export const shapeOfTask = (task: string): ClientShape | undefined => shapeByTask.get(task)

/**
 * One URL serves several tasks of a model, which the body distinguishes: an embedding model compares sentences too, and
 * rerankers are classifiers to the Hub.
 * @throws TranslationError 422 when the body is not of the shape
 */
export function translate(shape: ClientShape, body: Buffer, model: TranslatedModel): Translation {
  const fields = parseBody(body)
  return shapes[refine(shape, fields)](fields, model)
}

function refine(shape: ClientShape, { query, texts, inputs }: Fields): ClientShape {
  if (shape === 'classification' && query !== undefined && texts !== undefined) return 'tei-rerank'
  if (shape === 'embed' && isFields(inputs)) return 'similarity'
  if (shape === 'similarity' && !isFields(inputs)) return 'embed'
  return shape
}

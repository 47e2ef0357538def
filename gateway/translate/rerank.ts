// Reranking in two shapes: Text Embeddings Inference's (query, texts) and Cohere's (query, documents); either engine.
import { countIn, type Fields, flagIn, numberOf, parseAnswer, rowsOf, textIn, textsIn, toBuffer } from './body.ts'
import { BrokenAnswer, invalidInput } from './shape-errors.ts'
import type { TranslatedModel, Translation } from './translation.ts'

interface Scored {
  index: number
  score: number
}

/** The engine's call, and its answer as scores, best first. */
function engineCall(model: TranslatedModel, query: string, texts: string[], options: Fields) {
  if (model.api === 'tei')
    return {
      path: '/rerank',
      body: toBuffer({ query, texts, ...options }),
      scores: (body: Buffer) => read(rowsOf({ rows: parseAnswer(body) }, 'rows'), 'score', texts.length),
    }
  if (options.raw_scores) throw invalidInput('raw_scores is not known to the engine of this model.', 'raw_scores')
  return {
    path: '/v1/rerank',
    body: toBuffer({
      model: model.name,
      query,
      documents: texts,
      ...(options.truncate === true && { truncate_prompt_tokens: -1 }),
    }),
    scores: (body: Buffer) => read(rowsOf(parseAnswer(body), 'results'), 'relevance_score', texts.length),
  }
}

function read(rows: readonly Fields[], key: string, count: number): Scored[] {
  const scored = rows.map((row) => ({ index: numberOf(row.index), score: numberOf(row[key]) }))
  if (!scored.every(({ index }) => Number.isInteger(index) && index >= 0 && index < count))
    throw new BrokenAnswer('an index is out of range')
  return scored.sort((a, b) => b.score - a.score)
}

export function teiRerank(fields: Fields, model: TranslatedModel): Translation {
  const texts = textsIn(fields, 'texts')
  const returnText = flagIn(fields, 'return_text') ?? false
  const rawScores = flagIn(fields, 'raw_scores')
  const truncate = flagIn(fields, 'truncate')
  const { path, body, scores } = engineCall(model, textIn(fields, 'query'), texts, {
    ...(rawScores && { raw_scores: true }),
    ...(truncate && { truncate: true }),
  })
  return {
    path,
    body,
    stream: false,
    answer: (engineBody) =>
      toBuffer(
        scores(engineBody).map(({ index, score }) => ({ index, score, ...(returnText && { text: texts[index] }) })),
      ),
  }
}

export function cohereRerank(fields: Fields, model: TranslatedModel): Translation {
  const texts = documentsIn(fields)
  const top = countIn(fields, 'top_n') ?? texts.length
  const returnDocuments = flagIn(fields, 'return_documents') ?? true
  const { path, body, scores } = engineCall(model, textIn(fields, 'query'), texts, {})
  return {
    path,
    body,
    stream: false,
    answer: (engineBody) =>
      toBuffer({
        model: model.name,
        results: scores(engineBody)
          .slice(0, top)
          .map(({ index, score }) => ({
            index,
            relevance_score: score,
            ...(returnDocuments && { document: { text: texts[index] } }),
          })),
        ...usageOf(engineBody),
      }),
  }
}

/** Strings, or objects with a text. */
function documentsIn(fields: Fields): string[] {
  const { documents } = fields
  if (!Array.isArray(documents) || documents.length === 0)
    throw invalidInput('documents must be a list of texts.', 'documents')
  return documents.map((one: unknown) => {
    if (typeof one === 'string') return one
    const text = typeof one === 'object' && one !== null && 'text' in one ? one.text : undefined
    if (typeof text !== 'string') throw invalidInput('Every document must be a string, or have a text.', 'documents')
    return text
  })
}

function usageOf(engineBody: Buffer): { usage?: unknown } {
  const answer = parseAnswer(engineBody)
  return typeof answer === 'object' && answer !== null && 'usage' in answer ? { usage: answer.usage } : {}
}

// Reranking in three shapes: Text Embeddings Inference's (query, texts), Cohere's first (query, documents; also Jina's) and Cohere's
// second, which gives no documents back; either engine.
import {
  countIn,
  type Fields,
  flagIn,
  inOrder,
  isFields,
  notTooMany,
  numberOf,
  onlyKnown,
  parseAnswer,
  rowsIn,
  rowsOf,
  textIn,
  textsIn,
  toBuffer,
} from './body.ts'
import { type PoolingOption, poolingOptions } from './pooling-options.ts'
import { invalidInput } from './shape-errors.ts'
import type { TranslatedModel, Translation } from './shapes.ts'

interface Scored {
  index: number
  score: number
}

const optionNames: readonly PoolingOption[] = ['raw_scores', 'truncate', 'truncation_direction']

/** The engine's call, and its answer as scores, best first. */
function engineCall({ api, name }: TranslatedModel, query: string, texts: string[], options: Fields) {
  if (api === 'tei')
    return {
      path: '/rerank',
      body: toBuffer({ query, texts, ...options }),
      scores: (answer: unknown) => teiScores(answer, texts.length),
    }
  return {
    path: '/v1/rerank',
    body: toBuffer({ model: name, query, documents: texts, ...options }),
    scores: (answer: unknown) => bestFirst(rowsOf(answer, 'results'), 'relevance_score', texts.length),
  }
}

/** The answer of Text Embeddings Inference, best first. */
export const teiScores = (answer: unknown, count: number): Scored[] => bestFirst(rowsIn(answer), 'score', count)

function bestFirst(rows: readonly Fields[], key: string, count: number): Scored[] {
  const scores = inOrder(
    rows.map((row) => ({ index: row.index, value: numberOf(row[key]) })),
    count,
  )
  return scores.map((score, index) => ({ index, score })).sort((a, b) => b.score - a.score)
}

export function teiRerank(fields: Fields, model: TranslatedModel): Translation {
  onlyKnown(fields, ['query', 'texts', 'return_text', ...optionNames])
  const texts = textsIn(fields, 'texts')
  const returnText = flagIn(fields, 'return_text') ?? false
  const options = poolingOptions(model.api, fields, optionNames)
  const { path, body, scores } = engineCall(model, textIn(fields, 'query'), texts, options)
  return {
    path,
    body,
    stream: false,
    answer: (engineBody) =>
      toBuffer(
        scores(parseAnswer(engineBody)).map(({ index, score }) => ({
          index,
          score,
          ...(returnText && { text: texts[index] }),
        })),
      ),
  }
}

export const cohereRerank = (fields: Fields, model: TranslatedModel): Translation =>
  documentRerank(fields, model, { returnsDocuments: true, meta: {} })

/** https://docs.cohere.com/v2/reference/rerank; vLLM's route of that name knows `return_documents` too. */
export const cohereRerankV2 = (fields: Fields, model: TranslatedModel): Translation =>
  documentRerank(fields, model, {
    returnsDocuments: false,
    meta: { meta: { api_version: { version: '2' }, billed_units: { search_units: 1 } } },
  })

function documentRerank(
  fields: Fields,
  model: TranslatedModel,
  { returnsDocuments, meta }: { returnsDocuments: boolean; meta: Fields },
): Translation {
  onlyKnown(fields, ['query', 'documents', 'top_n', 'return_documents'])
  const texts = documentsIn(fields)
  const top = countIn(fields, 'top_n')
  const returnDocuments = flagIn(fields, 'return_documents') ?? returnsDocuments
  const { path, body, scores } = engineCall(model, textIn(fields, 'query'), texts, {})
  return {
    path,
    body,
    stream: false,
    answer: (engineBody) => {
      const answer = parseAnswer(engineBody)
      const { id, usage }: Fields = isFields(answer) ? answer : {}
      const results = scores(answer).slice(0, top)
      return toBuffer({
        ...(typeof id === 'string' && { id }),
        model: model.name,
        results: results.map(({ index, score }) => ({
          index,
          relevance_score: score,
          ...(returnDocuments && { document: { text: texts[index] } }),
        })),
        ...meta,
        ...(isFields(usage) && { usage }),
      })
    },
  }
}

/** Strings, or objects with a text. */
function documentsIn(fields: Fields): string[] {
  const { documents } = fields
  if (!Array.isArray(documents) || documents.length === 0)
    throw invalidInput('documents must be a list of texts.', 'documents')
  notTooMany(documents, 'documents')
  return documents.map((one: unknown) => {
    const text = isFields(one) ? one.text : one
    if (typeof text !== 'string') throw invalidInput('documents must be strings, or objects with a text.', 'documents')
    return text
  })
}

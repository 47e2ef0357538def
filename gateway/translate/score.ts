// Scores of pairs of texts in vLLM's shape, from Text Embeddings Inference, which scores the texts of one query.
import { type Fields, onlyKnown, parseAnswer, textsIn, toBuffer } from './body.ts'
import { teiScores } from './rerank.ts'
import { invalidInput } from './shape-errors.ts'
import type { TranslatedModel, Translation } from './shapes.ts'

/** vLLM's names of the two sides. */
const pairs = [
  ['queries', 'documents'],
  ['queries', 'items'],
  ['text_1', 'text_2'],
  ['data_1', 'data_2'],
] as const

export function score(fields: Fields, model: TranslatedModel): Translation {
  const pair = pairs.find(([one, other]) => fields[one] !== undefined && fields[other] !== undefined)
  if (!pair) throw invalidInput('queries and documents are missing, or text_1 and text_2.', 'queries')
  onlyKnown(fields, pair)
  const [queries, texts] = pair.map((key) => textsIn({ [key]: [fields[key]].flat() }, key)) as [string[], string[]]
  const [query] = queries
  if (queries.length > 1)
    throw invalidInput(`${pair[0]} must be one text: the engine of ${model.name} scores one query a request.`, pair[0])
  return {
    path: '/rerank',
    body: toBuffer({ query, texts }),
    stream: false,
    answer: (engineBody) =>
      toBuffer({
        object: 'list',
        model: model.name,
        data: teiScores(parseAnswer(engineBody), texts.length)
          .sort((a, b) => a.index - b.index)
          .map(({ index, score: value }) => ({ index, object: 'score', score: value })),
      }),
  }
}

// Feature extraction: texts to vectors, always as a list of lists.
import { type Fields, inOrder, numbersOf, onlyKnown, parseAnswer, rowsOf, textIn, textsIn, toBuffer } from './body.ts'
import { type PoolingOption, poolingOptions } from './pooling-options.ts'
import { brokenAnswer } from './shape-errors.ts'
import type { TranslatedModel, Translation } from './shapes.ts'

const optionNames: readonly PoolingOption[] = [
  'normalize',
  'truncate',
  'truncation_direction',
  'prompt_name',
  'dimensions',
]

export function embed(fields: Fields, model: TranslatedModel): Translation {
  onlyKnown(fields, ['inputs', ...optionNames])
  const inputs = Array.isArray(fields.inputs) ? textsIn(fields, 'inputs') : textIn(fields, 'inputs')
  const count = Array.isArray(inputs) ? inputs.length : 1
  const options = poolingOptions(model.api, fields, optionNames)
  if (model.api === 'tei')
    return {
      path: '/embed',
      body: toBuffer({ inputs, ...options }),
      stream: false,
      answer: (body) => {
        const rows = parseAnswer(body)
        if (!Array.isArray(rows) || rows.length !== count) throw brokenAnswer('it has not one vector for each text')
        rows.forEach(numbersOf)
        return body
      },
    }
  return {
    path: '/v1/embeddings',
    body: toBuffer({ model: model.name, input: inputs, encoding_format: 'float', ...options }),
    stream: false,
    answer: (body) => {
      const vectors = vectorsOf(parseAnswer(body), count)
      // Engines leave vectors as they are when the model's own settings say nothing about length.
      return toBuffer(fields.normalize === true ? vectors.map(unit) : vectors)
    },
  }
}

/** Vectors of an OpenAI answer, in the order of the texts. @throws TranslationError 502 */
export const vectorsOf = (answer: unknown, count: number): number[][] =>
  inOrder(
    rowsOf(answer, 'data').map((row) => ({ index: row.index, value: numbersOf(row.embedding) })),
    count,
  )

function unit(vector: readonly number[]): number[] {
  const length = Math.hypot(...vector)
  return vector.map((value) => (length === 0 ? 0 : value / length))
}

// Sentence similarity: one sentence compared with others; the cosine of their vectors, in the order of the others.
import { type Fields, numbersOf, objectIn, onlyKnown, parseAnswer, textIn, textsIn, toBuffer } from './body.ts'
import { vectorsOf } from './embed.ts'
import { type PoolingOption, poolingOptions } from './pooling-options.ts'
import { brokenAnswer } from './shape-errors.ts'
import type { TranslatedModel, Translation } from './shapes.ts'

const optionNames: readonly PoolingOption[] = ['truncate', 'truncation_direction', 'prompt_name']

export function similarity(fields: Fields, model: TranslatedModel): Translation {
  const inputs = objectIn(fields, 'inputs')
  const parameters = objectIn(fields, 'parameters')
  onlyKnown(fields, ['inputs', 'parameters'])
  onlyKnown(inputs, ['source_sentence', 'sentences'])
  onlyKnown(parameters, optionNames)
  const source = textIn(inputs, 'source_sentence')
  const sentences = textsIn(inputs, 'sentences')
  const options = poolingOptions(model.api, parameters, optionNames)
  if (model.api === 'tei')
    return {
      path: '/similarity',
      body: toBuffer({ inputs: { source_sentence: source, sentences }, parameters: options }),
      stream: false,
      answer: (body) => {
        if (numbersOf(parseAnswer(body)).length !== sentences.length)
          throw brokenAnswer('it has not one number for each sentence')
        return body
      },
    }
  return {
    path: '/v1/embeddings',
    body: toBuffer({ model: model.name, input: [source, ...sentences], encoding_format: 'float', ...options }),
    stream: false,
    answer: (body) => {
      const [first = [], ...others] = vectorsOf(parseAnswer(body), sentences.length + 1)
      return toBuffer(others.map((other) => cosine(first, other)))
    },
  }
}

/** A vector of zeros is like nothing: 0, since JSON has no NaN. */
function cosine(a: readonly number[], b: readonly number[]): number {
  if (a.length !== b.length) throw brokenAnswer('its vectors have different lengths')
  let product = 0
  for (let index = 0; index < a.length; index += 1) product += (a[index] ?? 0) * (b[index] ?? 0)
  const lengths = Math.hypot(...a) * Math.hypot(...b)
  return lengths === 0 ? 0 : product / lengths
}

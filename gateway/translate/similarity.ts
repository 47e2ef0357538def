// Sentence similarity: one sentence compared with others; the cosine of their vectors, in the order of the others.
import { type Fields, numbersOf, objectIn, parseAnswer, textIn, textsIn, toBuffer } from './body.ts'
import { vectorsOf } from './embed.ts'
import { BrokenAnswer } from './shape-errors.ts'
import type { TranslatedModel, Translation } from './translation.ts'

export function similarity(fields: Fields, model: TranslatedModel): Translation {
  const inputs = objectIn(fields, 'inputs')
  const source = textIn(inputs, 'source_sentence')
  const sentences = textsIn(inputs, 'sentences')
  if (model.api === 'tei')
    return {
      path: '/similarity',
      body: toBuffer({ inputs: { source_sentence: source, sentences } }),
      stream: false,
      answer: (body) => {
        numbersOf(parseAnswer(body))
        return body
      },
    }
  return {
    path: '/v1/embeddings',
    body: toBuffer({ model: model.name, input: [source, ...sentences], encoding_format: 'float' }),
    stream: false,
    answer: (body) => {
      const [first, ...others] = vectorsOf(parseAnswer(body))
      if (!first || others.length !== sentences.length) throw new BrokenAnswer('vectors are missing')
      return toBuffer(others.map((other) => cosine(first, other)))
    },
  }
}

function cosine(a: readonly number[], b: readonly number[]): number {
  let product = 0
  for (let index = 0; index < a.length; index += 1) product += (a[index] ?? 0) * (b[index] ?? 0)
  return product / (Math.hypot(...a) * Math.hypot(...b))
}

// Feature extraction: texts to vectors, always as a list of lists.
import { type Fields, flagIn, numbersOf, parseAnswer, rowsOf, textIn, textsIn, toBuffer } from './body.ts'
import { BrokenAnswer, invalidInput } from './shape-errors.ts'
import type { TranslatedModel, Translation } from './translation.ts'

const teiFields = ['inputs', 'normalize', 'truncate', 'prompt_name', 'truncation_direction', 'dimensions']

export function embed(fields: Fields, model: TranslatedModel): Translation {
  const inputs = Array.isArray(fields.inputs) ? textsIn(fields, 'inputs') : textIn(fields, 'inputs')
  return model.api === 'tei' ? toTei(fields) : toOpenAi(fields, inputs, model.name)
}

function toTei(fields: Fields): Translation {
  const known = Object.entries(fields).filter(([key, value]) => teiFields.includes(key) && value !== null)
  return {
    path: '/embed',
    body: toBuffer(Object.fromEntries(known)),
    stream: false,
    answer: (body) => {
      const rows = parseAnswer(body)
      if (!Array.isArray(rows)) throw new BrokenAnswer('no list')
      rows.forEach(numbersOf)
      return body
    },
  }
}

function toOpenAi(fields: Fields, input: string | string[], model: string): Translation {
  if (fields.prompt_name) throw invalidInput('prompt_name is not known to the engine of this model.', 'prompt_name')
  // The engine normalises as the model's own settings say; asking for the opposite cannot be done.
  const normalize = flagIn(fields, 'normalize')
  return {
    path: '/v1/embeddings',
    body: toBuffer({
      model,
      input,
      encoding_format: 'float',
      ...(typeof fields.dimensions === 'number' && { dimensions: fields.dimensions }),
      ...(fields.truncate === true && { truncate_prompt_tokens: -1 }),
    }),
    stream: false,
    answer: (body) => toBuffer(vectorsOf(parseAnswer(body)).map((vector) => (normalize ? unit(vector) : vector))),
  }
}

/** Vectors of an OpenAI answer, in the order of the texts. @throws BrokenAnswer */
export function vectorsOf(answer: unknown): number[][] {
  const rows = rowsOf(answer, 'data')
  const vectors: number[][] = []
  rows.forEach((row, at) => {
    vectors[typeof row.index === 'number' ? row.index : at] = numbersOf(row.embedding)
  })
  if (vectors.length !== rows.length) throw new BrokenAnswer('vectors are missing')
  return vectors
}

function unit(vector: readonly number[]): number[] {
  const length = Math.hypot(...vector)
  return length === 0 ? [...vector] : vector.map((value) => value / length)
}

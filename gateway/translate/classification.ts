// Text classification: labels with scores, best first; a list in a list, which is what the clients unpack.
import {
  countIn,
  type Fields,
  numberOf,
  numbersOf,
  objectIn,
  onlyKnown,
  parseAnswer,
  rowsIn,
  rowsOf,
  textIn,
  toBuffer,
} from './body.ts'
import { type PoolingOption, poolingOptions } from './pooling-options.ts'
import { brokenAnswer, invalidInput } from './shape-errors.ts'
import type { TranslatedModel, Translation } from './shapes.ts'

interface Label {
  label: string
  score: number
}

const optionNames: readonly PoolingOption[] = ['raw_scores', 'truncate', 'truncation_direction']

export function classification(fields: Fields, model: TranslatedModel): Translation {
  const parameters = objectIn(fields, 'parameters')
  onlyKnown(fields, ['inputs', 'parameters', ...optionNames])
  onlyKnown(parameters, ['top_k', 'function_to_apply'])
  const input = textIn(fields, 'inputs')
  const top = countIn(parameters, 'top_k')
  const options = poolingOptions(model.api, { ...fields, ...rawScores(parameters) }, optionNames)
  const answer = (labels: Label[]): Buffer => {
    labels.sort((a, b) => b.score - a.score)
    return toBuffer([labels.slice(0, top)])
  }
  if (model.api === 'tei')
    return {
      path: '/predict',
      body: toBuffer({ inputs: input, ...options }),
      stream: false,
      answer: (body) => answer(teiLabels(parseAnswer(body))),
    }
  return {
    path: '/classify',
    body: toBuffer({ model: model.name, input, ...options }),
    stream: false,
    answer: (body) => answer(vllmLabels(parseAnswer(body))),
  }
}

/** Engines apply the function that the model was trained with, or none; they do not say which one the first is. */
function rawScores({ function_to_apply: wanted }: Fields): Fields {
  if (wanted === undefined || wanted === null) return {}
  if (wanted === 'none') return { raw_scores: true }
  throw invalidInput('function_to_apply can only be none for this model.', 'function_to_apply')
}

function teiLabels(answer: unknown): Label[] {
  return rowsIn(answer).map(({ label, score }) => {
    if (typeof label !== 'string') throw brokenAnswer('a label is missing')
    return { label, score: numberOf(score) }
  })
}

/** vLLM names the best label only; the others get the names that Transformers gives to labels without one. */
function vllmLabels(answer: unknown): Label[] {
  const [row] = rowsOf(answer, 'data')
  if (!row) throw brokenAnswer('it has no result')
  const scores = numbersOf(row.probs)
  const best = scores.indexOf(Math.max(...scores))
  return scores.map((score, index) => ({
    label: index === best && typeof row.label === 'string' ? row.label : `LABEL_${index}`,
    score,
  }))
}

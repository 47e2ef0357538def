// Text classification: labels with scores, best first; a list in a list, which is what the clients unpack.
import { countIn, type Fields, numberOf, numbersOf, objectIn, parseAnswer, rowsOf, textIn, toBuffer } from './body.ts'
import { BrokenAnswer } from './shape-errors.ts'
import type { TranslatedModel, Translation } from './translation.ts'

interface Label {
  label: string
  score: number
}

export function classification(fields: Fields, model: TranslatedModel): Translation {
  const input = textIn(fields, 'inputs')
  const top = countIn(objectIn(fields, 'parameters'), 'top_k')
  const answer = (labels: Label[]): Buffer => {
    labels.sort((a, b) => b.score - a.score)
    return toBuffer([labels.slice(0, top)])
  }
  if (model.api === 'tei')
    return {
      path: '/predict',
      body: toBuffer({ inputs: input }),
      stream: false,
      answer: (body) => answer(teiLabels(parseAnswer(body))),
    }
  return {
    path: '/classify',
    body: toBuffer({ model: model.name, input }),
    stream: false,
    answer: (body) => answer(vllmLabels(parseAnswer(body))),
  }
}

function teiLabels(answer: unknown): Label[] {
  return rowsOf({ rows: answer }, 'rows').map(({ label, score }) => ({ label: String(label), score: numberOf(score) }))
}

/** vLLM names the best label only; the others get the names that Transformers gives to labels without one. */
function vllmLabels(answer: unknown): Label[] {
  const [row] = rowsOf(answer, 'data')
  if (!row) throw new BrokenAnswer('no row')
  const scores = numbersOf(row.probs)
  const best = scores.indexOf(Math.max(...scores))
  return scores.map((score, index) => ({
    label: index === best && typeof row.label === 'string' ? row.label : `LABEL_${index}`,
    score,
  }))
}

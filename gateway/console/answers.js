// Answers that are numbers: vectors, rankings and labels, as small tables.
import { element } from './element.js'
import { count, plural } from './format.js'

/** Name of the mode → what to show of its answer. */
export const answerElements = { embeddings: vectors, rerank: ranking, classify: labels }

/** How alike the texts are: the cosine of each pair of vectors. */
function vectors({ data }, { input }) {
  const all = [...data].sort((a, b) => a.index - b.index).map(({ embedding }) => embedding)
  const sizes = `${plural(all.length, 'vector')} of ${count(all[0]?.length ?? 0)} numbers. Cosine similarity:`
  const head = element(
    'tr',
    {},
    element('td', {}),
    ...all.map((_, index) => element('th', { scope: 'col' }, index + 1)),
  )
  const rows = all.map((vector, index) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, `${index + 1}  ${input[index]}`),
      ...all.map((other) => element('td', { class: 'number' }, cosine(vector, other).toFixed(3))),
    ),
  )
  return table(sizes, head, rows)
}

function ranking({ results }, { documents }) {
  const rows = results.map(({ index, relevance_score: score }, place) => [`${place + 1}`, documents[index], score])
  return scored(`${plural(results.length, 'document')}, best first`, 'Document', rows)
}

function labels([found]) {
  const rows = found.map(({ label, score }, place) => [`${place + 1}`, label, score])
  return scored(`${plural(found.length, 'label')}, best first`, 'Label', rows)
}

function scored(caption, what, rows) {
  const head = element(
    'tr',
    {},
    ...['', what, 'Score'].map((title) => element(title ? 'th' : 'td', title ? { scope: 'col' } : {}, title)),
  )
  const body = rows.map(([place, text, score]) =>
    element(
      'tr',
      {},
      element('td', { class: 'number muted' }, place),
      element('th', { scope: 'row' }, text),
      element('td', { class: 'number' }, score.toFixed(4)),
    ),
  )
  return table(caption, head, body)
}

const table = (caption, head, rows) =>
  element(
    'table',
    { class: 'numbers' },
    element('caption', {}, caption),
    element('thead', {}, head),
    element('tbody', {}, ...rows),
  )

function cosine(a, b) {
  const dot = (x, y) => x.reduce((sum, value, index) => sum + value * y[index], 0)
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))
}

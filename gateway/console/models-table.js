// The table of models; those that cannot run here come last, folded. Rows stay in place while their numbers change, so that focus and selection stay too.
import { byId, element, setText } from './element.js'
import { count, plural } from './format.js'

const stateWords = { ready: 'Ready', asleep: 'Asleep', starting: 'Starting', unavailable: 'Cannot run' }
const cells = [
  ['state', ''],
  ['task', 'wide'],
  ['engine', 'middle'],
  ['context', 'number middle'],
  ['replicas', 'number middle'],
  ['inflight', 'number'],
  ['waiting', 'number middle'],
  ['price', 'number middle'],
]
const order = ['ready', 'starting', 'asleep', 'unavailable']

export class ModelsTable {
  #rows = new Map()
  #names = ''
  #choose

  /** @param choose called with the name of the model that is to be tried */
  constructor(choose) {
    this.#choose = choose
    byId('unfold').addEventListener('click', () => this.#fold(!byId('unavailable').hidden))
  }

  show(models) {
    const sorted = [...models].sort(
      (a, b) => Number(a.state === 'unavailable') - Number(b.state === 'unavailable') || a.name.localeCompare(b.name),
    )
    const names = sorted.map(({ name, state }) => `${name} ${state === 'unavailable'}`).join()
    if (names !== this.#names) {
      this.#names = names
      this.#rows = new Map(sorted.map((model) => [model.name, this.#makeRow(model)]))
      const rowsOf = (away) =>
        sorted.filter(({ state }) => (state === 'unavailable') === away).map(({ name }) => this.#rows.get(name).row)
      byId('models').replaceChildren(...rowsOf(false))
      byId('unavailable').replaceChildren(...rowsOf(true))
      if (sorted.length === 0) byId('models').append(emptyRow())
      this.#fold(byId('unavailable').hidden)
    }
    for (const model of sorted) fill(this.#rows.get(model.name), model)
    setText(byId('models-summary'), summary(sorted))
  }

  /** Marks the model that the playground uses. */
  mark(name) {
    for (const [rowName, { row, title }] of this.#rows) {
      row.classList.toggle('chosen', rowName === name)
      if (title.tagName === 'BUTTON') title.setAttribute('aria-pressed', String(rowName === name))
    }
  }

  #fold(folded) {
    const { length } = byId('unavailable').rows
    byId('unavailable').hidden = folded
    byId('unfold').hidden = length === 0
    byId('unfold').setAttribute('aria-expanded', String(!folded))
    setText(byId('unfold'), `${plural(length, 'model')} cannot run here`)
  }

  #makeRow({ name, state }) {
    const title =
      state === 'unavailable'
        ? element('span', { class: 'name' }, name)
        : element('button', { type: 'button', class: 'name', title: 'Use in the playground' }, name)
    if (state !== 'unavailable') title.addEventListener('click', () => this.#choose(name))
    const parts = { title, id: element('span', { class: 'muted id' }), about: element('p', { class: 'about' }) }
    const narrow = element('p', { class: 'narrow muted' })
    const row = element(
      'tr',
      {},
      element('th', { scope: 'row' }, element('div', { class: 'title' }, title, ' ', parts.id), parts.about, narrow),
    )
    const byName = { ...parts, narrow, row }
    for (const [cell, kind] of cells) {
      byName[cell] = element('td', { class: kind })
      row.append(byName[cell])
    }
    byName.state.append(element('span', { class: 'state' }))
    return byName
  }
}

function fill(row, model) {
  const { spec, state, engine } = model
  const context = count(spec.maxModelLen)
  const price = model.pricePerHour > 0 ? `$${model.pricePerHour.toFixed(2)}` : '–'
  setText(row.id, model.modelId)
  row.id.title = model.modelId
  setText(row.about, [model.description, model.reason && sentence(model.reason)].filter(Boolean).join(' '))
  const badge = row.state.firstChild
  badge.dataset.state = state
  setText(badge, stateText(model))
  setText(row.task, model.task)
  setText(row.engine, engine)
  setText(row.context, context)
  setText(row.replicas, count(model.replicas))
  setText(row.inflight, count(model.inflight))
  setText(row.waiting, count(model.waiting))
  setText(row.price, price)
  const dear = model.pricePerHour > 0 ? ` · ${price}/h` : ''
  setText(row.narrow, `${engine} · ${context} tokens · ${plural(model.replicas, 'replica')}${dear}`)
}

/** How far a model that wakes is, as the gateway reports it. */
function stateText({ state, waking }) {
  const word = stateWords[state] ?? state
  if (state !== 'starting' || !waking) return word
  const percent = waking.percent === undefined ? '' : ` ${waking.percent} %`
  const left = waking.secondsLeft === undefined ? '' : `, ≈${waking.secondsLeft} s`
  return `${word}: ${waking.stage}${percent}${left}`
}

const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1).replace(/[^.!?]$/, '$&.')

function summary(models) {
  const counts = order.map((state) => [state, models.filter((model) => model.state === state).length])
  return counts
    .filter(([, number]) => number > 0)
    .map(([state, number]) => `${number} ${stateWords[state].toLowerCase()}`)
    .join(' · ')
}

const emptyRow = () =>
  element('tr', {}, element('td', { colspan: cells.length + 1, class: 'muted' }, 'Your tenant may use no model yet.'))

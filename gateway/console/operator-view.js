// The view of operators: objectives, Applications, all tenants and models, and wakes. It asks for itself, after each status that allows it.
import { call } from './api.js'
import { byId, element, setText } from './element.js'
import { count, duration, plural, roughCount } from './format.js'
import { age, burnText, problemText, standingText, syncText } from './operator-words.js'

const timeoutMs = 10_000
const tables = ['objectives', 'applications', 'tenants', 'endpoints', 'wakes']

export class OperatorView {
  #turn = 0
  #shown = new Map()

  /** @param isOperator whether the caller may see it */
  async show(isOperator) {
    if (!isOperator) return this.clear()
    byId('operator').hidden = false
    this.#turn += 1
    const turn = this.#turn
    const { view, failure } = await ask()
    // Another caller may have signed in meanwhile.
    if (turn !== this.#turn) return
    if (failure === undefined) this.#fill(view)
    setText(byId('operator-problem'), failure ?? problemText(view.platform))
  }

  /** What others do must not stay on the page of a caller that left. */
  clear() {
    this.#turn += 1
    byId('operator').hidden = true
    for (const name of tables) this.#set(name, [])
    setText(byId('operator-problem'), '')
  }

  #fill({ gatewayReplicas, models, tenants, wakes, platform }) {
    setText(byId('operator-note'), gatewayReplicas > 1 ? `counts of one of ${gatewayReplicas} gateway pods` : '')
    const { objectives = [], applications = [] } = platform
    this.#set('objectives', objectives.map(objectiveCells))
    this.#set('applications', applications.map(applicationCells))
    this.#set('tenants', tenants.map(tenantCells))
    this.#set('endpoints', models.map(modelCells))
    this.#set('wakes', wakes.slice(0, 10).map(wakeCells))
  }

  /** Rows are made anew only when a text changes, so that a selection stays. */
  #set(name, rows) {
    const text = JSON.stringify(rows)
    if (this.#shown.get(name) === text) return
    this.#shown.set(name, text)
    const body = byId(`operator-${name}`)
    body.replaceChildren(...rows.map(rowOf))
    body.parentElement.hidden = rows.length === 0
  }
}

async function ask() {
  try {
    const response = await call('/v1/slipway/operator', { signal: AbortSignal.timeout(timeoutMs) })
    return { view: await response.json() }
  } catch (failure) {
    return { failure: `${failure.message} What you see may be old.` }
  }
}

/** A cell is a text, or a text with how grave it is and the class of its column. */
function rowOf([first, ...rest]) {
  const cells = rest.map((cell) => {
    const { text = cell, level, kind = '' } = typeof cell === 'string' ? {} : cell
    return element('td', { class: kind, 'data-level': level }, text)
  })
  return element('tr', {}, element('th', { scope: 'row' }, first), ...cells)
}

const number = (text) => ({ text, kind: 'number' })
const middle = (text) => ({ text, kind: 'number middle' })

const objectiveCells = ({ model, slo, objective, burn }) => [
  model,
  slo,
  { text: `${(objective * 100).toFixed(2).replace(/\.?0+$/, '')} %`, kind: 'number middle' },
  ...['1h', '6h', '3d'].map((window) => ({ ...burnText(burn[window], window), kind: 'number' })),
]

const applicationCells = ({ name, sync, health, lastSync }) => [
  name,
  { text: sync, kind: 'middle', level: sync === 'Synced' ? undefined : 'middle' },
  { text: health, level: health === 'Degraded' ? 'high' : undefined },
  syncText(lastSync),
]

const tenantCells = ({ name, minute, quota: { generate }, limits }) => [
  name,
  number(count(minute.requests)),
  { text: count(minute.errors), kind: 'number', level: minute.errors > 0 ? 'high' : undefined },
  middle(minute.requests === 0 ? '–' : duration(minute.meanMs)),
  middle(`${count(generate.concurrency)} of ${roughCount(limits.concurrency)}`),
  middle(`${roughCount(generate.tokensLeft)} of ${roughCount(generate.tokensLimit)}`),
]

const modelCells = ({ name, state, endpoints, inflight, waiting }) => {
  const out = endpoints.filter(({ health }) => health === 'out').length
  return [
    name,
    { text: state, level: state === 'unavailable' ? 'middle' : undefined },
    { text: plural(endpoints.length, 'pod'), kind: 'number' },
    { text: standingText(out), kind: 'middle', level: out > 0 ? 'high' : undefined },
    number(count(inflight)),
    middle(count(waiting)),
  ]
}

const wakeCells = ({ model, at }) => [model, number(age(at))]

// What is left of the caller’s limits, for models that generate and models that only read.
import { byId, element, setText, svgElement } from './element.js'
import { count, roughCount } from './format.js'

const classes = [
  ['generate', 'Chat and completion'],
  ['embed', 'Embedding, ranking, classification'],
]
const measures = [
  ['requests', 'Requests', 'left'],
  ['tokens', 'Tokens', 'left'],
  ['concurrency', 'At once', 'free'],
]

export class Usage {
  #rows = new Map()

  constructor() {
    for (const [name, title] of classes) {
      const list = element('dl', {})
      for (const [measure, label, word] of measures) {
        const fill = svgElement('rect', { height: '100%', width: '0%' })
        const value = element('dd', {}, '–')
        const bar = svgElement('svg', { class: 'meter', 'aria-hidden': 'true' }, fill)
        list.append(element('div', {}, element('dt', {}, label), value, bar))
        this.#rows.set(`${name}/${measure}`, { value, fill, bar, word })
      }
      byId('usage').append(element('h3', {}, title), list)
    }
  }

  show({ quota, gatewayReplicas }) {
    for (const [name] of classes) {
      const { requestsLeft, requestsLimit, tokensLeft, tokensLimit, concurrency, concurrencyLimit } = quota[name]
      this.#set(`${name}/requests`, requestsLeft, requestsLimit)
      this.#set(`${name}/tokens`, tokensLeft, tokensLimit)
      this.#set(`${name}/concurrency`, Math.max(0, concurrencyLimit - concurrency), concurrencyLimit)
    }
    const shared = gatewayReplicas > 1
    setText(byId('usage-note'), shared ? `The share of one of ${gatewayReplicas} gateway pods.` : '')
  }

  #set(key, left, limit) {
    const { value, fill, bar, word } = this.#rows.get(key)
    const share = limit > 0 ? Math.min(1, left / limit) : 0
    setText(value, `${roughCount(left)} of ${roughCount(limit)} ${word}`)
    value.title = `${count(left)} of ${count(limit)}`
    fill.setAttribute('width', `${(share * 100).toFixed(1)}%`)
    bar.dataset.level = share < 0.1 ? 'low' : share < 0.3 ? 'middle' : 'high'
  }
}

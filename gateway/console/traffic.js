// Two small charts of the last minute: requests each second, and how long they took. Each says the same in words.
import { byId, element, setText, svgElement } from './element.js'
import { count, duration, plural } from './format.js'

const seconds = 60
/** Units of the drawing; it is stretched to the room there is. */
const step = 5
const height = 50

export class Traffic {
  #rate = new Chart('Requests', ['bars', 'bars failed'])
  #latency = new Chart('Mean time', ['line'])

  constructor() {
    byId('traffic').append(this.#rate.figure, this.#latency.figure)
  }

  show({ samples, gatewayReplicas }) {
    const requests = sum(samples, ({ requests }) => requests)
    const errors = sum(samples, ({ errors }) => errors)
    const mean = requests > 0 ? sum(samples, (one) => one.meanMs * one.requests) / requests : 0
    const most = Math.max(...samples.map(({ requests }) => requests))
    const slowest = Math.max(...samples.map(({ meanMs }) => meanMs))
    const failed = errors === 0 ? 'none failed' : `${count(errors)} failed`
    this.#rate.show({
      value: `${count(requests)} · ${failed}`,
      top: `${count(most)}/s`,
      words:
        requests === 0
          ? 'No request ended in the last minute.'
          : `${plural(requests, 'request')} ended in the last minute, ${failed}, at most ${count(most)} in a second.`,
      paths: [bars(samples, most, ({ requests }) => requests), bars(samples, most, (one) => one.errors)],
    })
    this.#latency.show({
      value: requests === 0 ? '–' : duration(mean),
      top: slowest > 0 ? duration(slowest) : '',
      words:
        requests === 0
          ? 'No request ended in the last minute.'
          : `A request took ${duration(mean)} on average, in the slowest second ${duration(slowest)}.`,
      paths: [line(samples, slowest)],
    })
    setText(
      byId('traffic-note'),
      gatewayReplicas > 1 ? `one of ${gatewayReplicas} gateway pods` : 'requests that ended',
    )
  }
}

class Chart {
  #value = element('span', { class: 'value' }, '–')
  #top = element('span', { class: 'top', 'aria-hidden': 'true' })
  #drawing = svgElement('svg', { viewBox: `0 0 ${seconds * step} ${height}`, preserveAspectRatio: 'none', role: 'img' })
  #paths

  constructor(title, kinds) {
    this.#paths = kinds.map((kind) => svgElement('path', { class: kind, d: '' }))
    this.#drawing.append(...this.#paths)
    const ends = element('p', { class: 'ends', 'aria-hidden': 'true' }, element('span', {}, '60 s ago'), 'now')
    this.figure = element(
      'figure',
      {},
      element('figcaption', {}, title, this.#value),
      element('div', { class: 'plot' }, this.#drawing, this.#top),
      ends,
    )
  }

  show({ value, top, words, paths }) {
    setText(this.#value, value)
    setText(this.#top, top)
    this.#drawing.setAttribute('aria-label', words)
    for (const [index, path] of this.#paths.entries()) path.setAttribute('d', paths[index])
  }
}

const sum = (samples, pick) => samples.reduce((total, sample) => total + pick(sample), 0)

/** One bar for each second that has something. */
function bars(samples, most, pick) {
  return samples
    .map((sample, index) => {
      const tall = most > 0 ? (pick(sample) / most) * (height - 2) : 0
      return tall > 0 ? `M${index * step + 0.5} ${height}v${-tall.toFixed(1)}h${step - 1}V${height}Z` : ''
    })
    .join('')
}

/** A line through the seconds in which a request ended, broken where there was none; a lone second is a short dash. */
function line(samples, slowest) {
  let drawing = ''
  let isOpen = false
  for (const [index, { requests, meanMs }] of samples.entries()) {
    const x = index * step + 1
    const y = (height - 2 - (meanMs / slowest) * (height - 6)).toFixed(1)
    if (requests > 0) drawing += `${isOpen ? 'L' : 'M'}${x} ${y}h${step - 2}`
    isOpen = requests > 0
  }
  return drawing
}

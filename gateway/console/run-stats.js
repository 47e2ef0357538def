// The numbers below an answer: when it began, how fast it came, what it cost. They have their places from the start.
import { byId, setText } from './element.js'
import { count, duration } from './format.js'
import { speedOf, tokensOf } from './generate.js'

const ends = {
  stop: 'complete',
  complete: 'complete',
  length: 'token limit',
  stopped: 'stopped',
  failed: 'failed',
}

export class RunStats {
  #measured
  #startedAt = 0
  #frame = 0

  clear() {
    for (const name of ['first', 'speed', 'tokens', 'time', 'end']) setText(byId(`stat-${name}`), '–')
  }

  begin() {
    this.clear()
    this.#measured = undefined
    this.#startedAt = performance.now()
    setText(byId('stat-end'), '…')
    setText(byId('announce'), 'The request is sent.')
  }

  /** While it streams: at most once a frame. */
  show(measured) {
    this.#measured = measured
    this.#frame ||= requestAnimationFrame(() => this.#draw())
  }

  end(reason, measured = this.#measured) {
    this.#measured = measured
    this.#draw()
    setText(byId('stat-time'), duration(performance.now() - this.#startedAt))
    setText(byId('stat-end'), ends[reason] ?? (reason || '–'))
    const said = ['first', 'speed', 'tokens'].map((name) => byId(`stat-${name}`)).map(({ textContent }) => textContent)
    setText(byId('announce'), `Answer ${ends[reason] ?? reason}. First token, speed, tokens: ${said.join('; ')}.`)
  }

  #draw() {
    cancelAnimationFrame(this.#frame)
    this.#frame = 0
    const measured = this.#measured
    if (!measured) return
    setText(byId('stat-time'), duration(performance.now() - this.#startedAt))
    if (measured.usage) setText(byId('stat-tokens'), usageText(measured.usage))
    if (!measured.firstAt) return
    const { exact } = tokensOf(measured)
    const about = exact ? '' : '≈ '
    if (!measured.usage) setText(byId('stat-tokens'), `${about}${count(measured.pieces)}`)
    setText(byId('stat-first'), duration(measured.firstAt - measured.startedAt))
    const speed = speedOf(measured)
    if (speed !== undefined) setText(byId('stat-speed'), `${about}${speed < 100 ? speed.toFixed(1) : count(speed)}/s`)
  }
}

const usageText = ({ prompt_tokens: input = 0, completion_tokens: output }) =>
  output === undefined ? count(input) : `${count(input)} + ${count(output)}`

// What was asked and answered, in a box of fixed height: text is added to it without moving anything else.
import { byId, element } from './element.js'

export class Conversation {
  #log = byId('log')
  /** Turns that went well, as the next chat request repeats them. */
  #history = []

  constructor() {
    // It scrolls: the keyboard must reach it.
    this.#log.tabIndex = 0
    this.clear()
  }

  get history() {
    return this.#history
  }

  clear() {
    this.#history = []
    this.#log.replaceChildren(element('p', { class: 'muted empty' }, 'Answers appear here.'))
  }

  /** Shows what was asked; the answer is added to what is returned. */
  ask(text, speaker) {
    if (this.#history.length === 0 && this.#log.querySelector('.empty')) this.#log.replaceChildren()
    this.#log.append(turn('asked', 'You', element('p', { class: 'text' }, text)))
    const answer = new Answer(this.#log, speaker)
    answer.scrollToEnd()
    return answer
  }

  /** Keeps a turn for the next request. */
  remember(asked, answered) {
    this.#history.push({ role: 'user', content: asked }, { role: 'assistant', content: answered })
  }
}

/** One answer. Text that comes faster than the screen shows is collected until the next frame. */
class Answer {
  #log
  #body = element('div', { class: 'body' })
  #pending = []
  #frame = 0
  text = ''

  constructor(log, speaker) {
    this.#log = log
    log.append(turn('answered', speaker, this.#body))
    this.#body.dataset.state = 'waiting'
  }

  write(text, kind) {
    if (kind === 'answer') this.text += text
    this.#pending.push([text, kind])
    this.#frame ||= requestAnimationFrame(() => this.#flush())
  }

  /** Shows something that is not text: a table, an error. */
  add(content) {
    this.#flush()
    this.#body.append(content)
    this.scrollToEnd()
  }

  end(state) {
    this.#flush()
    this.#body.dataset.state = state
  }

  scrollToEnd() {
    this.#log.scrollTop = this.#log.scrollHeight
  }

  #flush() {
    cancelAnimationFrame(this.#frame)
    this.#frame = 0
    if (this.#pending.length === 0) return
    const { scrollHeight, scrollTop, clientHeight } = this.#log
    // A reader that has scrolled up stays there.
    const follows = scrollHeight - scrollTop - clientHeight < 40
    for (const [text, kind] of this.#pending) this.#paragraph(kind).append(text)
    this.#pending = []
    this.#body.dataset.state = 'streaming'
    if (follows) this.scrollToEnd()
  }

  #paragraph(kind) {
    const last = this.#body.lastElementChild
    if (last?.dataset.kind === kind) return last
    const made = element('p', { class: 'text', 'data-kind': kind })
    this.#body.append(made)
    return made
  }
}

const turn = (kind, speaker, body) =>
  element('article', { class: `turn ${kind}` }, element('h3', { class: 'speaker' }, speaker), body)

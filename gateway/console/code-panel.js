// The request as code in a few languages: tabs, and a button that copies.
import { apiRoot } from './api.js'
import { languages } from './code-examples.js'
import { byId, element, setText } from './element.js'

export class CodePanel {
  #request
  #language = 'curl'
  #tabs = new Map()
  #timer = 0

  constructor() {
    byId('code').tabIndex = 0
    for (const name of Object.keys(languages)) {
      const id = `code-${name.toLowerCase()}`
      const tab = element('button', { type: 'button', role: 'tab', id, 'aria-controls': 'code' }, name)
      tab.addEventListener('click', () => this.#choose(name))
      this.#tabs.set(name, tab)
      byId('code-tabs').append(tab)
    }
    byId('code-tabs').addEventListener('keydown', (event) => this.#onKey(event))
    byId('copy').addEventListener('click', () => this.#copy())
    this.#choose(this.#language)
  }

  show(request) {
    this.#request = request
    setText(byId('code'), request ? languages[this.#language](apiRoot, request) : '')
    byId('copy').disabled = !request
  }

  #choose(language) {
    this.#language = language
    for (const [name, tab] of this.#tabs) {
      tab.setAttribute('aria-selected', String(name === language))
      tab.tabIndex = name === language ? 0 : -1
    }
    byId('code').setAttribute('aria-labelledby', this.#tabs.get(language).id)
    this.show(this.#request)
  }

  /** Arrows move between tabs, as screen reader users expect of them. */
  #onKey(event) {
    const names = [...this.#tabs.keys()]
    const at = names.indexOf(this.#language)
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1 + names.length, Home: 0, End: names.length - 1 }[event.key]
    if (to === undefined) return
    event.preventDefault()
    const name = names[to % names.length]
    this.#choose(name)
    this.#tabs.get(name).focus()
  }

  async #copy() {
    const done = await copyText(byId('code'))
    setText(byId('copy'), done ? 'Copied' : 'Press Ctrl+C')
    setText(byId('announce'), done ? 'The code is copied.' : 'The code is selected; copy it with Control C.')
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => setText(byId('copy'), 'Copy'), 2000)
  }
}

/** Where the browser gives no clipboard (plain HTTP, or refused), the text is selected instead. */
async function copyText(source) {
  try {
    await navigator.clipboard.writeText(source.textContent)
    return true
  } catch {
    getSelection()?.selectAllChildren(source)
    return false
  }
}

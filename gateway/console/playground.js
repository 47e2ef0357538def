// Trying a model: sends what the form says, shows the answer as it comes and how fast it came.

import { answerElements } from './answers.js'
import { ApiFailure, call } from './api.js'
import { AskForm } from './ask-form.js'
import { CodePanel } from './code-panel.js'
import { Conversation } from './conversation.js'
import { byId } from './element.js'
import { failureElement } from './failure-words.js'
import { generate } from './generate.js'
import { buildRequest, modes } from './requests.js'
import { RunStats } from './run-stats.js'

/** Events: `model` when another one is chosen, `ended` after each answer. */
export class Playground extends EventTarget {
  #form = new AskForm()
  #code = new CodePanel()
  #conversation = new Conversation()
  #stats = new RunStats()
  /** @type {AbortController | undefined} */
  #run

  constructor() {
    super()
    byId('model').addEventListener('change', () => this.#onModel())
    byId('modes').addEventListener('change', (event) => this.#onMode(event.target.value))
    byId('ask').addEventListener('input', () => this.#showCode())
    byId('ask').addEventListener('submit', (event) => {
      event.preventDefault()
      this.#send()
    })
    byId('ask').addEventListener('keydown', (event) => this.#onKey(event))
    byId('stop').addEventListener('click', () => this.stop())
    byId('clear').addEventListener('click', () => this.clear())
    const wide = matchMedia('(min-width: 60rem)')
    const fit = () => {
      byId('parameters').open = wide.matches
    }
    wide.addEventListener('change', fit)
    fit()
  }

  get model() {
    return this.#form.model?.name
  }

  setModels(models) {
    if (this.#form.setModels(models)) this.#showCode()
  }

  choose(name) {
    byId('model').value = name
    this.#onModel()
    byId('playground').scrollIntoView({ block: 'nearest' })
    byId('prompt').focus({ preventScroll: true })
  }

  stop() {
    this.#run?.abort()
  }

  clear() {
    this.stop()
    this.#conversation.clear()
    this.#stats.clear()
    this.#showCode()
  }

  #onModel() {
    const { mode } = this.#form
    this.#form.showModel()
    if (this.#form.mode !== mode) this.clear()
    this.#showCode()
    this.dispatchEvent(new Event('model'))
  }

  #onMode(mode) {
    this.#form.showMode(mode)
    this.clear()
  }

  #onKey(event) {
    if (event.key === 'Escape') this.stop()
    if (event.key !== 'Enter' || event.isComposing || event.target.id !== 'prompt') return
    const sends = event.ctrlKey || event.metaKey || (this.#form.mode === 'chat' && !event.shiftKey)
    if (!sends) return
    event.preventDefault()
    byId('ask').requestSubmit()
  }

  #showCode() {
    const { mode } = this.#form
    this.#code.show(mode && buildRequest(mode, this.#form.values(this.#conversation.history)))
  }

  async #send() {
    const { mode, model } = this.#form
    if (this.#run || !model || !byId('ask').reportValidity()) return
    const prompt = byId('prompt').value
    if (prompt.trim() === '') {
      byId('prompt').focus()
      return
    }
    const request = buildRequest(mode, this.#form.values(this.#conversation.history))
    const run = new AbortController()
    this.#setRun(run)
    const answer = this.#conversation.ask(
      modes[mode].asksQuery ? `${request.body.query}\n\n${prompt}` : prompt,
      model.name,
    )
    if (mode === 'chat') byId('prompt').value = ''
    try {
      await this.#answer(request, answer, run.signal)
      answer.end('done')
      if (mode === 'chat') this.#conversation.remember(prompt, answer.text)
    } catch (error) {
      this.#onFailure(error, answer, run.signal)
      if (mode === 'chat' && answer.text !== '') this.#conversation.remember(prompt, answer.text)
      else if (byId('prompt').value === '') byId('prompt').value = prompt
    }
    this.#setRun(undefined)
    this.#showCode()
    this.dispatchEvent(new Event('ended'))
  }

  async #answer(request, answer, signal) {
    this.#stats.begin()
    if (modes[request.mode].streams) {
      const measured = await generate(request, signal, (text, kind, measured) => {
        answer.write(text, kind)
        this.#stats.show(measured)
      })
      this.#stats.end(measured.finish, measured)
      return
    }
    const response = await call(request.path, { body: request.body, signal })
    const body = await response.json()
    answer.add(answerElements[request.mode](body, request.body))
    this.#stats.end('complete', { usage: body.usage })
  }

  #onFailure(error, answer, signal) {
    if (signal.aborted) {
      answer.end('stopped')
      this.#stats.end('stopped')
      return
    }
    const failure = error instanceof ApiFailure ? error : new ApiFailure({ message: String(error.message) })
    answer.end('failed')
    answer.add(failureElement(failure))
    this.#stats.end('failed')
  }

  /** Both buttons have one place and size: nothing moves, and the focus goes from one to the other. */
  #setRun(run) {
    this.#run = run
    const [shown, hidden] = run ? ['stop', 'send'] : ['send', 'stop']
    const hadFocus = document.activeElement === byId(hidden)
    byId(hidden).hidden = true
    byId(shown).hidden = false
    if (hadFocus) byId(shown).focus()
  }
}
